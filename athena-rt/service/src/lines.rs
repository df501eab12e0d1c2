//! A stream of messages, a line each: outcomes come in their order, a line each, and what is held
//! in memory is a few batches a stream, however long it is.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use athena_protocol::Format;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use serde_json::json;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::app::{App, Running, Stage};
use super::content::Content;
use super::cut::{Found, Lines};
use super::ids::Ids;
use super::job::note;
use super::metrics::Fate;
use super::models::Served;
use super::problem::{Problem, words};
use super::time;
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;

/// How many bytes are handed to the connection at once.
const PIECE: usize = 64 << 10;

/// How many lines of a stream an `async fn` has at once, or has done before an earlier one.
const AHEAD: usize = 256;

/// Answers a stream. The head of the answer is sent before the first line is read.
///
/// # Errors
///
/// The service has enough to do.
pub(super) fn answer(
    app: &Arc<App>,
    model: &Arc<Served>,
    ids: &Ids,
    body: Body,
) -> Result<Response, Problem> {
    if app.is_full(model) {
        let taken = if model.is_async() { app.async_taken() } else { app.taken() };
        return Err(Problem::busy(taken));
    }
    let (sender, channel) = Channel::<Bytes, Infallible>::new(1);
    let stream = Stream { app: Arc::clone(app), model: Arc::clone(model), ids: ids.clone() };
    tokio::spawn(async move {
        let _in_flight = stream.app.enter();
        let ahead = if stream.model.is_async() { AHEAD } else { stream.app.limits.jobs * 2 };
        let (pieces, finished) = mpsc::channel(ahead);
        let read = async {
            stream.read(body, pieces).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = stream.write(finished, sender) => {}
            () = read => {}
        }
    });
    let mut response = Response::new(Body::new(channel));
    let kind = HeaderValue::from_static(Content::Lines.name());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

struct Stream {
    app: Arc<App>,
    model: Arc<Served>,
    ids: Ids,
}

/// Lines that run as one piece of work.
#[derive(Default)]
struct Batch {
    lines: Vec<(u64, Vec<u8>)>,
    /// Nobody waits for what is left of it.
    is_left: AtomicBool,
}

/// In the order of the input.
enum Piece {
    Told(Vec<u8>),
    Batch {
        batch: Arc<Batch>,
        work: Work,
    },
    /// A line that an `async fn` has, beside others.
    Line {
        number: u64,
        running: Running<(Fate, Vec<u8>)>,
    },
}

/// A batch at work, and what it has given so far, a line each.
struct Work {
    given: mpsc::UnboundedReceiver<(Fate, Vec<u8>)>,
    _running: Running<()>,
}

impl Stream {
    async fn read(&self, mut body: Body, pieces: mpsc::Sender<Piece>) {
        let mut stage = self.app.stage.subscribe();
        let limit = self.app.limits.timeout;
        let mut lines = Lines::new(self.app.limits.body);
        loop {
            let frame = tokio::select! {
                frame = timeout(limit, body.frame()) => frame,
                () = is_cut(&mut stage) => {
                    let words = "the service ends: what comes after the last line was not read";
                    let _ = pieces.send(Piece::Told(failed(None, "shutdown", words, None))).await;
                    return;
                }
            };
            let is_last = match frame {
                Ok(Some(Ok(frame))) => {
                    lines.push(frame.data_ref().map_or(&[], |data| data));
                    false
                }
                Ok(None) => true,
                // A client that is gone has no use for half a line's outcome.
                Ok(Some(Err(_))) => return,
                Err(_) => {
                    let words = format!("no line came for {}", time(limit));
                    let _ = pieces.send(Piece::Told(failed(None, "slow", &words, None))).await;
                    return;
                }
            };
            while let Some(found) = lines.take(is_last) {
                if self.hand_on(found, &pieces).await.is_none() {
                    return;
                }
            }
            if is_last {
                return;
            }
        }
    }

    /// Has lines run; none where the stream has ended.
    async fn hand_on(&self, found: Found, pieces: &mpsc::Sender<Piece>) -> Option<()> {
        let piece = match found {
            Found::TooLong(line) => {
                let words = format!("a line has at most {} bytes", self.app.limits.body);
                Piece::Told(failed(Some(line), "size", &words, None))
            }
            Found::Lines(lines) if self.model.is_async() => {
                for (number, line) in lines {
                    let running = self.begin_async(number, line).await?;
                    pieces.send(Piece::Line { number, running }).await.ok()?;
                }
                return Some(());
            }
            Found::Lines(lines) => {
                let batch = Arc::new(Batch { lines, ..Batch::default() });
                let work = self.begin(&batch).await?;
                Piece::Batch { batch, work }
            }
        };
        pieces.send(piece).await.ok()
    }

    /// Has a line run beside others.
    async fn begin_async(&self, number: u64, line: Vec<u8>) -> Option<Running<(Fate, Vec<u8>)>> {
        let (model, limit) = (Arc::clone(&self.model), self.app.limits.timeout);
        let (span, expose_panics) = (self.ids.span(model.id()), self.app.expose_panics);
        let work = async move {
            let handling = async {
                let outcome = Outcome::new(Format::Json);
                let (mut outcome, handled) = model.handle_async(&line, Format::Json, outcome).await;
                tell(&model, number, handled, &mut outcome, expose_panics)
            };
            match timeout(limit, handling).await {
                Ok(done) => done,
                Err(_) => (Fate::Late, late(number, limit)),
            }
        };
        self.app.begin_async(work.instrument(span)).await
    }

    /// Has a batch run on the pool.
    async fn begin(&self, batch: &Arc<Batch>) -> Option<Work> {
        let (give, given) = mpsc::unbounded_channel();
        let (batch, model) = (Arc::clone(batch), Arc::clone(&self.model));
        let (span, expose_panics) = (self.ids.span(model.id()), self.app.expose_panics);
        let work = move || {
            let _span = span.enter();
            let mut outcome = Outcome::new(Format::Json);
            for (number, line) in &batch.lines {
                if batch.is_left.load(Ordering::Relaxed) {
                    return;
                }
                let handled = model.handle(line, Format::Json, &mut outcome);
                let done = tell(&model, *number, handled, &mut outcome, expose_panics);
                if give.send(done).is_err() {
                    return;
                }
            }
        };
        let running = self.app.begin(work).await?;
        Some(Work { given, _running: running })
    }

    async fn write(&self, mut pieces: mpsc::Receiver<Piece>, sender: Sender<Bytes, Infallible>) {
        let mut out = Out { bytes: Vec::new(), sender, limit: self.app.limits.timeout };
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
            let went_on = match piece {
                None => {
                    out.flush().await;
                    return;
                }
                Some(Piece::Told(line)) => out.add(&line).await,
                Some(Piece::Batch { batch, work }) => self.write_batch(batch, work, &mut out).await,
                Some(Piece::Line { number, running }) => {
                    self.write_line(number, running, &mut out).await
                }
            };
            if !went_on {
                return;
            }
        }
    }

    /// Writes what a line gives; whether the client is still there.
    async fn write_line(
        &self,
        number: u64,
        mut running: Running<(Fate, Vec<u8>)>,
        out: &mut Out,
    ) -> bool {
        if !running.is_finished() && !out.flush().await {
            return false;
        }
        let (fate, line) = running.end().await.unwrap_or_else(|| {
            let words = "the task of the model ended";
            (Fate::Failed, failed(Some(number), "service", words, None))
        });
        self.model.meter.message(fate);
        out.add(&line).await
    }

    /// Writes what a batch gives; whether the client is still there.
    async fn write_batch(&self, mut batch: Arc<Batch>, mut work: Work, out: &mut Out) -> bool {
        let limit = self.app.limits.timeout;
        let mut at = 0;
        while at < batch.lines.len() {
            let number = batch.lines[at].0;
            let done = match work.given.try_recv() {
                Ok(done) => Some(done),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    if !out.flush().await {
                        return false;
                    }
                    let Ok(done) = timeout(limit, work.given.recv()).await else {
                        self.model.meter.message(Fate::Late);
                        if !out.add(&late(number, limit)).await {
                            return false;
                        }
                        // What is left runs elsewhere, if any thread is free.
                        batch.is_left.store(true, Ordering::Relaxed);
                        let lines = batch.lines[at + 1..].to_vec();
                        batch = Arc::new(Batch { lines, ..Batch::default() });
                        at = 0;
                        match timeout(limit, self.begin(&batch)).await {
                            Ok(Some(begun)) => work = begun,
                            _ => work.given.close(),
                        }
                        continue;
                    };
                    done
                }
            };
            let line = match done {
                Some((fate, line)) => {
                    self.model.meter.message(fate);
                    line
                }
                None => failed(Some(number), "busy", "no thread is free", None),
            };
            at += 1;
            if !out.add(&line).await {
                return false;
            }
        }
        true
    }
}

