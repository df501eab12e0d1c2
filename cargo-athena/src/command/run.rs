//! `cargo athena run`

use std::io::{IsTerminal, stdout};

use athena_protocol::{Exit, Run, RunArgs, Verb};

use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Runs a model; its runner prints the outcomes.
pub(crate) fn run(verb: Built<RunArgs>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let run = Run { terminal: stdout().is_terminal(), ..verb.args.into() };
    session.ask_model(Verb::Run(run))
}
