//! `cargo athena serve`

use athena_protocol::{Exit, Serve, Verb};

use super::choose::one_runner;
use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Builds the runner that has the models, and becomes it.
pub(crate) fn run(Built { args, build }: Built<Serve>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    let catalog = session.catalog(false)?;
    let (runner, models) = one_runner(&catalog, &args.models, "a service")?;
    session.exec_runner(&catalog.runners[runner], Verb::Serve(Serve { models, ..args }))
}
