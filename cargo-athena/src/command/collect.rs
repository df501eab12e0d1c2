//! `cargo athena collect`

use std::time::Duration;

use athena_protocol::{Collect, Exit, Verb};

use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Has a runner print the outcomes of a queue: the first, since any reads a queue.
pub(crate) fn run(verb: cli::Collect, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let request = Collect {
        from: verb.from,
        dead: verb.dead,
        keep: verb.keep,
        wait_ms: verb
            .wait
            .map(|time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        max: verb.max.map(Into::into),
    };
    Ok(Exit::of(session.ask(&catalog.runners[0], Verb::Collect(request))?.exit))
}
