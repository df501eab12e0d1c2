//! `cargo athena collect`

use athena_protocol::{Collect, Exit, Verb, broker_of};

use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has a runner print the outcomes of a queue.
pub(crate) fn run(Built { args, build }: Built<Collect>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    let catalog = session.catalog(false)?;
    let feature = broker_of(&args.from).map_or("queue", |broker| broker.feature);
    let runner = catalog.runner_with(feature);
    Ok(Exit::of(session.ask(runner, Verb::Collect(args))?.exit))
}
