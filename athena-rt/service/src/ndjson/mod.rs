//! A stream of messages, one per line. Outcomes are sent in the same order, one per line. A stream
//! holds a few batches in memory, however long it is.

mod batch;
mod line_splitter;
mod pieces;
mod recorder;
mod response_body;
mod response_writer;
mod result_line;

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use athena_protocol::Format;
use athena_protocol::text::plural;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::Instrument as _;

use self::batch::{Batch, Progress};
use self::line_splitter::{LineSplitter, Split};
use self::pieces::Pieces;
use self::recorder::LineRecorder;
use self::response_body::{ResponseBody, Unsent};
use self::response_writer::ResponseWriter;
use self::result_line::{ResultLine, error_line, timeout_line};
use super::app::{App, Stage};
use super::call::Running;
use super::content::Content;
use super::execute::preferred_thread;
use super::metrics::OutcomeStatus;
use super::models::ServedModel;
use super::problem::{Problem, crash_detail, timeout_detail};
use super::process_pool::{Interruption, ProcessPool, RemoteCall, TimeLimit};
use super::scheduler::RunningTask;
use super::trace_context::TraceContext;
use athena_core::environment::Setting as _;
use athena_core::outcome::Outcome;

/// How many lines of a stream an `async fn` model processes ahead of the line that is written next.
const AHEAD: usize = 256;

/// Answers a stream. The head of the response is sent before the first line is read.
///
/// # Errors
///
/// 503 if too many messages run or wait.
pub(super) fn answer(
    app: &Arc<App>,
    model: &Arc<ServedModel>,
    trace: &TraceContext,
    body: Body,
) -> Result<Response, Problem> {
    app.scheduler.check_capacity(model.is_async())?;
    let stream = Stream { app: Arc::clone(app), model: Arc::clone(model), trace: trace.clone() };
    let answered = ResponseBody::new(|unsent| stream.answer(body, unsent));
    let answered = if app.limits_writes {
        Body::new(answered)
    } else {
        answered.with_limit(app.limits.timeout)
    };
    let mut response = Response::new(answered);
    response.headers_mut().insert(header::CONTENT_TYPE, Content::NdJson.header_value());
    Ok(response)
}

struct Stream {
    app: Arc<App>,
    model: Arc<ServedModel>,
    trace: TraceContext,
}

/// A part of the response, in the order of the input.
enum Piece {
    /// A line about an error.
    Error(Vec<u8>),
    Batch {
        batch: Arc<Batch>,
        running: Running<()>,
    },
    /// A line that an `async fn` model processes.
    Line {
        number: u64,
        running: RunningTask<(OutcomeStatus, Vec<u8>)>,
    },
}

impl Stream {
    /// Reads the request and writes the response, both until the response is complete.
    async fn answer(self, body: Body, unsent: Arc<Unsent>) {
        let _in_flight = self.app.enter();
        let ahead = if self.model.is_async() { AHEAD } else { self.app.limits.jobs * 2 };
        let pieces = Pieces::new(ahead);
        let mut read = pin!(async {
            self.read(body, &pieces).await;
            pieces.close();
            std::future::pending::<()>().await;
        });
        let mut write = pin!(self.write(&pieces, ResponseWriter::new(unsent)));
        poll_fn(|context| {
            loop {
                let _: Poll<()> = read.as_mut().poll(context);
                if write.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                if !pieces.has_room_again() {
                    return Poll::Pending;
                }
            }
        })
        .await;
    }

