//! `cargo athena collect`

use athena_protocol::{Collect, Exit, Verb};

use super::millis;
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
        wait_ms: verb.wait.map(millis),
        max: verb.max.map(Into::into),
    };
    Ok(Exit::of(session.ask(&catalog.runners[0], Verb::Collect(request))?.exit))
}
