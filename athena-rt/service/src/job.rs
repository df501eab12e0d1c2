//! A message on its way to the pool, however it came.

use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_protocol::Format;
use axum::body::Bytes;
use tracing::Instrument as _;

use super::app::App;
use super::ids::Ids;
use super::metrics::Fate;
use super::models::Served;
use super::problem::Problem;
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;

/// How many bytes a message of a quick model may have: with a larger one it may not be.
const SMALL: usize = 64 << 10;

/// What tokio says where a thread of the reactor is about to be blocked: threads of the pool may be.
const BLOCKS: [&str; 2] = ["from within a runtime", "where blocking is not allowed"];

/// What came of a message, and how that is counted.
type Done<T> = (Fate, Result<T, Problem>);

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
        let model = Arc::clone(&self.model);
        let ran = if model.is_async() {
            let work = async {
                let outcome = Outcome::new(self.wanted);
                let running = self.model.handle_async(&self.message, self.format, outcome);
                let (outcome, handled) = running.await;
                self.tell(outcome, handled, app.expose_panics, finish)
            };
            app.run_async(self.limit, work.instrument(ids.span(model.id()))).await
        } else {
            self.run_plain(app, ids, finish).await
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

    /// Runs on the reactor where the model is quick, or else on the pool.
    async fn run_plain<T: Send + 'static>(
        self,
        app: &App,
        ids: &Ids,
        finish: impl FnOnce(Outcome) -> T + Send + 'static,
    ) -> Result<Done<T>, Problem> {
        let (limit, expose_panics) = (self.limit, app.expose_panics);
        let mut is_quick = self.model.pace.is_quick() && self.message.len() <= SMALL;
        let (mut job, mut finish) = (self, finish);
        loop {
            let ids = ids.clone();
            let work = move || {
                let model = Arc::clone(&job.model);
                ids.tell(&model, || job.handle(is_quick, expose_panics, finish))
            };
            match app.run(is_quick, limit, work).await? {
                Ok(done) => return Ok(done),
                Err(given_back) => (job, finish) = given_back,
            }
            is_quick = false;
        }
    }

    /// Calls the model; gives everything back where that has to be on the pool.
    fn handle<T, F: FnOnce(Outcome) -> T>(
        self,
        is_quick: bool,
        expose_panics: bool,
        finish: F,
    ) -> Result<Done<T>, (Self, F)> {
        let mut outcome = Outcome::with_capacity(self.wanted);
        let began = Instant::now();
        let handled = self.model.handle(&self.message, self.format, &mut outcome);
        self.model.pace.took(began.elapsed());
        if let Err(Failure::Panic(words)) = &handled
            && is_quick
            && BLOCKS.iter().any(|part| words.contains(part))
        {
            self.model.pace.blocks();
            return Err((self, finish));
        }
        Ok(self.tell(outcome, handled, expose_panics, finish))
    }

    fn tell<T>(
        &self,
        outcome: Outcome,
        handled: Result<(), Failure>,
        expose_panics: bool,
        finish: impl FnOnce(Outcome) -> T,
    ) -> Done<T> {
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
