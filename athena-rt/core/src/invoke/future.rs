//! A call of an `async fn` model. Panics while it is polled or dropped are caught.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use athena_protocol::Format;

use super::{Failure, catch_panic, check_writable};
use crate::environment::ErasedEnv;
use crate::model::{Message, Model, Pending};
use crate::outcome::Outcome;

/// A running call. Dropping it drops the model's future.
///
/// The outcome is complete only if the call did not fail.
pub struct Invocation {
    format: Format,
    step: Step,
}

/// The outcome of a call, and whether it failed.
type CallResult = (Outcome, Result<(), Failure>);

enum Step {
    Running(Pending),
    Ended(Box<CallResult>),
    Done,
}

impl Invocation {
    pub(super) fn begin(
        model: &Model,
        env: &ErasedEnv,
        message: Message<'_>,
        outcome: Outcome,
    ) -> Self {
        let format = outcome.format;
        let failed = |failure| Step::Ended(Box::new((Outcome::new(format), Err(failure))));
        let step = match catch_panic(|| model.begin(env, message, outcome)) {
            Ok(Ok(pending)) => Step::Running(pending),
            Ok(Err(error)) => failed(Failure::Message(error)),
            Err(message) => failed(Failure::Panic(message)),
        };
        Self { format, step }
    }

    /// A call that has already ended.
    #[cfg(feature = "async")]
    pub fn ready(outcome: Outcome, ended: Result<(), Failure>) -> Self {
        Self { format: outcome.format, step: Step::Ended(Box::new((outcome, ended))) }
    }
}

impl Future for Invocation {
    type Output = CallResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Step::Running(pending) = &mut self.step {
            let given = match catch_panic(|| pending.as_mut().poll(context)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(mut outcome)) => {
                    let ended = check_writable(&mut outcome);
                    (outcome, ended)
                }
                Err(message) => (Outcome::new(self.format), Err(Failure::Panic(message))),
            };
            self.finish();
            return Poll::Ready(given);
        }
        match std::mem::replace(&mut self.step, Step::Done) {
            Step::Ended(given) => Poll::Ready(*given),
            // Polled after its end: a bug of the caller.
            Step::Running(_) | Step::Done => Poll::Pending,
        }
    }
}

impl Invocation {
    /// Drops the model's future, which may panic.
    fn finish(&mut self) {
        if let Step::Running(pending) = std::mem::replace(&mut self.step, Step::Done)
            && let Err(message) = catch_panic(|| drop(pending))
        {
            tracing::error!("the model panicked while its future was dropped: {message}");
        }
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        self.finish();
    }
}
