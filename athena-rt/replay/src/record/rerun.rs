//! The second run: the same calls in a fresh process, where everything that a model should not depend
//! on is different.

use std::collections::BTreeSet;
use std::time::Duration;

use super::evaluate::{Call, evaluate_each};
use athena_cases::case::CaseOutcome;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::{
    ModelProcess, Parent, ProcessConfig, ProcessEvent, Response, SpawnOptions, Stderr,
};

/// The role of the second process.
pub const ROLE: &str = "record";

/// How often its watchdog looks.
const TICK: Duration = Duration::from_millis(50);

const HELP: &str = "the second run is in a fresh process with another time zone, locale, working directory and hash seed";

/// The outcome of each call, or why it has none.
type Outcomes = Vec<Result<CaseOutcome, String>>;

/// Runs the calls in a fresh process. The error of one says why it has no outcome there.
pub(super) fn rerun_isolated(calls: &[&Call]) -> Result<Vec<Result<CaseOutcome>>> {
    // A model that reads a declared variable by itself does not find it.
    let names = calls.iter().flat_map(|call| &call.variables).map(|(name, _)| name.as_str());
    let is_needed = |name: &&str| ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].contains(name);
    let hidden: BTreeSet<&str> = names.filter(|name| !is_needed(name)).collect();
    let options = SpawnOptions {
        hidden: hidden.into_iter().map(str::to_owned).collect(),
        stderr: Stderr::Discard,
        perturbed: true,
        ..SpawnOptions::default()
    };
    let mut process = ModelProcess::start(&ProcessConfig::new(ROLE, 1), &options, &calls)?;
    let outcomes: Outcomes = loop {
        match process.next(Duration::MAX) {
            ProcessEvent::Response(bytes) => match Response::read(&bytes) {
                Some(Response::Done { body, .. }) => {
                    break serde_json::from_slice(body).map_err(|error| {
                        Error::failure(format!("the model's second run is unreadable: {error}"))
                    })?;
                }
                Some(Response::Failed { message, .. }) => return Err(only_in_rerun(message)),
                _ => {}
            },
            ProcessEvent::Nothing => {}
            ProcessEvent::Exited(exit) => {
                return Err(Error::failure(format!(
                    "the model's second run has no outcome, its process {exit}: it is not recorded"
                ))
                .help(HELP));
            }
        }
    };
    process.stop(true);
    if outcomes.len() != calls.len() {
        return Err(Error::failure("the model's second run left calls out"));
    }
    Ok(outcomes.into_iter().map(|outcome| outcome.map_err(|why| only_in_rerun(&why))).collect())
}

fn only_in_rerun(reason: &str) -> Error {
    Error::failure(format!("the model's second run failed, its first did not: {reason}")).help(HELP)
}

/// Runs the calls that the first process sends, in the second.
pub fn run_second_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let mut parent = Parent::connect(config)?;
    parent.watch(TICK);
    let Some(outcomes) = parent.open(|calls: Vec<Call>| evaluate_each(registry, &calls))? else {
        return Ok(());
    };
    let message = |outcome: Result<CaseOutcome>| outcome.map_err(|error| error.to_string());
    let outcomes: Outcomes = outcomes.into_iter().map(message).collect();
    let body = serde_json::to_vec(&outcomes).map_err(|error| Error::failure(error.to_string()))?;
    parent.responses().send(&Response::Done { id: 0, nanos: 0, status: 0, body: &body });
    Ok(())
}
