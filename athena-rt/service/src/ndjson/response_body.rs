//! The body of the response to a stream.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use hyper::body::Frame;
use tokio::time::timeout;

/// A response whose work is done by the task of its connection. A task of its own would take turns with that of the
/// connection for each batch, and Tokio wakes another thread if they do so too often.
pub(super) struct ResponseBody {
    /// `None` when it has ended.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    unsent: Arc<Unsent>,
}

/// Bytes that the connection has not taken.
#[derive(Default)]
pub(super) struct Unsent(Mutex<Bytes>);

impl Unsent {
    /// Hands bytes over when the connection has taken those before.
    pub(super) async fn send(&self, mut bytes: Bytes) {
        poll_fn(|_| {
            let mut unsent = self.lock();
            if !unsent.is_empty() {
                // The body polls the work again before it looks for more bytes.
                return Poll::Pending;
            }
            *unsent = std::mem::take(&mut bytes);
            Poll::Ready(())
        })
        .await;
    }

    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResponseBody {
    pub(super) fn new<F: Future<Output = ()> + Send + 'static>(
        work: impl FnOnce(Arc<Unsent>) -> F,
    ) -> Self {
        let unsent: Arc<Unsent> = Arc::default();
        Self { work: Some(Box::pin(work(Arc::clone(&unsent)))), unsent }
    }

    /// Ends the response if its client takes longer than this to read a part of it: for a server that has no such
    /// limit.
    pub(super) fn with_limit(mut self, limit: Duration) -> Body {
        let (mut sender, channel) = Channel::<Bytes, Infallible>::new(1);
        tokio::spawn(async move {
            while let Some(Ok(frame)) = self.frame().await {
                if !matches!(timeout(limit, sender.send(frame)).await, Ok(Ok(()))) {
                    return;
                }
            }
        });
        Body::new(channel)
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.work.as_mut().is_some_and(|work| work.as_mut().poll(context).is_ready()) {
            self.work = None;
        }
        let bytes = std::mem::take(&mut *self.unsent.lock());
        match (bytes.is_empty(), &self.work) {
            (false, _) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (true, None) => Poll::Ready(None),
            (true, Some(_)) => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends three parts without a pause.
    fn body() -> ResponseBody {
        ResponseBody::new(|unsent| async move {
            for part in ["one", "two", "three"] {
                unsent.send(part.into()).await;
            }
        })
    }

    #[tokio::test]
    async fn each_part_is_a_frame_and_the_body_ends_after_the_last() {
        let mut body = body();
        for part in ["one", "two", "three"] {
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), part);
        }
        assert!(body.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_nobody_reads_ends_after_the_limit() {
        let limit = Duration::from_secs(1);
        for (pause, frames) in [(limit / 2, 3), (limit * 2, 2)] {
            let mut body = body().with_limit(limit);
            let mut read = 0;
            while body.frame().await.is_some() {
                read += 1;
                tokio::time::sleep(pause).await;
            }
            assert_eq!(read, frames, "{pause:?}");
        }
    }
}
