//! `cargo athena submit`

use athena_protocol::{Exit, Submit, Verb};

use super::messages;
use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Has the model's runner put messages into a queue.
pub(crate) fn run(verb: cli::Submit, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let (catalog, model) = session.find(&verb.model)?;
    let request = Submit {
        model: catalog.models[model].info.id.clone(),
        messages: messages(verb.message, verb.messages),
        input_format: verb.input_format.into(),
        to: verb.to,
        rejects: verb.rejects,
    };
    Ok(Exit::of(session.ask_for(&catalog, model, Verb::Submit(request))?.exit))
}