    async fn read(&self, mut body: Body, pieces: &Pieces<Piece>) {
        let mut cut = pin!(is_cut(self.app.stage.subscribe()));
        let limit = self.app.limits.timeout;
        let mut lines = LineSplitter::new(self.app.limits.body);
        let held = self.app.body_memory.hold();
        // Blank lines do not keep a stream open.
        let mut deadline = tokio::time::Instant::now() + limit;
        loop {
            let frame = tokio::select! {
                frame = self.app.scheduler.timers().limit_until(deadline, body.frame()) => frame,
                () = &mut cut => {
                    let detail = "the service is shutting down; lines after the last result were not read";
                    return pieces.push(Piece::Error(error_line(None, "shutdown", detail, None))).await;
                }
            };
            let is_last = match frame {
                Some(Some(Ok(frame))) => {
                    lines.push(frame.data_ref().map_or(&[], |data| data));
                    false
                }
                Some(None) => true,
                // The client is gone.
                Some(Some(Err(_))) => return,
                None => {
                    let detail = format!("no line arrived within {}", limit.show());
                    return pieces
                        .push(Piece::Error(error_line(None, "slow", &detail, None)))
                        .await;
                }
            };
            while let Some(split) = lines.next(is_last) {
                if self.dispatch(split, pieces).await.is_none() {
                    return;
                }
                deadline = tokio::time::Instant::now() + limit;
            }
            if let Err(problem) = held.set(lines.buffered()) {
                let line = error_line(None, "busy", problem.detail(), None);
                return pieces.push(Piece::Error(line)).await;
            }
            if is_last {
                return;
            }
        }
    }

    /// Starts lines; `None` if the service has ended.
    async fn dispatch(&self, split: Split, pieces: &Pieces<Piece>) -> Option<()> {
        let piece = match split {
            Split::TooLong(line) => {
                let limit = plural(self.app.limits.body, "byte");
                let detail = format!("the line is longer than {limit}");
                Piece::Error(error_line(Some(line), "size", &detail, None))
            }
            Split::Lines(lines) if self.model.is_async() || self.app.processes.is_some() => {
                for (number, line) in lines.into_each() {
                    let running = match &self.app.processes {
                        Some(pool) if !self.model.is_async() => {
                            self.begin_in_process(pool, number, line).await?
                        }
                        _ => self.begin_async(number, line).await?,
                    };
                    pieces.push(Piece::Line { number, running }).await;
                }
                return Some(());
            }
            Split::Lines(lines) => {
                let batch = Batch::new(lines);
                let running = self.begin(&batch).await?;
                Piece::Batch { batch, running }
            }
        };
        pieces.push(piece).await;
        Some(())
    }

    /// `None` if no spans are recorded.
    fn recorder(&self) -> Option<LineRecorder> {
        let (telemetry, request) = (self.app.telemetry.clone(), self.trace.span.clone());
        let model = Arc::clone(&self.model);
        (!telemetry.is_off()).then_some(LineRecorder { telemetry, request, model })
    }

    fn result_line(&self) -> ResultLine {
        ResultLine::new(&self.model, self.app.expose_panics, &self.trace)
    }

    /// Starts a line on an `async fn` model.
    async fn begin_async(
        &self,
        number: u64,
        line: Bytes,
    ) -> Option<RunningTask<(OutcomeStatus, Vec<u8>)>> {
        let (model, limit) = (Arc::clone(&self.model), self.app.limits.timeout);
        let span = self.trace.log_span(model.id());
        let (result_line, recorder) = (self.result_line(), self.recorder());
        let work = async move {
            let began = Instant::now();
            let handling = async {
                let outcome = Outcome::new(Format::Json);
                let (mut outcome, handled) = model.handle_async(&line, Format::Json, outcome).await;
                let mut out = Vec::new();
                (result_line.write(number, handled, &mut outcome, &mut out), out)
            };
            let done = match timeout(limit, handling).await {
                Ok(done) => done,
                Err(_) => (OutcomeStatus::TimedOut, timeout_line(number, limit)),
            };
            if let Some(recorder) = recorder {
                recorder.record(number, began, done.0);
            }
            done
        };
        self.app.scheduler.begin_async(work.instrument(span)).await
    }

