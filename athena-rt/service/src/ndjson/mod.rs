//! A stream of messages, one per line. Outcomes are sent in the same order, one per line. A stream
//! holds a few batches in memory, however long it is.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use athena_protocol::Format;
use athena_protocol::text::plural;
use athena_telemetry::record::StreamMessage;
use athena_telemetry::{SpanContext, Telemetry};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use serde_json::json;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::{timeout, timeout_at};
use tracing::Instrument as _;

use super::app::{App, Stage};
use super::content::Content;
use super::execute::log_failure;
use super::line_splitter::{LineSplitter, Split};
use super::metrics::OutcomeStatus;
use super::models::ServedModel;
use super::problem::{Problem, crash_detail, failure_detail, timeout_detail};
use super::process_pool::{Interruption, ProcessPool, RemoteCall, TimeLimit};
use super::scheduler::Running;
use super::trace_context::TraceContext;
use athena_core::environment::Setting as _;
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;

/// How many bytes are sent at once.
const FLUSH_SIZE: usize = 64 << 10;

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
    let (sender, channel) = Channel::<Bytes, Infallible>::new(1);
    let stream = Stream { app: Arc::clone(app), model: Arc::clone(model), trace: trace.clone() };
    tokio::spawn(async move {
        let _in_flight = stream.app.enter();
        let ahead = if stream.model.is_async() { AHEAD } else { stream.app.limits.jobs * 2 };
        let (pieces, pending) = mpsc::channel(ahead);
        let read = async {
            stream.read(body, pieces).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = stream.write(pending, sender) => {}
            () = read => {}
        }
    });
    let mut response = Response::new(Body::new(channel));
    let kind = HeaderValue::from_static(Content::NdJson.name());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

struct Stream {
    app: Arc<App>,
    model: Arc<ServedModel>,
    trace: TraceContext,
}

/// Lines that run one after another.
#[derive(Default)]
struct Batch {
    lines: Vec<(u64, Bytes)>,
    /// The rest of the batch is not needed any more.
    is_abandoned: AtomicBool,
}

/// A part of the response, in the order of the input.
enum Piece {
    /// A line about an error.
    Error(Vec<u8>),
    Batch {
        batch: Arc<Batch>,
        work: RunningBatch,
    },
    /// A line that an `async fn` model processes.
    Line {
        number: u64,
        running: Running<(OutcomeStatus, Vec<u8>)>,
    },
}

/// A batch that runs, and its results so far, one per line.
struct RunningBatch {
    results: mpsc::UnboundedReceiver<(OutcomeStatus, Vec<u8>)>,
    running: Running<()>,
}

impl Stream {
    async fn read(&self, mut body: Body, pieces: mpsc::Sender<Piece>) {
        let mut stage = self.app.stage.subscribe();
        let limit = self.app.limits.timeout;
        let mut lines = LineSplitter::new(self.app.limits.body);
        let held = self.app.body_memory.hold();
        // Blank lines do not keep a stream open.
        let mut deadline = tokio::time::Instant::now() + limit;
        loop {
            let frame = tokio::select! {
                frame = timeout_at(deadline, body.frame()) => frame,
                () = is_cut(&mut stage) => {
                    let detail = "the service is shutting down; lines after the last result were not read";
                    let _ = pieces.send(Piece::Error(error_line(None, "shutdown", detail, None))).await;
                    return;
                }
            };
            let is_last = match frame {
                Ok(Some(Ok(frame))) => {
                    lines.push(frame.data_ref().map_or(&[], |data| data));
                    false
                }
                Ok(None) => true,
                // The client is gone.
                Ok(Some(Err(_))) => return,
                Err(_) => {
                    let detail = format!("no line arrived within {}", limit.show());
                    let _ =
                        pieces.send(Piece::Error(error_line(None, "slow", &detail, None))).await;
                    return;
                }
            };
            while let Some(split) = lines.next(is_last) {
                if self.dispatch(split, &pieces).await.is_none() {
                    return;
                }
                deadline = tokio::time::Instant::now() + limit;
            }
            if let Err(problem) = held.set(lines.buffered()) {
                let line = error_line(None, "busy", problem.detail(), None);
                let _ = pieces.send(Piece::Error(line)).await;
                return;
            }
            if is_last {
                return;
            }
        }
    }

