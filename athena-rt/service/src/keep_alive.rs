//! How long a connection may stay without a request, and the timer of those of HTTP/1.
//!
//! hyper has one limit for two waits: for a request to begin, and for its head to arrive. A load balancer
//! keeps idle connections open for a minute to ten and sends the next request on one that it thinks is
//! open; so an idle connection has more time than a client that has begun to send. hyper waits with the
//! timer of this module, which knows whether bytes have arrived since.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// How long a connection may be idle. Longer than the ten minutes of Google's load balancers; those of
/// nginx, `HAProxy` and AWS wait for a minute.
pub(super) const IDLE: Duration = Duration::from_secs(650);

/// Whether bytes arrived on a connection since the last request was answered.
#[derive(Debug, Default)]
pub(super) struct Activity {
    has_request: AtomicBool,
}

impl Activity {
    /// Whether a request has begun to arrive, and is not answered.
    fn has_request(&self) -> bool {
        self.has_request.load(Ordering::Relaxed)
    }

    fn set(&self, has_request: bool) {
        self.has_request.store(has_request, Ordering::Relaxed);
    }
}

/// For how long a connection has no request before it may be closed for another one. On a busy connection
/// the next request is there by then.
const SETTLED: Duration = Duration::from_millis(100);

/// hyper's timer for the head of a request, on one connection. hyper asks for a new timer for each request;
/// all of them are this one, which is set again only when it ends: most requests arrive long before.
#[derive(Debug)]
pub(super) struct HeadTimer {
    /// The limit that hyper is set to.
    idle_limit: Duration,
    state: Arc<Mutex<HeadState>>,
}

#[derive(Debug)]
struct HeadState {
    activity: Arc<Activity>,
    /// How long a head may take from its first byte.
    limit: Duration,
    /// Wakes the connection that has been idle for the longest time, if another one needs its place.
    pressure: Arc<Notify>,
    sleep: Pin<Box<tokio::time::Sleep>>,
    settles: Instant,
    idle_deadline: Instant,
    /// When a head began to arrive that is not complete.
    began: Option<Instant>,
    /// Registered while the connection is idle and has settled.
    notified: Option<Pin<Box<OwnedNotified>>>,
}

impl HeadTimer {
    pub(super) fn new(activity: Arc<Activity>, limit: Duration, pressure: Arc<Notify>) -> Self {
        let (idle_limit, now) = (IDLE.max(limit), Instant::now());
        let state = HeadState {
            activity,
            limit,
            pressure,
            sleep: Box::pin(tokio::time::sleep(SETTLED)),
            settles: now + SETTLED,
            idle_deadline: now + idle_limit,
            began: None,
            notified: None,
        };
        Self { idle_limit, state: Arc::new(Mutex::new(state)) }
    }

    pub(super) fn idle_limit(&self) -> Duration {
        self.idle_limit
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    /// Called when a connection begins to wait for a request.
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let mut state = lock(&self.state);
        state.activity.set(false);
        state.began = None;
        state.idle_deadline = deadline;
        state.settles = (deadline + SETTLED).checked_sub(self.idle_limit).unwrap_or(deadline);
        drop(state);
        Box::pin(HeadSleep(Arc::clone(&self.state)))
    }
}

fn lock(state: &Mutex<HeadState>) -> MutexGuard<'_, HeadState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends when a connection has been idle, or the head of a request has been incomplete, for too long.
struct HeadSleep(Arc<Mutex<HeadState>>);

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        lock(&self.0).poll(context)
    }
}

impl Drop for HeadSleep {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        // A connection with a request makes no place. The request may have arrived with the one before.
        state.notified = None;
        state.activity.set(true);
    }
}

impl HeadState {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            // hyper polls the timer when it has read what is there.
            if self.began.is_none() && self.activity.has_request() {
                self.began = Some(Instant::now());
            }
            let deadline = match self.began {
                Some(began) => began + self.limit,
                None if self.notified.is_none() => self.settles,
                None => self.idle_deadline,
            };
            if self.began.is_some() {
                self.notified = None;
            } else if let Some(notified) = &mut self.notified
                && notified.as_mut().poll(context).is_ready()
            {
                return Poll::Ready(());
            }
            // It may end too early, and is set to the deadline then.
            if self.sleep.deadline() > deadline.into() {
                self.sleep.as_mut().reset(deadline.into());
            }
            ready!(self.sleep.as_mut().poll(context));
            if Instant::now() >= deadline {
                if self.began.is_some() || self.notified.is_some() {
                    return Poll::Ready(());
                }
                self.notified = Some(Box::pin(Arc::clone(&self.pressure).notified_owned()));
                self.sleep.as_mut().reset(self.idle_deadline.into());
            } else {
                self.sleep.as_mut().reset(deadline.into());
            }
        }
    }
}

/// A stream that records when bytes arrive, and fails if its client does not read for too long.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    /// How long a write may wait for the client.
    limit: Duration,
    /// Set while a write waits.
    stalled: Option<Pin<Box<tokio::time::Sleep>>>,
    /// `None` if nobody asks whether the client has left.
    ahead: Option<Ahead>,
}

/// What was read to see whether the client has left: the beginning of its next request.
#[derive(Default)]
struct Ahead {
    bytes: [u8; 16],
    start: usize,
    end: usize,
}

impl Ahead {
    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn read(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = buffer.remaining().min(self.end - self.start);
        buffer.put_slice(&self.bytes[self.start..self.start + length]);
        self.start += length;
    }
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, limit: Duration) -> Self {
        Self { stream, activity, limit, stalled: None, ahead: None }
    }

    /// Fails while a request waits for its response, if its client closes its side: nothing else tells that
    /// a client has left. hyper looks for it too, unless it is told to allow half-closed connections, but it
    /// reads into a new buffer for each request.
    pub(super) fn end_when_client_leaves(mut self) -> Self {
        self.ahead = Some(Ahead::default());
        self
    }

    /// Passes on the result of a write; one that waits for longer than the limit is an error.
    fn limit_write<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Whether the client of a request has left.
    fn poll_left(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(ahead) = &mut self.ahead else { return Poll::Pending };
        if !self.activity.has_request() || !ahead.is_empty() {
            return Poll::Pending;
        }
        let mut buffer = ReadBuf::new(&mut ahead.bytes);
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
        (ahead.start, ahead.end) = (0, buffer.filled().len());
        if read.is_ok() && !ahead.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Some(ahead) = &mut self.ahead {
            ahead.read(buffer);
        }
        let has_ahead = buffer.filled().len() > before;
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        // Together with what follows: hyper's buffers grow and shrink with what it reads. The end, or an error,
        // comes again with the next call.
        let polled = if has_ahead { Poll::Ready(Ok(())) } else { polled };
        if buffer.filled().len() > before {
            self.activity.set(true);
        } else if polled.is_ready() {
            // hyper knows by itself.
            self.ahead = None;
        }
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limit_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.limit_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        // hyper calls this each time that it has polled a request.
        ready!(self.limit_write(context, flushed))?;
        match self.poll_left(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.limit_write(context, ended)
    }
}