    /// Starts a line in a model process.
    async fn begin_in_process(
        &self,
        pool: &Arc<ProcessPool>,
        number: u64,
        message: Bytes,
    ) -> Option<RunningTask<(OutcomeStatus, Vec<u8>)>> {
        let (model, pool, trace) = (Arc::clone(&self.model), Arc::clone(pool), self.trace.clone());
        let limit = self.app.limits.timeout;
        let (result_line, recorder) = (self.result_line(), self.recorder());
        let work = async move {
            let (format, began) = (Format::Json, Instant::now());
            let call = RemoteCall {
                model: model.index,
                message: message.clone(),
                format,
                output_format: format,
                trace: trace.clone(),
            };
            let result = pool.run(call, TimeLimit::Running(limit), ()).await;
            let span = trace.log_span(model.id());
            let _span = span.enter();
            let done = match result {
                Ok((mut outcome, handled)) => {
                    model.capture_remote(&message, format, &outcome, &handled);
                    let mut out = Vec::new();
                    (result_line.write(number, handled, &mut outcome, &mut out), out)
                }
                Err(Interruption::TimedOut) => {
                    tracing::error!("{}", timeout_detail(limit));
                    (OutcomeStatus::TimedOut, timeout_line(number, limit))
                }
                Err(Interruption::Crashed(reason)) => {
                    let detail = crash_detail(&reason);
                    tracing::error!("{detail}");
                    (OutcomeStatus::Failed, error_line(Some(number), "crash", &detail, None))
                }
            };
            if let Some(recorder) = recorder {
                recorder.record(number, began, done.0);
            }
            done
        };
        self.app.scheduler.begin_async(work).await
    }

    /// Starts a batch.
    async fn begin(&self, batch: &Arc<Batch>) -> Option<Running<()>> {
        let model = Arc::clone(&self.model);
        let preferred = preferred_thread(&model, batch.lines().size());
        let trace = self.trace.clone();
        let work = batch.work(Arc::clone(&model), self.result_line(), self.recorder());
        let work = move |runs_on| trace.in_scope(Arc::clone(&model.name), || work(runs_on));
        self.app.scheduler.begin(preferred, work).await
    }

    async fn write(&self, pieces: &Pieces<Piece>, mut out: ResponseWriter) {
        loop {
            let piece = match pieces.try_next() {
                Poll::Ready(piece) => piece,
                Poll::Pending => {
                    out.flush().await;
                    pieces.next().await
                }
            };
            match piece {
                None => return out.flush().await,
                Some(Piece::Error(line)) => out.add(line).await,
                Some(Piece::Batch { batch, running }) => {
                    self.write_batch(batch, running, &mut out).await;
                }
                Some(Piece::Line { number, running }) => {
                    self.write_line(number, running, &mut out).await;
                }
            }
        }
    }

    /// Writes the result of a line.
    async fn write_line(
        &self,
        number: u64,
        mut running: RunningTask<(OutcomeStatus, Vec<u8>)>,
        out: &mut ResponseWriter,
    ) {
        if !running.is_finished() {
            out.flush().await;
        }
        let (status, line) = running.join().await.unwrap_or_else(|| {
            let detail = "the task of the model ended";
            (OutcomeStatus::Failed, error_line(Some(number), "service", detail, None))
        });
        self.model.metrics.count_message(status);
        out.add(line).await;
    }

    /// Writes the results of a batch.
    async fn write_batch(
        &self,
        mut batch: Arc<Batch>,
        mut running: Running<()>,
        out: &mut ResponseWriter,
    ) {
        let limit = self.app.limits.timeout;
        let mut written = 0;
        while let Some(number) = batch.lines().number(written) {
            if !batch.ends_soon(self.app.scheduler.short_timers()).await {
                out.flush().await;
            }
            let (done, lines) = match batch.next(written, limit).await {
                Progress::Results(done, lines) => (done, lines),
                Progress::Ended => {
                    (written + 1, error_line(Some(number), "busy", "no thread is free", None))
                }
                Progress::Late => {
                    running.set_late();
                    self.model.metrics.count_message(OutcomeStatus::TimedOut);
                    // The rest runs on another thread, if one is free.
                    let rest = Batch::new(batch.lines().since(written + 1));
                    match timeout(limit, self.begin(&rest)).await {
                        Ok(Some(begun)) => running = begun,
                        _ => rest.end(),
                    }
                    (batch, written) = (rest, 0);
                    out.add(timeout_line(number, limit)).await;
                    continue;
                }
            };
            written = done;
            out.add(lines).await;
        }
    }
}

async fn is_cut(mut stage: watch::Receiver<Stage>) {
    let _ = stage.wait_for(|&stage| stage == Stage::Cutting).await;
}
