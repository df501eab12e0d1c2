//! `cargo athena record`

use std::path::Path;

use athena_protocol::{Exit, Record, RecordArgs, Rerecord, Verb};

use super::generate;
use crate::advice::{CASE_NAMES, record_first};
use crate::capture;
use crate::cli::Built;
use crate::console::print_status;
use crate::display::one_line;
use crate::error::{Error, Result};
use crate::gaps::untested_models;
use crate::options::OutputOptions;
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::{refuse_unmatched, refuse_unmatched_of};

/// How many characters of a name are shown.
const WIDTH: usize = 160;

/// Records a model's runs, or existing cases again; the runner prints what it wrote.
pub(crate) fn run(verb: Built<RecordArgs>, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_stderr(output.color);
    if verb.args.generation.generate {
        return generate::run(verb, output);
    }
    let session = Session::open(verb.build, output)?;
    if let Some(request) = verb.args.rerecord() {
        return rerecord(&session, &request);
    }
    let RecordArgs { names, record, .. } = verb.args;
    if let Some(file) = &record.from_capture {
        return from_capture(&session, &names.models, &record, file, style);
    }
    let name: &str = match &names.models[..] {
        [] => "",
        [name] => name,
        several => {
            return Err(Error::usage("record takes one model").help(by_names(several)));
        }
    };
    let (catalog, model) = session.find(name)?;
    let package = catalog.models[model].info.package.clone();
    let request = Record {
        model: catalog.models[model].info.id.clone(),
        schemas: session.schemas(&catalog, None, vec![package]),
        ..record
    };
    let exit = Exit::of(session.ask_for(&catalog, model, Verb::Record(request))?.exit);
    let id = catalog.models[model].info.id.as_str();
    if exit == Exit::Success && !session.is_quiet() {
        for (_, target) in untested_models(&catalog, &[id]) {
            print_status(&format!(
                "{} plain `cargo test` does not replay this case: {}",
                style.note("note:"),
                target.advice()
            ));
        }
    }
    Ok(exit)
}

/// The command that takes these words for parts of the names of cases.
fn by_names(words: &[String]) -> String {
    format!(
        "to record existing cases again, by their names: cargo athena record --rerecord {}",
        words.join(" ")
    )
}

/// Has every runner record the cases of the models it owns again: of those that are named, if any is.
fn rerecord(session: &Session, asked: &Rerecord) -> Result<Exit> {
    let catalog = session.catalog(false)?;
    let mut wanted = Vec::new();
    for name in &asked.models {
        let model = catalog.find(name).map_err(|error| error.help(by_names(&asked.models)))?;
        wanted.push(model.info.id.clone());
    }
    if wanted.is_empty() {
        refuse_unmatched(session.fixtures(), &asked.filters, false)?;
    } else {
        refuse_unmatched_of(session.fixtures(), &wanted, &asked.filters)?;
    }
    let mut exits = Vec::new();
    for (at, runner) in catalog.runners.iter().enumerate() {
        let mut models = catalog.owned(at);
        models.retain(|id| wanted.is_empty() || wanted.contains(id));
        if models.is_empty() {
            continue;
        }
        let request = Rerecord {
            models,
            schemas: session.schemas(&catalog, None, catalog.checked(at)),
            ..asked.clone()
        };
        exits.push(Exit::of(session.ask(runner, Verb::Rerecord(request))?.exit));
    }
    match Exit::worst(exits) {
        Exit::Nothing => {
            let first = wanted.first().map(String::as_str).or(catalog.first_id());
            let help =
                if asked.filters.is_empty() { record_first(first) } else { CASE_NAMES.to_owned() };
            let asked = Rerecord { models: wanted, ..asked.clone() };
            Err(Error::nothing(asked.nothing_selected()).help(help))
        }
        exit => Ok(exit),
    }
}

/// Has the runner of each model record what the file has of it.
fn from_capture(
    session: &Session,
    names: &[String],
    asked: &Record,
    file: &Path,
    style: Style,
) -> Result<Exit> {
    let mut found = capture::models(file)?;
    let catalog = session.catalog(false)?;
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(catalog.find(name)?.info.id.clone());
    }
    found.retain(|id, _| wanted.is_empty() || wanted.contains(id));
    if found.is_empty() {
        return Err(Error::nothing(format!("{} has no messages", file.display())));
    }
    let mut exits = Vec::new();
    for (id, messages) in found {
        let Some(model) = catalog.models.iter().position(|model| model.info.id == id) else {
            let error = Error::failure(format!("no model is named {}", one_line(&id, WIDTH)))
                .cause(format!("{} has {messages} of its messages", file.display()))
                .help("the others are recorded; captured messages of a renamed model can't be recorded");
            error.print(style);
            exits.push(Exit::Failure);
            continue;
        };
        let package = catalog.models[model].info.package.clone();
        let request = Record {
            model: id,
            schemas: session.schemas(&catalog, None, vec![package]),
            ..asked.clone()
        };
        let exit = Exit::of(session.ask_for(&catalog, model, Verb::Record(request))?.exit);
        exits.push(exit);
        // What is wrong with the command is wrong for every model.
        if exit == Exit::Usage {
            break;
        }
    }
    Ok(Exit::worst(exits))
}
