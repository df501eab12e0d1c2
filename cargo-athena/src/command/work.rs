//! `cargo athena work`

use athena_protocol::{Exit, Verb, Work};

use super::choose::one_runner;
use super::{captured, environments, millis};
use crate::cli;
use crate::error::Result;
use crate::session::Session;

/// Builds the runner that has the models, and hands over to it.
pub(crate) fn run(verb: cli::Work, output: cli::Output) -> Result<Exit> {
    let session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let (runner, models) = one_runner(&catalog, &verb.models, "a worker")?;
    let request = Work {
        models,
        from: verb.from,
        to: verb.to,
        environments: environments(verb.environment),
        allow_env_override: verb.allow_env_override,
        processes: verb.processes.map(Into::into),
        prefetch: verb.prefetch.map(Into::into),
        attempts: verb.attempts.map(Into::into),
        backoff_ms: verb.backoff.map(millis),
        timeout_ms: verb.timeout.map(millis),
        memory_limit: verb.memory_limit,
        lease_ms: verb.lease.map(millis),
        exit_when_idle_ms: verb.exit_when_idle.map(millis),
        grace_ms: verb.grace.map(millis),
        metrics: verb.metrics,
        capture: captured(verb.capture),
    };
    session.exec_runner(&catalog.runners[runner], Verb::Work(request))
}
