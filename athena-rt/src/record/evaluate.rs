//! Many calls on all cores, in order.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::environment::{Frozen, Variables};
use crate::error::{Error, Result};
use crate::fixture::case::Recorded;
use crate::harness::STACK;
use crate::invoke::{Failure, invoke};
use crate::model::Message;
use crate::outcome::Outcome;
use crate::registry::Registry;

/// A model called with a message under an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) model: String,
    pub(super) variables: Variables,
    pub(super) input: String,
    /// What to call the message when it is wrong.
    pub(super) origin: String,
}

/// The outcome of every call, in their order.
///
/// # Errors
///
/// The first call, in their order, that has no outcome: nothing is recorded then.
pub(super) fn evaluate(registry: &Registry, calls: &[Call]) -> Result<Vec<Recorded>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(calls.len());
    if threads <= 1 {
        return evaluate_part(registry, calls, &AtomicBool::new(false));
    }
    let failed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut parts = Vec::new();
        for part in calls.chunks(calls.len().div_ceil(threads)) {
            let failed = &failed;
            let handle = std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, move || evaluate_part(registry, part, failed))
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
            parts.push(handle);
        }
        let mut all = Vec::with_capacity(calls.len());
        for part in parts {
            match part.join() {
                Ok(recorded) => all.extend(recorded?),
                Err(_) => return Err(Error::failure("recording panicked outside a model")),
            }
        }
        Ok(all)
    })
}

fn evaluate_part(
    registry: &Registry,
    calls: &[Call],
    failed: &AtomicBool,
) -> Result<Vec<Recorded>> {
    let mut outcome = Outcome::default();
    let mut frozen: Option<(&Variables, &str, Frozen)> = None;
    let mut all = Vec::with_capacity(calls.len());
    for call in calls {
        if failed.load(Ordering::Relaxed) {
            break;
        }
        let entry = registry.find(&call.model)?;
        let known = frozen
            .as_ref()
            .filter(|(variables, model, _)| **variables == call.variables && *model == call.model);
        let env = match known {
            Some((_, _, env)) => env.clone(),
            None => entry.model.freeze(call.variables.clone())?,
        };
        if let Err(failure) = invoke(entry.model, &env, Message::Json(&call.input), &mut outcome) {
            failed.store(true, Ordering::Relaxed);
            return Err(match failure {
                Failure::Message(error) => Error::usage(format!("{}: {error}", call.origin)),
                _ => Error::failure(format!("{} on {}: {failure}", call.model, call.origin))
                    .help("only an outcome is recorded: a panic never is"),
            });
        }
        all.push(Recorded::new(entry.model.source().many, &outcome));
        frozen = Some((&call.variables, &call.model, env));
    }
    Ok(all)
}
