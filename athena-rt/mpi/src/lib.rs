//! Messages over the ranks of an Open MPI job.
//!
//! Rank 0 is the [manager]. It [splits](chunker) the input into batches, [distributes](batching) them
//! over the workers, stores their outcomes in a [journal], and writes the [results] in order. All
//! other ranks are [workers](worker). Each has a [model process](model_process) that runs the model on
//! all cores, and a [scheduler] that chooses what the process runs, and finds the message at fault
//! when it dies. A job of one rank is a manager and a worker in one process, without MPI.
//!
//! - [files] checks the files of a job. [resume] starts a job, or continues one from its journal if
//!   the [identity](job_identity), which includes the [build](build_id) of the program, is the same.
//! - [wire] has the messages between ranks, [channel] the traits that send them, and [ranks] MPI.
//! - [heartbeat] aborts a job if a rank does not respond.
//! - [summary] reports the rates of the ranks and the slowest batches.

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

mod batching;
mod build_id;
mod channel;
mod chunker;
mod files;
mod heartbeat;
mod job_identity;
mod journal;
mod manager;
mod model_process;
mod ranks;
mod results;
mod resume;
mod scheduler;
mod summary;
#[cfg(test)]
mod tests;
mod wire;
mod worker;

use std::path::Path;
use std::time::Duration;

use athena_protocol::{Exit, Mpi};

use self::batching::BatchSizes;
use self::chunker::Input;
use self::manager::Manager;
pub use self::model_process::{ROLE, run_model_process};
use self::ranks::Ranks;
use self::resume::open_job;
use self::wire::JobConfig;

use athena_cases::environments;
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_engine::handler::Handler;
use athena_engine::local::StreamSummary;

/// The default time after which the job fails if a rank does not respond.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_mins(1);

/// The default number of crashes, alone in its process, after which a message is rejected.
const MAX_CRASHES: u32 = 2;

/// The environment of a job, in addition to the request.
pub struct JobContext<'a> {
    pub registry: &'a Registry,
    pub fixtures: &'a Path,
    pub quiet: bool,
    /// Prints the error of a failed job, before all ranks are ended.
    pub report_error: fn(&Error),
}

/// Runs a job, or this rank's share of it.
///
/// # Errors
///
/// The request can't be executed. The other ranks have ended.
pub fn run(context: &JobContext<'_>, request: &Mpi) -> Result<Exit> {
    let heartbeat_timeout =
        request.heartbeat_timeout_ms.map_or(HEARTBEAT_TIMEOUT, Duration::from_millis);
    if !ranks::is_launched() {
        return run_in_process(context, request, heartbeat_timeout);
    }
    let ranks = Ranks::join()?;
    if ranks.size() == 1 {
        return run_in_process(context, request, heartbeat_timeout);
    }
    if !ranks.is_manager() {
        worker::run_worker(&mut ranks.worker_channel(), heartbeat_timeout);
        return Ok(Exit::Success);
    }
    let mut channel = ranks.manager_channel();
    let manager = match prepare(context, request, heartbeat_timeout, ranks.size()) {
        Ok(manager) => manager,
        Err(error) => {
            manager::end_workers(&mut channel);
            return Err(error);
        }
    };
    match manager.run(&mut channel) {
        Ok(streamed) => Ok(exit_code(request, streamed)),
        Err(error) => {
            (context.report_error)(&error);
            ranks.abort(error.exit().code())
        }
    }
}

/// Runs a job of one rank.
fn run_in_process(
    context: &JobContext<'_>,
    request: &Mpi,
    heartbeat_timeout: Duration,
) -> Result<Exit> {
    let manager = prepare(context, request, heartbeat_timeout, 1)?;
    let (mut manager_channel, mut worker_channel) = channel::in_process();
    let streamed = std::thread::scope(|scope| {
        scope.spawn(move || worker::run_worker(&mut worker_channel, heartbeat_timeout));
        let streamed = manager.run(&mut manager_channel);
        if streamed.is_err() {
            manager::end_workers(&mut manager_channel);
        }
        streamed
    })?;
    Ok(exit_code(request, streamed))
}

fn exit_code(request: &Mpi, streamed: StreamSummary) -> Exit {
    if streamed.rejected == 0 {
        return Exit::Success;
    }
    if let Some(rejects) = &request.rejects {
        print_stderr(&format!(
            "{} of {} failed: {} has them",
            streamed.rejected,
            plural(streamed.messages, "message"),
            rejects.display()
        ));
    }
    Exit::Failure
}

/// Checks the whole request and opens the job's files.
fn prepare(
    context: &JobContext<'_>,
    request: &Mpi,
    heartbeat_timeout: Duration,
    ranks: usize,
) -> Result<Manager> {
    if let Some(expected) = request.expect_ranks
        && expected != ranks
    {
        return Err(Error::usage(format!(
            "{} expected, but the job has {}",
            if expected == 1 { "1 rank was".to_owned() } else { format!("{expected} ranks were") },
            plural(ranks, "rank")
        ))
        .help("if each process believes that it is alone, the launcher belongs to another MPI than the one this program was built with"));
    }
    if request.expect_ranks.is_none() && ranks == 1 {
        ranks::check_alone(|name| std::env::var(name).ok())?;
    }
    let entry = context.registry.find(&request.model)?;
    let mut chosen = environments::resolve(entry, context.fixtures, &request.environments)?;
    if chosen.len() > 1 {
        return Err(
            Error::usage("a job has only one environment").help("run one job per environment")
        );
    }
    let variables = chosen.pop().map(|chosen| chosen.variables).unwrap_or_default();
    // Invalid variables are reported before any rank starts.
    Handler::new(entry, variables.clone())?;
    let config = JobConfig {
        model: entry.id.clone(),
        variables,
        input_format: request.input_format,
        output_format: request.output_format,
        threads: 1,
        crashes: request.crashes.unwrap_or(MAX_CRASHES).max(1),
        timeout_ms: request.timeout_ms,
        memory_limit: request.memory_limit,
    };
    let path = match &request.journal {
        Some(path) => path.clone(),
        None => request.out.with_added_extension("journal"),
    };
    files::check_files(
        &request.messages,
        &request.out,
        request.rejects.as_deref(),
        &path,
        &request.environments.files,
        context.fixtures,
    )?;
    let mut input = Input::open(&request.messages, request.input_format)?;
    let default = BatchSizes::default();
    let sizes = BatchSizes {
        target_time: request.batch_ms.map_or(default.target_time, Duration::from_millis),
        max_bytes: request
            .batch_bytes
            .map_or(default.max_bytes, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
            .max(1),
    };
    let state = open_job(request, &config, &mut input, &path)?;
    if let (Some(messages), false) = (state.done_messages, context.quiet) {
        print_stderr(&format!("resuming: {} done before", plural(messages, "message")));
    }
    Ok(Manager {
        input,
        journal: state.journal,
        results: state.results,
        reorder: state.reorder,
        unfinished: state.unfinished,
        done_bytes: state.done_bytes,
        config,
        allow_other_build: request.allow_other_build,
        jobs: request.jobs,
        sizes,
        heartbeat_timeout,
        shows_progress: (request.terminal || ranks::has_terminal()) && !context.quiet,
        print: if context.quiet { |_| {} } else { print_stderr },
    })
}
