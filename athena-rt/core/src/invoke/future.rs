//! A call of a model that is an `async fn`: a panic while it is polled, or given up, is caught.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use athena_protocol::Format;

use super::{Failure, catch_panic, check_writable};
use crate::environment::ErasedEnv;
use crate::model::{Message, Model, Pending};
use crate::outcome::Outcome;

/// A call on its way. Dropped before its end, it takes the model's future with it.
///
/// It gives the outcome, whole only where the call did not fail.
pub struct Invocation {
    format: Format,
    step: Step,
}

/// What comes of a call.
type Given = (Outcome, Result<(), Failure>);

enum Step {
    Running(Pending),
    Ended(Box<Given>),
    /// Everything is given away.
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

    /// A call that has ended.
    #[cfg(feature = "async")]
    pub fn ready(outcome: Outcome, ended: Result<(), Failure>) -> Self {
        Self { format: outcome.format, step: Step::Ended(Box::new((outcome, ended))) }
    }
}

impl Future for Invocation {
    type Output = Given;

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
            // Polled after its end, which is the poller's mistake.
            Step::Running(_) | Step::Done => Poll::Pending,
        }
    }
}

impl Invocation {
    /// Ends. What the model still holds may panic when it is dropped.
    fn finish(&mut self) {
        if let Step::Running(pending) = std::mem::replace(&mut self.step, Step::Done)
            && let Err(message) = catch_panic(|| drop(pending))
        {
            tracing::error!("the model panicked while what it held was dropped: {message}");
        }
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        self.finish();
    }
}