async fn is_cut(stage: &mut watch::Receiver<Stage>) {
    let _ = stage.wait_for(|&stage| stage == Stage::Cutting).await;
}

/// One line of the answer.
fn tell(
    model: &Served,
    number: u64,
    handled: Result<(), Failure>,
    outcome: &mut Outcome,
    expose_panics: bool,
) -> (Fate, Vec<u8>) {
    if let Err(failure) = handled {
        note(&failure);
        let pointer = match &failure {
            Failure::Message(error) | Failure::Outcome(error) => Some(error.pointer.as_str()),
            Failure::Panic(_) => None,
        };
        let words = words(&failure, expose_panics);
        return (Fate::Failed, failed(Some(number), failure.kind(), &words, pointer));
    }
    if let Some(error) = outcome.error.take() {
        tracing::info!(kind = error.kind, "{}", error.message);
        let error = json!({ "kind": error.kind, "message": error.message, "line": number });
        return (Fate::Returned, ended(json!({ "error": error }).to_string()));
    }
    let mut out = Vec::new();
    match outcome.single() {
        Some(single) if !model.is_many() => out.extend_from_slice(single),
        _ => outcome.write_array(&mut out),
    }
    out.push(b'\n');
    (Fate::Given, out)
}

fn late(line: u64, limit: Duration) -> Vec<u8> {
    let words = format!("the model gave nothing in {}", time(limit));
    failed(Some(line), "timeout", &words, None)
}

/// The line that stands in the place of an outcome.
fn failed(line: Option<u64>, failure: &str, words: &str, pointer: Option<&str>) -> Vec<u8> {
    let mut error = json!({ "failure": failure, "message": words });
    if let Some(line) = line {
        error["line"] = line.into();
    }
    if let Some(pointer) = pointer {
        error["pointer"] = pointer.into();
    }
    ended(json!({ "error": error }).to_string())
}

fn ended(mut line: String) -> Vec<u8> {
    line.push('\n');
    line.into_bytes()
}

/// The answer, handed to the connection piece by piece. A client that does not read it in time is
/// gone.
struct Out {
    bytes: Vec<u8>,
    sender: Sender<Bytes, Infallible>,
    limit: Duration,
}

impl Out {
    async fn add(&mut self, line: &[u8]) -> bool {
        self.bytes.extend_from_slice(line);
        self.bytes.len() < PIECE || self.flush().await
    }

    async fn flush(&mut self) -> bool {
        if self.bytes.is_empty() {
            return true;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        matches!(timeout(self.limit, self.sender.send_data(bytes)).await, Ok(Ok(())))
    }
}