    /// Starts lines; `None` if the response has ended.
    async fn dispatch(&self, split: Split, pieces: &mpsc::Sender<Piece>) -> Option<()> {
        let piece = match split {
            Split::TooLong(line) => {
                let limit = plural(self.app.limits.body, "byte");
                let detail = format!("the line is longer than {limit}");
                Piece::Error(error_line(Some(line), "size", &detail, None))
            }
            Split::Lines(lines) if self.model.is_async() || self.app.processes.is_some() => {
                for (number, line) in lines {
                    let running = match &self.app.processes {
                        Some(pool) if !self.model.is_async() => {
                            self.begin_in_process(pool, number, line).await?
                        }
                        _ => self.begin_async(number, line).await?,
                    };
                    pieces.send(Piece::Line { number, running }).await.ok()?;
                }
                return Some(());
            }
            Split::Lines(lines) => {
                let batch = Arc::new(Batch { lines, ..Batch::default() });
                let work = self.begin(&batch).await?;
                Piece::Batch { batch, work }
            }
        };
        pieces.send(piece).await.ok()
    }

    fn recorder(&self) -> LineRecorder {
        let (telemetry, request) = (self.app.telemetry.clone(), self.trace.span.clone());
        LineRecorder { telemetry, request, model: Arc::clone(&self.model) }
    }

    /// Starts a line on an `async fn` model.
    async fn begin_async(
        &self,
        number: u64,
        line: Bytes,
    ) -> Option<Running<(OutcomeStatus, Vec<u8>)>> {
        let (model, limit) = (Arc::clone(&self.model), self.app.limits.timeout);
        let (span, expose_panics) = (self.trace.log_span(model.id()), self.app.expose_panics);
        let (id, recorder) = (self.trace.request_id.clone(), self.recorder());
        let work = async move {
            let began = Instant::now();
            let handling = async {
                let outcome = Outcome::new(Format::Json);
                let (mut outcome, handled) = model.handle_async(&line, Format::Json, outcome).await;
                result_line(&model, number, handled, &mut outcome, expose_panics, &id)
            };
            let done = match timeout(limit, handling).await {
                Ok(done) => done,
                Err(_) => (OutcomeStatus::TimedOut, timeout_line(number, limit)),
            };
            recorder.record(number, began, done.0);
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
    ) -> Option<Running<(OutcomeStatus, Vec<u8>)>> {
        let (model, pool, trace) = (Arc::clone(&self.model), Arc::clone(pool), self.trace.clone());
        let (limit, expose_panics) = (self.app.limits.timeout, self.app.expose_panics);
        let recorder = self.recorder();
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
            let id = &trace.request_id;
            let done = match result {
                Ok((mut outcome, handled)) => {
                    model.capture_remote(&message, format, &outcome, &handled);
                    result_line(&model, number, handled, &mut outcome, expose_panics, id)
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
            recorder.record(number, began, done.0);
            done
        };
        self.app.scheduler.begin_async(work).await
    }

    /// Starts a batch on the pool.
    async fn begin(&self, batch: &Arc<Batch>) -> Option<RunningBatch> {
        let (sender, results) = mpsc::unbounded_channel();
        let (batch, model) = (Arc::clone(batch), Arc::clone(&self.model));
        let (span, expose_panics) = (self.trace.log_span(model.id()), self.app.expose_panics);
        let (id, recorder) = (self.trace.request_id.clone(), self.recorder());
        let work = move || {
            let _span = span.enter();
            let mut outcome = Outcome::new(Format::Json);
            for (number, line) in &batch.lines {
                if batch.is_abandoned.load(Ordering::Relaxed) {
                    return;
                }
                let began = Instant::now();
                let handled = model.handle(line, Format::Json, &mut outcome);
                let done = result_line(&model, *number, handled, &mut outcome, expose_panics, &id);
                recorder.record(*number, began, done.0);
                if sender.send(done).is_err() {
                    return;
                }
            }
        };
        let running = self.app.scheduler.begin(work).await?;
        Some(RunningBatch { results, running })
    }

    async fn write(&self, mut pieces: mpsc::Receiver<Piece>, sender: Sender<Bytes, Infallible>) {
        let mut out = ResponseWriter { bytes: Vec::new(), sender, limit: self.app.limits.timeout };
        loop {
            let piece = match pieces.try_recv() {
                Ok(piece) => Some(piece),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    if !out.flush().await {
                        return;
                    }
                    pieces.recv().await
                }
            };
            let is_open = match piece {
                None => {
                    out.flush().await;
                    return;
                }
                Some(Piece::Error(line)) => out.add(&line).await,
                Some(Piece::Batch { batch, work }) => self.write_batch(batch, work, &mut out).await,
                Some(Piece::Line { number, running }) => {
                    self.write_line(number, running, &mut out).await
                }
            };
            if !is_open {
                return;
            }
        }
    }

    /// Writes the result of a line; returns whether the client is still there.
    async fn write_line(
        &self,
        number: u64,
        mut running: Running<(OutcomeStatus, Vec<u8>)>,
        out: &mut ResponseWriter,
    ) -> bool {
        if !running.is_finished() && !out.flush().await {
            return false;
        }
        let (status, line) = running.join().await.unwrap_or_else(|| {
            let detail = "the task of the model ended";
            (OutcomeStatus::Failed, error_line(Some(number), "service", detail, None))
        });
        self.model.metrics.count_message(status);
        out.add(&line).await
    }

    /// Writes the results of a batch; returns whether the client is still there.
    async fn write_batch(
        &self,
        mut batch: Arc<Batch>,
        mut work: RunningBatch,
        out: &mut ResponseWriter,
    ) -> bool {
        let limit = self.app.limits.timeout;
        let mut at = 0;
        while at < batch.lines.len() {
            let number = batch.lines[at].0;
            let done = match work.results.try_recv() {
                Ok(done) => Some(done),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    if !out.flush().await {
                        return false;
                    }
                    let Ok(done) = timeout(limit, work.results.recv()).await else {
                        work.running.set_late();
                        self.model.metrics.count_message(OutcomeStatus::TimedOut);
                        if !out.add(&timeout_line(number, limit)).await {
                            return false;
                        }
                        // The rest runs on another thread, if one is free.
                        batch.is_abandoned.store(true, Ordering::Relaxed);
                        let lines = batch.lines[at + 1..].to_vec();
                        batch = Arc::new(Batch { lines, ..Batch::default() });
                        at = 0;
                        match timeout(limit, self.begin(&batch)).await {
                            Ok(Some(begun)) => work = begun,
                            _ => work.results.close(),
                        }
                        continue;
                    };
                    done
                }
            };
            let line = match done {
                Some((status, line)) => {
                    self.model.metrics.count_message(status);
                    line
                }
                None => error_line(Some(number), "busy", "no thread is free", None),
            };
            at += 1;
            if !out.add(&line).await {
                return false;
            }
        }
        true
    }
}

