//! What the responses of a connection of HTTP/2 wait for. A client may answer pings and give no response room
//! to be sent, for ever; or have no request, and a place that others need.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::app::Stage;
use super::keep_alive::IDLE;

/// The longest time between two looks at what a connection waits for.
const LOOK: Duration = Duration::from_secs(1);

/// The longest part of a response that is sent at once: a slow client has the time limit for each.
const PART: usize = 64 << 10;

/// The requests of a connection.
pub(super) struct StreamProgress {
    state: Mutex<State>,
    /// Notified when the first request begins, or the last one is answered.
    changed: Notify,
}

struct State {
    next: u64,
    /// Since when each response waits for the client; `None` if it waits for a model.
    responses: HashMap<u64, Option<Instant>>,
    /// Since when there are none.
    idle_since: Instant,
}

/// A request until its response is sent.
pub(super) struct StreamRequest {
    number: u64,
    progress: Arc<StreamProgress>,
}

impl StreamProgress {
    pub(super) fn new() -> Arc<Self> {
        let state = State { next: 0, responses: HashMap::new(), idle_since: Instant::now() };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new() })
    }

    /// Begins a request.
    pub(super) fn begin(self: &Arc<Self>) -> StreamRequest {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.responses.insert(number, None);
        if state.responses.len() == 1 {
            self.changed.notify_one();
        }
        StreamRequest { number, progress: Arc::clone(self) }
    }

    /// Waits until the connection is of no use any more. Returns why.
    pub(super) async fn until_useless(
        &self,
        limit: Duration,
        pressure: &Notify,
        stage: watch::Receiver<Stage>,
    ) -> &'static str {
        let look = (limit / 4).clamp(Duration::from_millis(10), LOOK);
        loop {
            // Registered when the connection becomes idle: the one that was idle first makes place.
            let mut pressed = pin!(pressure.notified());
            while let Some(idle) = self.idle() {
                if idle > IDLE || (idle > limit && *stage.borrow() > Stage::Open) {
                    return "it is idle";
                }
                tokio::select! {
                    () = &mut pressed => return "another one needs its place",
                    () = self.changed.notified() => {}
                    () = sleep(look) => {}
                }
            }
            if self.is_stalled(limit) {
                return "its client reads no response";
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep(look) => {}
            }
        }
    }

    /// How long there has been no request. `None` if there is one.
    fn idle(&self) -> Option<Duration> {
        let state = self.lock();
        state.responses.is_empty().then(|| state.idle_since.elapsed())
    }

    /// Whether a response has waited for the client for longer than this.
    fn is_stalled(&self, limit: Duration) -> bool {
        self.lock().responses.values().flatten().any(|since| since.elapsed() > limit)
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
        if let Some(waits) = self.progress.lock().responses.get_mut(&self.number) {
            *waits = for_client.then(Instant::now);
        }
    }
}

impl Drop for StreamRequest {
    fn drop(&mut self) {
        let mut state = self.progress.lock();
        state.responses.remove(&self.number);
        if state.responses.is_empty() {
            state.idle_since = Instant::now();
            self.progress.changed.notify_one();
        }
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
