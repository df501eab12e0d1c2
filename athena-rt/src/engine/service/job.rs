//! A message on its way to the pool, however it came.

use std::sync::Arc;
use std::time::Duration;

use athena_protocol::Format;
use axum::body::Bytes;
use tracing::Instrument as _;

use super::app::App;
use super::ids::Ids;
use super::metrics::Fate;
use super::models::Served;
use super::problem::Problem;
use crate::invoke::Failure;
use crate::outcome::Outcome;

/// A message for a model.
pub(super) struct Job {
    pub(super) model: Arc<Served>,
    pub(super) message: Bytes,
    pub(super) format: Format,
    /// How what the model gives is written.
    pub(super) wanted: Format,
    /// For waiting and running.
    pub(super) limit: Duration,
}

impl Job {
    /// Runs where the model belongs, finishes what came of it there, and counts it.
    ///
    /// # Errors
    ///
    /// Every slot is taken, it takes too long, or there is a [`Failure`].
    pub(super) async fn run<T: Send + 'static>(
        self,
        app: &App,
        ids: &Ids,
        finish: impl FnOnce(Outcome) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (model, limit, expose_panics) =
            (Arc::clone(&self.model), self.limit, app.expose_panics);
        let span = ids.span(model.id());
        let ran = if model.is_async() {
            let work = async {
                let outcome = Outcome::of(self.wanted);
                let running = self.model.handle_async(&self.message, self.format, outcome);
                let (outcome, handled) = running.await;
                self.tell(outcome, handled, expose_panics, finish)
            };
            app.run_async(limit, work.instrument(span)).await
        } else {
            let work = move || {
                let _span = span.enter();
                let mut outcome = Outcome::of(self.wanted);
                let handled = self.model.handle(&self.message, self.format, &mut outcome);
                self.tell(outcome, handled, expose_panics, finish)
            };
            app.run(limit, work).await
        };
        match ran {
            Ok((fate, told)) => {
                model.meter.message(fate);
                told
            }
            Err(problem) => {
                if problem.is_late() {
                    model.meter.message(Fate::Late);
                }
                Err(problem)
            }
        }
    }

    fn tell<T>(
        &self,
        outcome: Outcome,
        handled: Result<(), Failure>,
        expose_panics: bool,
        finish: impl FnOnce(Outcome) -> T,
    ) -> (Fate, Result<T, Problem>) {
        if let Err(failure) = handled {
            note(&failure);
            let problem = Problem::failed(&failure, &self.message, self.format, expose_panics);
            return (Fate::Failed, Err(problem));
        }
        let fate = match &outcome.error {
            None => Fate::Given,
            Some(error) => {
                tracing::info!(kind = error.kind, "{}", error.message);
                Fate::Returned
            }
        };
        (fate, Ok(finish(outcome)))
    }
}

/// What is wrong with a model is for its keepers, what is wrong with a message for its sender.
pub(super) fn note(failure: &Failure) {
    match failure {
        Failure::Message(error) => tracing::info!("{error}"),
        Failure::Panic(_) | Failure::Outcome(_) => tracing::error!("{failure}"),
    }
}
