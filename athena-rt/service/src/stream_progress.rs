//! What the responses of a connection of HTTP/2 wait for. A client may answer pings and give no response room
//! to be sent, for ever; or have no request, and a place that others need.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use slab::Slab;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::app::Stage;
use super::keep_alive::IDLE;

/// The longest time between two looks at what a connection waits for. Requests take no note of the time: a
/// clock for each part of each response is a twentieth of what a small model costs.
const LOOK: Duration = Duration::from_millis(250);

/// The longest part of a response that is sent at once: a slow client has the time limit for each.
const PART: usize = 64 << 10;

/// The requests of a connection.
pub(super) struct StreamProgress {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Each with the number of its request.
    responses: Slab<(u64, Arc<Steps>)>,
    /// How many requests have begun.
    begun: u64,
}

/// How often a response has begun to wait for its model or for the client: odd while it waits for the client.
#[derive(Default)]
struct Steps(AtomicU64);

/// A request until its response is sent.
pub(super) struct StreamRequest {
    at: usize,
    steps: Arc<Steps>,
    progress: Arc<StreamProgress>,
}

/// What was seen of a connection.
struct Seen {
    begun: u64,
    /// Since when it has had no request.
    idle_since: Instant,
    /// The responses that wait for the client: the request's number, its steps, and when these were first seen.
    waiting: Vec<(u64, u64, Instant)>,
}

impl StreamProgress {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default() })
    }

    /// Begins a request.
    pub(super) fn begin(self: &Arc<Self>) -> StreamRequest {
        let steps: Arc<Steps> = Arc::default();
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        let at = state.responses.insert((number, Arc::clone(&steps)));
        drop(state);
        StreamRequest { at, steps, progress: Arc::clone(self) }
    }

    /// Waits until the connection is of no use any more. Returns why.
    pub(super) async fn until_useless(
        &self,
        limit: Duration,
        pressure: &Notify,
        stage: watch::Receiver<Stage>,
    ) -> &'static str {
        let look = (limit / 4).clamp(Duration::from_millis(10), LOOK);
        let mut seen = Seen { begun: 0, idle_since: Instant::now(), waiting: Vec::new() };
        loop {
            // Registered when the connection is seen to be idle: the one that was so first makes place.
            let mut pressed = pin!(pressure.notified());
            while let Some(idle) = self.idle(&mut seen) {
                if idle > IDLE || (idle > limit && *stage.borrow() > Stage::Open) {
                    return "it is idle";
                }
                tokio::select! {
                    () = &mut pressed => {
                        if self.idle(&mut seen).is_some() {
                            return "another one needs its place";
                        }
                        pressure.notify_one();
                        break;
                    }
                    () = sleep(look) => {}
                }
            }
            if self.is_stalled(&mut seen, limit) {
                return "its client reads no response";
            }
            sleep(look).await;
        }
    }

    /// How long there has been no request. `None` if there is one.
    fn idle(&self, seen: &mut Seen) -> Option<Duration> {
        let state = self.lock();
        if state.begun != seen.begun || !state.responses.is_empty() {
            (seen.begun, seen.idle_since) = (state.begun, Instant::now());
        }
        state.responses.is_empty().then(|| seen.idle_since.elapsed())
    }

    /// Whether a response has waited for the client for longer than this.
    fn is_stalled(&self, seen: &mut Seen, limit: Duration) -> bool {
        let now = Instant::now();
        let earlier = std::mem::take(&mut seen.waiting);
        for (_, (number, steps)) in &self.lock().responses {
            let steps = steps.0.load(Ordering::Relaxed);
            if steps % 2 == 1 {
                let same = |known: &&(u64, u64, Instant)| (known.0, known.1) == (*number, steps);
                let known = earlier.iter().find(same);
                seen.waiting.push((*number, steps, known.map_or(now, |(_, _, since)| *since)));
            }
        }
        seen.waiting.iter().any(|(_, _, since)| now.duration_since(*since) > limit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamRequest {
    /// The response, watched while it is sent.
    pub(super) fn watch(self, response: Response) -> Response {
        self.set_waiting(true);
        let rest = Bytes::new();
        response.map(|body| Body::new(WatchedBody { body, rest, request: self }))
    }

    fn set_waiting(&self, for_client: bool) {
        // Only the task of the response steps.
        let steps = self.steps.0.load(Ordering::Relaxed);
        let next = if (steps % 2 == 1) == for_client { steps + 2 } else { steps + 1 };
        self.steps.0.store(next, Ordering::Relaxed);
    }
}

impl Drop for StreamRequest {
    fn drop(&mut self) {
        self.progress.lock().responses.try_remove(self.at);
    }
}

/// The body of a response. The connection asks for its next frame when the client has room for one.
struct WatchedBody {
    body: Body,
    /// What is left of a frame that is longer than a part.
    rest: Bytes,
    request: StreamRequest,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.rest.is_empty() {
            let polled = Pin::new(&mut self.body).poll_frame(context);
            self.request.set_waiting(polled.is_ready());
            match ready!(polled) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        self.request.set_waiting(true);
        let length = self.rest.len().min(PART);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match (self.rest.len() as u64, self.body.size_hint()) {
            (0, hint) => hint,
            (rest, hint) => {
                let mut more = SizeHint::new();
                more.set_lower(hint.lower() + rest);
                if let Some(upper) = hint.upper() {
                    more.set_upper(upper + rest);
                }
                more
            }
        }
    }
}
