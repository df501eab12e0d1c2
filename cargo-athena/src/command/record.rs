//! `cargo athena record`

use athena_protocol::{Exit, Record, Rerecord, Verb};

use super::{environments, messages, worst};
use crate::cli;
use crate::error::{Error, Result};
use crate::session::Session;

/// Records a model's runs, or renews what is recorded; the runner prints what it wrote.
pub(crate) fn run(verb: cli::Record, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build.clone(), output)?;
    if verb.rerecord {
        return renew(&session, &verb);
    }
    let [name] = &verb.model[..] else {
        return Err(Error::usage("record takes one model")
            .help("to renew recorded cases: cargo athena record --rerecord [FILTER]..."));
    };
    let (catalog, model) = session.find(name)?;
    let package = catalog.models[model].info.package.clone();
    let request = Record {
        model: catalog.models[model].info.id.clone(),
        messages: messages(verb.message, verb.messages),
        environments: environments(verb.environment),
        case: verb.case,
        suite: verb.suite,
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
    match worst(exits) {
        Exit::Nothing => Err(Error::nothing(if filters.is_empty() {
            "no case is recorded yet".to_owned()
        } else {
            format!("no recorded case has {} in its name", filters.join(" or "))
        })
        .help("record one: cargo athena record MODEL")),
        exit => Ok(exit),
    }
}
