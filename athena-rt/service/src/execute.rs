//! The execution of one message, whichever protocol it came by. A message is executed at most once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_protocol::Format;
use axum::body::Bytes;
use tracing::Instrument as _;

use super::app::App;
use super::metrics::OutcomeStatus;
use super::models::ServedModel;
use super::problem::{Problem, crash_detail, timeout_detail};
use super::process_pool::{Interruption, ProcessPool, RemoteCall, TimeLimit};
use super::scheduler::RunsOn;
use super::trace_context::TraceContext;
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;

/// The largest message that runs on the reactor, in bytes: a fast model may be slow with a larger one.
const SMALL: usize = 64 << 10;

/// Parts of Tokio's panic messages if a thread of the reactor would block. They only decide whether
/// the failure is explained.
const WOULD_BLOCK: [&str; 2] = ["from within a runtime", "where blocking is not allowed"];

const BLOCKING_HELP: &str = "; the model is fast and ran on a thread of the service's reactor, which \
    can't block on a Tokio runtime: wrap the call in `tokio::task::block_in_place`, or make the model \
    an `async fn`. Later messages of the model run on threads that may block";

/// A result, and the status that it is counted by.
type Counted<T> = (OutcomeStatus, Result<T, Problem>);

/// A message for a model.
pub(super) struct Execution {
    pub(super) model: Arc<ServedModel>,
    pub(super) message: Bytes,
    pub(super) format: Format,
    pub(super) output_format: Format,
    /// For waiting and running together.
    pub(super) time_limit: Duration,
}

impl Execution {
    /// Runs the message, finishes its outcome on the same thread, and counts it.
    ///
    /// # Errors
    ///
    /// 503 if too many messages wait, 504 if the model takes too long, or the model's [`Failure`].
    pub(super) async fn run<T: Send + 'static>(
        self,
        app: &App,
        trace: &TraceContext,
        finish: impl FnOnce(Outcome) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let model = Arc::clone(&self.model);
        let result = if model.is_async() {
            let work = async {
                let outcome = Outcome::new(self.output_format);
                let running = self.model.handle_async(&self.message, self.format, outcome);
                let (outcome, handled) = running.await;
                self.finish(outcome, handled, app.expose_panics, finish)
            };
            let work = work.instrument(trace.log_span(model.id()));
            Box::pin(app.scheduler.run_async(self.time_limit, work)).await
        } else if let Some(pool) = &app.processes {
            Box::pin(self.run_in_process(app, pool, trace, finish)).await
        } else {
            self.run_plain(app, trace, finish).await
        };
        match result {
            Ok((status, result)) => {
                model.metrics.count_message(status);
                result.map_err(|problem| problem.with_id(trace.request_id()))
            }
            Err(problem) => {
                if problem.is_timeout() {
                    model.metrics.count_message(OutcomeStatus::TimedOut);
                }
                Err(problem.with_id(trace.request_id()))
            }
        }
    }

    /// Runs the message in a model process.
    async fn run_in_process<T>(
        self,
        app: &App,
        pool: &Arc<ProcessPool>,
        trace: &TraceContext,
        finish: impl FnOnce(Outcome) -> T,
    ) -> Result<Counted<T>, Problem> {
        let permit = app.scheduler.admit()?;
        let call = RemoteCall {
            model: self.model.index,
            message: self.message.clone(),
            format: self.format,
            output_format: self.output_format,
            trace: trace.clone(),
        };
        let result = pool.run(call, TimeLimit::Total(self.time_limit), permit).await;
        let span = trace.log_span(self.model.id());
        let _span = span.enter();
        match result {
            Ok((outcome, handled)) => {
                self.model.capture_remote(&self.message, self.format, &outcome, &handled);
                Ok(self.finish(outcome, handled, app.expose_panics, finish))
            }
            Err(Interruption::TimedOut) => {
                tracing::error!("{}", timeout_detail(self.time_limit));
                Err(Problem::timeout(self.time_limit))
            }
            Err(Interruption::Crashed(reason)) => {
                tracing::error!("{}", crash_detail(&reason));
                Ok((OutcomeStatus::Failed, Err(Problem::crashed(&reason))))
            }
        }
    }

    /// Runs the message on the reactor if the model is fast, otherwise on the pool.
    fn run_plain<T: Send + 'static>(
        self,
        app: &App,
        trace: &TraceContext,
        finish: impl FnOnce(Outcome) -> T + Send + 'static,
    ) -> impl Future<Output = Result<Counted<T>, Problem>> {
        let preferred = preferred_thread(&self.model, self.message.len());
        let (time_limit, expose_panics) = (self.time_limit, app.expose_panics);
        let trace = trace.clone();
        let work = move |runs_on| {
            let name = Arc::clone(&self.model.name);
            trace.in_scope(name, || self.call(runs_on, expose_panics, finish))
        };
        app.scheduler.run(preferred, time_limit, work)
    }

    fn call<T>(
        self,
        runs_on: RunsOn,
        expose_panics: bool,
        finish: impl FnOnce(Outcome) -> T,
    ) -> Counted<T> {
        let mut outcome = Outcome::with_capacity(self.output_format);
        let began = Instant::now();
        let handled = handle_on(&self.model, runs_on, &self.message, self.format, &mut outcome);
        self.model.latency.record(began.elapsed());
        self.finish(outcome, handled, expose_panics, finish)
    }

    fn finish<T>(
        &self,
        outcome: Outcome,
        handled: Result<(), Failure>,
        expose_panics: bool,
        finish: impl FnOnce(Outcome) -> T,
    ) -> Counted<T> {
        if let Err(failure) = handled {
            log_failure(&failure);
            let problem =
                Problem::from_failure(&failure, &self.message, self.format, expose_panics);
            return (OutcomeStatus::Failed, Err(problem));
        }
        let status = match &outcome.error {
            None => OutcomeStatus::Output,
            Some(error) => {
                tracing::info!(kind = error.kind, "{}", error.message);
                OutcomeStatus::Error
            }
        };
        (status, Ok(finish(outcome)))
    }
}

/// Where a plain model should run messages of this size.
pub(super) fn preferred_thread(model: &ServedModel, size: usize) -> RunsOn {
    let is_fast = model.latency.is_fast() && size <= SMALL;
    if is_fast { RunsOn::Reactor } else { RunsOn::Pool }
}

/// Runs a message of a plain model on a thread of this kind.
pub(super) fn handle_on(
    model: &ServedModel,
    runs_on: RunsOn,
    message: &[u8],
    format: Format,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let mut handled = model.handle(message, format, outcome);
    if runs_on == RunsOn::Reactor
        && let Err(Failure::Panic(message)) = &mut handled
    {
        // It may have blocked, and its next message should succeed. This one is not run again: the model may
        // have had effects before it panicked.
        model.latency.keep_on_pool();
        if WOULD_BLOCK.iter().any(|part| message.contains(part)) {
            message.push_str(BLOCKING_HELP);
        }
    }
    handled
}

/// Logs a failure: as an error if the model is at fault, as information if its sender is.
pub(super) fn log_failure(failure: &Failure) {
    match failure {
        Failure::Message(error) => tracing::info!("{error}"),
        Failure::Panic(_) | Failure::Outcome(_) => tracing::error!("{failure}"),
    }
}
