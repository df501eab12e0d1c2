//! `cargo athena run`

use std::io::{IsTerminal, stdout};

use athena_protocol::{Exit, Messages, Run, Verb};

use super::{environments, messages};
use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Runs a model; its runner prints what comes out.
pub(crate) fn run(verb: cli::Run, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let (catalog, model) = session.find(&verb.model)?;
    let request = Run {
        model: catalog.models[model].info.id.clone(),
        messages: match verb.case {
            Some(filter) => Messages::Cases(filter),
            None => messages(verb.message, verb.messages),
        },
        environments: environments(verb.environment),
        rejects: verb.rejects,
        jobs: verb.jobs.map(Into::into),
        terminal: stdout().is_terminal(),
        input_format: verb.input_format.into(),
        output_format: verb.output_format.into(),
    };
    Ok(Exit::of(session.ask_for(&catalog, model, Verb::Run(request))?.exit))
}
