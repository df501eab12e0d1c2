//! Runs calls on all cores, and returns their outcomes in order.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use athena_cases::case::CaseOutcome;
use athena_core::environment::{ErasedEnv, Variables};
use athena_core::error::{Error, Result};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_process::STACK_SIZE;

/// A model called with a message under an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) model: String,
    pub(super) variables: Variables,
    pub(super) input: String,
    /// The name of the message in errors.
    pub(super) origin: String,
}

/// The outcome of every call, in their order.
///
/// # Errors
///
/// The first call, in their order, that has no outcome.
pub(super) fn evaluate(registry: &Registry, calls: &[Call]) -> Result<Vec<CaseOutcome>> {
    run(registry, calls, Some(&AtomicBool::new(false)))?.into_iter().collect()
}

/// The outcome of every call that has one.
///
/// # Errors
///
/// No thread can be started.
pub(super) fn evaluate_each(
    registry: &Registry,
    calls: &[Call],
) -> Result<Vec<Result<CaseOutcome>>> {
    run(registry, calls, None)
}

/// Runs the calls; with `failed`, until the first that has no outcome.
fn run(
    registry: &Registry,
    calls: &[Call],
    failed: Option<&AtomicBool>,
) -> Result<Vec<Result<CaseOutcome>>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(calls.len());
    if threads <= 1 {
        return Ok(run_part(registry, calls, failed));
    }
    std::thread::scope(|scope| {
        let mut parts = Vec::new();
        for part in calls.chunks(calls.len().div_ceil(threads)) {
            let handle = std::thread::Builder::new()
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || run_part(registry, part, failed))
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
            parts.push(handle);
        }
        let mut all = Vec::with_capacity(calls.len());
        for part in parts {
            match part.join() {
                Ok(recorded) => all.extend(recorded),
                Err(_) => return Err(Error::failure("recording panicked outside a model")),
            }
        }
        Ok(all)
    })
}

fn run_part(
    registry: &Registry,
    calls: &[Call],
    failed: Option<&AtomicBool>,
) -> Vec<Result<CaseOutcome>> {
    let mut caller = Caller { registry, outcome: Outcome::default(), last_env: None };
    let mut all = Vec::with_capacity(calls.len());
    for call in calls {
        if failed.is_some_and(|failed| failed.load(Ordering::Relaxed)) {
            break;
        }
        let recorded = caller.call(call);
        if let (Err(_), Some(failed)) = (&recorded, failed) {
            failed.store(true, Ordering::Relaxed);
        }
        all.push(recorded);
    }
    all
}

/// Calls models one after the other. Calls with equal variables share their settings.
struct Caller<'a> {
    registry: &'a Registry,
    outcome: Outcome,
    last_env: Option<(&'a Variables, &'a str, ErasedEnv)>,
}

impl<'a> Caller<'a> {
    fn call(&mut self, call: &'a Call) -> Result<CaseOutcome> {
        let entry = self.registry.find(&call.model)?;
        let known = self
            .last_env
            .as_ref()
            .filter(|(variables, model, _)| **variables == call.variables && *model == call.model);
        let env = match known {
            Some((_, _, env)) => env.clone(),
            None => entry.model.read_env(call.variables.clone())?,
        };
        let message = Message::Json(&call.input);
        if let Err(failure) = invoke(entry.model, &env, message, &mut self.outcome) {
            let failed = || Error::failure(format!("{} on {}: {failure}", call.model, call.origin));
            return Err(match &failure {
                Failure::Message(error) => Error::usage(format!("{}: {error}", call.origin)),
                Failure::Panic(_) => failed().help("a panic is never recorded"),
                Failure::Outcome(_) => failed().help(
                    "an outcome is recorded as JSON: have the model return what JSON can hold, or an error",
                ),
            });
        }
        let recorded = CaseOutcome::new(entry.model.source().many, &self.outcome);
        self.last_env = Some((&call.variables, &call.model, env));
        Ok(recorded)
    }
}
