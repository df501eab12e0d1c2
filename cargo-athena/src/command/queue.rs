//! `cargo athena queue`

use athena_protocol::{Exit, Verb, broker_of};

use crate::cli::{Built, QueueVerb};
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has a runner look at a queue.
pub(crate) fn run(verb: QueueVerb, output: OutputOptions) -> Result<Exit> {
    let QueueVerb::Status(Built { args, build }) = verb;
    let session = Session::open(build, output)?;
    let catalog = session.catalog(false)?;
    let feature = broker_of(&args.queue).map_or("queue", |broker| broker.feature);
    let runner = catalog.runner_with(feature);
    Ok(Exit::of(session.ask(runner, Verb::QueueStatus(args))?.exit))
}
