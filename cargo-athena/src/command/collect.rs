//! `cargo athena collect`

use athena_protocol::{Collect, Exit, Verb};

use crate::cli::Built;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::session::Session;

/// Has a runner print the outcomes of a queue.
pub(crate) fn run(Built { args, build }: Built<Collect>, output: OutputOptions) -> Result<Exit> {
    let session = Session::open(build, output)?;
    let catalog = session.catalog(false)?;
    let runner = catalog.runner_with(broker(&args.from));
    Ok(Exit::of(session.ask(runner, Verb::Collect(args))?.exit))
}

/// The feature of `athena-rt` that reads the queue of this URL.
fn broker(url: &str) -> &'static str {
    match url.split_once("://") {
        Some(("nats" | "tls", _)) => "nats",
        Some(("redis" | "rediss", _)) => "redis",
        _ => "queue",
    }
}
