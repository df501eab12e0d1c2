//! `cargo athena mv`

use athena_protocol::{Exit, Move, Verb};

use crate::cli;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Renames the cases of a renamed model.
pub(crate) fn run(verb: cli::Mv, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let (catalog, model) = session.find(&verb.new)?;
    let request = Move { old: verb.old, new: catalog.models[model].info.id.clone() };
    Ok(Exit::of(session.ask_for(&catalog, model, Verb::Move(request))?.exit))
}
