//! How long a connection may stay without a request, and the timer of those of HTTP/1.
//!
//! hyper has one limit for two waits: for a request to begin, and for its head to arrive. A load balancer
//! keeps idle connections open for a minute to ten and sends the next request on one that it thinks is
//! open; so an idle connection has more time than a client that has begun to send. hyper waits with the
//! timer of this module, which knows whether bytes have arrived since.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// How long a connection may be idle. Longer than the ten minutes of Google's load balancers; those of
/// nginx, `HAProxy` and AWS wait for a minute.
pub(super) const IDLE: Duration = Duration::from_secs(650);

/// The bytes that arrived on a connection since the last request.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    /// When the first byte arrived, in nanoseconds after `start`; 0 before.
    first_byte: AtomicU64,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), first_byte: AtomicU64::new(0) })
    }

    fn begin_idle(&self) {
        self.first_byte.store(0, Ordering::Relaxed);
    }

    fn record_bytes(&self) {
        if self.first_byte.load(Ordering::Relaxed) == 0 {
            let nanos = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.first_byte.store(nanos.max(1), Ordering::Relaxed);
        }
    }

    fn first_byte(&self) -> Option<Instant> {
        let nanos = self.first_byte.load(Ordering::Relaxed);
        (nanos > 0).then(|| self.start + Duration::from_nanos(nanos))
    }
}

/// hyper's timer for the head of a request, on one connection.
#[derive(Debug)]
pub(super) struct HeadTimer {
    pub(super) activity: Arc<Activity>,
    /// How long a head may take from its first byte.
    pub(super) limit: Duration,
    /// Wakes the connection that has been idle for the longest time, if another one needs its place.
    pub(super) pressure: Arc<Notify>,
}

impl HeadTimer {
    /// The limit that hyper is set to.
    pub(super) fn idle_limit(&self) -> Duration {
        IDLE.max(self.limit)
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    /// Called when a connection begins to wait for a request.
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.activity.begin_idle();
        Box::pin(HeadSleep {
            sleep: Box::pin(tokio::time::sleep_until(deadline.into())),
            idle_deadline: deadline,
            activity: Arc::clone(&self.activity),
            limit: self.limit,
            pressure: Arc::clone(&self.pressure),
            notified: None,
        })
    }
}

/// Ends when a connection has been idle, or the head of a request has been incomplete, for too long.
struct HeadSleep {
    sleep: Pin<Box<tokio::time::Sleep>>,
    idle_deadline: Instant,
    activity: Arc<Activity>,
    limit: Duration,
    pressure: Arc<Notify>,
    /// Registered when the connection is idle at last: nearly every request has arrived by then.
    notified: Option<Pin<Box<OwnedNotified>>>,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let deadline = if let Some(first_byte) = self.activity.first_byte() {
            self.notified = None;
            first_byte + self.limit
        } else {
            let pressure = Arc::clone(&self.pressure);
            let notified = self.notified.get_or_insert_with(|| Box::pin(pressure.notified_owned()));
            if notified.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            self.idle_deadline
        };
        if self.sleep.deadline() != deadline.into() {
            self.sleep.as_mut().reset(deadline.into());
        }
        self.sleep.as_mut().poll(context)
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
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, limit: Duration) -> Self {
        Self { stream, activity, limit, stalled: None }
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

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.record_bytes();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
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
        self.limit_write(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.limit_write(context, ended)
    }
}