/// Records a span for each line of a stream.
struct LineRecorder {
    telemetry: Telemetry,
    /// The span of the whole stream.
    request: SpanContext,
    model: Arc<ServedModel>,
}

impl LineRecorder {
    fn record(&self, number: u64, began: Instant, status: OutcomeStatus) {
        let line = StreamMessage {
            model: self.model.id(),
            number,
            duration: began.elapsed(),
            error: status.error(),
        };
        self.telemetry.record_line(&self.request, &line);
    }
}

async fn is_cut(stage: &mut watch::Receiver<Stage>) {
    let _ = stage.wait_for(|&stage| stage == Stage::Cutting).await;
}

/// The line of the response for one message.
fn result_line(
    model: &ServedModel,
    number: u64,
    handled: Result<(), Failure>,
    outcome: &mut Outcome,
    expose_panics: bool,
    id: &str,
) -> (OutcomeStatus, Vec<u8>) {
    if let Err(failure) = handled {
        log_failure(&failure);
        let pointer = match &failure {
            Failure::Message(error) | Failure::Outcome(error) => Some(error.pointer.as_str()),
            Failure::Panic(_) => None,
        };
        let detail = failure_detail(&failure, expose_panics, id);
        return (OutcomeStatus::Failed, error_line(Some(number), failure.kind(), &detail, pointer));
    }
    if let Some(error) = outcome.error.take() {
        tracing::info!(kind = error.kind, "{}", error.message);
        let error = json!({ "kind": error.kind, "message": error.message, "line": number });
        return (OutcomeStatus::Error, to_line(json!({ "error": error }).to_string()));
    }
    let mut out = Vec::new();
    match outcome.single() {
        Some(single) if !model.is_many() => out.extend_from_slice(single),
        _ => outcome.write_array(&mut out),
    }
    out.push(b'\n');
    (OutcomeStatus::Output, out)
}

fn timeout_line(line: u64, limit: Duration) -> Vec<u8> {
    error_line(Some(line), "timeout", &timeout_detail(limit), None)
}

/// The line of the response in place of an outcome.
fn error_line(line: Option<u64>, failure: &str, message: &str, pointer: Option<&str>) -> Vec<u8> {
    let mut error = json!({ "failure": failure, "message": message });
    if let Some(line) = line {
        error["line"] = line.into();
    }
    if let Some(pointer) = pointer {
        error["pointer"] = pointer.into();
    }
    to_line(json!({ "error": error }).to_string())
}

fn to_line(mut line: String) -> Vec<u8> {
    line.push('\n');
    line.into_bytes()
}

/// Writes the response. The stream ends if the client does not read it in time.
struct ResponseWriter {
    bytes: Vec<u8>,
    sender: Sender<Bytes, Infallible>,
    limit: Duration,
}

impl ResponseWriter {
    async fn add(&mut self, line: &[u8]) -> bool {
        self.bytes.extend_from_slice(line);
        self.bytes.len() < FLUSH_SIZE || self.flush().await
    }

    async fn flush(&mut self) -> bool {
        if self.bytes.is_empty() {
            return true;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        matches!(timeout(self.limit, self.sender.send_data(bytes)).await, Ok(Ok(())))
    }
}
