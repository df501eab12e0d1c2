//! Messages over the ranks of an Open MPI job.
//!
//! Rank 0 is the [manager]: it [cuts](cut) the input into batches, [deals](deal) them, keeps what
//! comes of them in a [journal] and puts it out in [order]. All other ranks are [workers](worker), and
//! each has a [process](model_process) that runs the model on all cores. What goes between ranks is in [wire], MPI
//! itself in [ranks]. A job of one rank is a manager and a worker in one process, without MPI.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod begin;
mod cut;
mod deal;
mod files;
mod journal;
mod link;
mod manager;
mod model_process;
mod order;
mod program;
mod ranks;
mod results;
mod same;
mod scheduler;
mod silence;
mod summary;
#[cfg(test)]
mod tests;
mod wire;
mod worker;

use std::path::Path;
use std::time::Duration;

use athena_protocol::{Exit, Mpi};

use self::begin::begin;
use self::cut::Input;
use self::deal::Sizes;
use self::link::pair;
use self::manager::Manager;
pub use self::model_process::{ROLE, run_model_process};
use self::ranks::Ranks;
use self::wire::Orders;

use athena_cases::settings;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::say;
use athena_engine::handler::Handler;
use athena_engine::local::Streamed;

/// How long a rank may say nothing.
const SILENCE: Duration = Duration::from_mins(1);

/// How often a message may kill its process alone.
const CRASHES: u32 = 2;

/// What a job needs beside what was asked.
pub struct Surroundings<'a> {
    pub registry: &'a Registry,
    pub fixtures: &'a Path,
    pub quiet: bool,
    /// Prints an error, since a job that fails ends here and now.
    pub report: fn(&Error),
}

/// Runs a job, or this rank's share of it.
///
/// # Errors
///
/// What was asked can't be done; the other ranks have ended then.
pub fn run(around: &Surroundings<'_>, request: &Mpi) -> Result<Exit> {
    let silence = request.heartbeat_timeout_ms.map_or(SILENCE, Duration::from_millis);
    if !ranks::is_launched() {
        return alone(around, request, silence);
    }
    let ranks = Ranks::join()?;
    if ranks.size() == 1 {
        return alone(around, request, silence);
    }
    if !ranks.is_manager() {
        worker::work(&mut ranks.to_manager(), silence);
        return Ok(Exit::Success);
    }
    let mut link = ranks.to_workers();
    let manager = match prepare(around, request, silence, ranks.size()) {
        Ok(manager) => manager,
        Err(error) => {
            manager::end(&mut link);
            return Err(error);
        }
    };
    match manager.run(&mut link) {
        Ok(streamed) => Ok(verdict(request, streamed)),
        Err(error) => {
            (around.report)(&error);
            ranks.abort(error.exit().code())
        }
    }
}

/// A job of one rank.
fn alone(around: &Surroundings<'_>, request: &Mpi, silence: Duration) -> Result<Exit> {
    let manager = prepare(around, request, silence, 1)?;
    let (mut to_worker, mut to_manager) = pair();
    let streamed = std::thread::scope(|scope| {
        scope.spawn(move || worker::work(&mut to_manager, silence));
        let streamed = manager.run(&mut to_worker);
        if streamed.is_err() {
            manager::end(&mut to_worker);
        }
        streamed
    })?;
    Ok(verdict(request, streamed))
}

fn verdict(request: &Mpi, streamed: Streamed) -> Exit {
    if streamed.rejected == 0 {
        return Exit::Success;
    }
    if let Some(rejects) = &request.rejects {
        say(&format!(
            "{} of {} messages failed: {} has them",
            streamed.rejected,
            streamed.messages,
            rejects.display()
        ));
    }
    Exit::Failure
}

/// All that can be wrong with what was asked is found here.
fn prepare(
    around: &Surroundings<'_>,
    request: &Mpi,
    silence: Duration,
    ranks: usize,
) -> Result<Manager> {
    if let Some(expected) = request.expect_ranks
        && expected != ranks
    {
        return Err(Error::usage(format!("{expected} ranks were expected, and there are {ranks}"))
            .help("where each process believes to be alone, the launcher is of another MPI than this program was built with"));
    }
    let entry = around.registry.find(&request.model)?;
    let mut chosen = settings::choose(entry, around.fixtures, &request.environments)?;
    if chosen.len() > 1 {
        return Err(Error::usage("a job runs under one environment").help("run it once for each"));
    }
    let variables = chosen.pop().map(|chosen| chosen.variables).unwrap_or_default();
    // What can't be read is told before any rank begins.
    Handler::new(entry, variables.clone())?;
    let orders = Orders {
        model: entry.id.clone(),
        variables,
        input_format: request.input_format,
        output_format: request.output_format,
        threads: 1,
        crashes: request.crashes.unwrap_or(CRASHES).max(1),
        timeout_ms: request.timeout_ms,
        memory_limit: request.memory_limit,
    };
    let path = match &request.journal {
        Some(path) => path.clone(),
        None => request.out.with_added_extension("journal"),
    };
    files::check(&request.messages, &request.out, request.rejects.as_deref(), &path)?;
    let mut input = Input::open(&request.messages, request.input_format)?;
    let default = Sizes::default();
    let sizes = Sizes {
        time: request.batch_ms.map_or(default.time, Duration::from_millis),
        most: request
            .batch_bytes
            .map_or(default.most, |most| usize::try_from(most).unwrap_or(usize::MAX))
            .max(1),
    };
    let begun = begin(request, &orders, &mut input, &path)?;
    if let (Some(messages), false) = (begun.before, around.quiet) {
        say(&format!("going on: {messages} messages are done"));
    }
    Ok(Manager {
        input,
        journal: begun.journal,
        results: begun.results,
        order: begun.order,
        again: begun.again,
        bytes: begun.bytes,
        orders,
        allow_other_build: request.allow_other_build,
        jobs: request.jobs,
        sizes,
        silence,
        shows_progress: (request.terminal || ranks::is_watched()) && !around.quiet,
        tell: if around.quiet { |_| {} } else { say },
    })
}
