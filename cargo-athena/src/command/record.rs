//! `cargo athena record`

use std::path::Path;

use athena_protocol::{Exit, Record, Rerecord, Verb};

use super::{environments, messages};
use crate::capture;
use crate::cli;
use crate::display::one_line;
use crate::error::{Error, Result};
use crate::exit::combined_exit;
use crate::session::Session;
use crate::style::Style;

/// How many characters of a name are shown.
const WIDTH: usize = 160;

/// Records a model's runs, or renews what is recorded; the runner prints what it wrote.
pub(crate) fn run(verb: cli::Record, output: cli::Output) -> Result<Exit> {
    let style = Style::for_stderr(output.color);
    let session = Session::open(verb.build.clone(), output)?;
    if verb.rerecord {
        return renew(&session, &verb);
    }
    if let Some(file) = &verb.from_capture {
        return from_capture(&session, &verb, file, style);
    }
    let [name] = &verb.model[..] else {
        return Err(Error::usage("record needs exactly one model")
            .help("to record cases again: cargo athena record --rerecord [FILTER]..."));
    };
    let (catalog, model) = session.find(name)?;
    let package = catalog.models[model].info.package.clone();
    let request = Record {
        model: catalog.models[model].info.id.clone(),
        messages: messages(verb.message, verb.messages),
        environments: environments(verb.environment),
        case: verb.case,
        suite: verb.suite,
        from_capture: None,
        force: verb.force,
        schemas: session.schemas(&catalog, None, vec![package]),
        accept_breaking: verb.accept_breaking,
        input_format: verb.input_format.into(),
    };
    Ok(Exit::of(session.ask_for(&catalog, model, Verb::Record(request))?.exit))
}

/// Has every runner renew the cases of the models it owns.
fn renew(session: &Session, verb: &cli::Record) -> Result<Exit> {
    let filters = &verb.model;
    let catalog = session.catalog(false)?;
    let mut exits = Vec::new();
    for (at, runner) in catalog.runners.iter().enumerate() {
        let models = catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Rerecord {
            models,
            filters: filters.clone(),
            force: verb.force,
            schemas: session.schemas(&catalog, None, catalog.checked(at)),
            accept_breaking: verb.accept_breaking,
            ..Rerecord::default()
        };
        exits.push(Exit::of(session.ask(runner, Verb::Rerecord(request))?.exit));
    }
    match combined_exit(exits) {
        Exit::Nothing => Err(Error::nothing(if filters.is_empty() {
            "no case is recorded yet".to_owned()
        } else {
            format!("no recorded case contains {} in its name", filters.join(" or "))
        })
        .help("record one: cargo athena record MODEL")),
        exit => Ok(exit),
    }
}

/// Has the runner of each model record what the file has of it.
fn from_capture(session: &Session, verb: &cli::Record, file: &Path, style: Style) -> Result<Exit> {
    let mut found = capture::models(file)?;
    let catalog = session.catalog(false)?;
    let mut wanted = Vec::new();
    for name in &verb.model {
        wanted.push(catalog.find(name)?.info.id.clone());
    }
    found.retain(|id, _| wanted.is_empty() || wanted.contains(id));
    if found.is_empty() {
        return Err(Error::nothing(format!("{} has no messages", file.display())));
    }
    let mut exits = Vec::new();
    for (id, messages) in found {
        let Some(model) = catalog.models.iter().position(|model| model.info.id == id) else {
            let error = Error::failure(format!("there is no model {}", one_line(&id, WIDTH)))
                .cause(format!("{} has {messages} of its messages", file.display()))
                .help("the others are recorded; captured messages of a renamed model can't be recorded");
            error.print(style);
            exits.push(Exit::Failure);
            continue;
        };
        let package = catalog.models[model].info.package.clone();
        let request = Record {
            model: id,
            suite: verb.suite.clone(),
            from_capture: Some(file.to_owned()),
            force: verb.force,
            schemas: session.schemas(&catalog, None, vec![package]),
            accept_breaking: verb.accept_breaking,
            ..Record::default()
        };
        let exit = Exit::of(session.ask_for(&catalog, model, Verb::Record(request))?.exit);
        exits.push(exit);
        // What is wrong with the command is wrong for every model.
        if exit == Exit::Usage {
            break;
        }
    }
    Ok(combined_exit(exits))
}
