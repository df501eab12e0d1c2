//! `cargo athena run`

use std::io::{IsTerminal, stdout};

use athena_protocol::{Exit, Run, Verb};

use crate::cli::RunVerb;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Runs a model, or shows a message for it; its runner prints the outcomes.
pub(crate) fn run(verb: RunVerb, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let terminal = stdout().is_terminal();
    let run = Run { terminal, example: verb.example, ..verb.args.into() };
    session.ask_model(Verb::Run(run))
}
