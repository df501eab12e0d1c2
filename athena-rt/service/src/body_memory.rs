//! The memory that the bodies of all requests take together: each is limited, and so is their number, but
//! not the product of both.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tonic::Status;

use super::problem::Problem;

/// The bytes that bodies may take, and those that are free.
pub(super) struct BodyMemory {
    total: usize,
    free: AtomicUsize,
}

impl BodyMemory {
    pub(super) fn new(total: usize) -> Arc<Self> {
        Arc::new(Self { total, free: AtomicUsize::new(total) })
    }

    /// Holds nothing yet.
    pub(super) fn hold(self: &Arc<Self>) -> HeldMemory {
        HeldMemory { memory: Arc::clone(self), held: AtomicUsize::new(0) }
    }

    pub(super) fn total(&self) -> usize {
        self.total
    }
}

/// The memory of a request, until this is dropped.
pub(super) struct HeldMemory {
    memory: Arc<BodyMemory>,
    held: AtomicUsize,
}

impl HeldMemory {
    /// Holds this number of bytes from now on. For one request at a time.
    ///
    /// # Errors
    ///
    /// 503 if other requests hold too many.
    pub(super) fn set(&self, bytes: usize) -> Result<(), Problem> {
        let held = self.held.load(Ordering::Relaxed);
        if bytes > held {
            let take = |free: usize| free.checked_sub(bytes - held);
            let free = &self.memory.free;
            free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .map_err(|_| Problem::no_memory(self.memory.total))?;
        } else {
            self.memory.free.fetch_add(held - bytes, Ordering::Relaxed);
        }
        self.held.store(bytes, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for HeldMemory {
    fn drop(&mut self) {
        self.memory.free.fetch_add(self.held.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// A body whose bytes are held as they arrive. It fails with `RESOURCE_EXHAUSTED`.
pub(super) struct HeldBody {
    body: Body,
    held: Arc<HeldMemory>,
    arrived: usize,
}

impl HeldBody {
    pub(super) fn new(body: Body, held: Arc<HeldMemory>) -> Self {
        Self { body, held, arrived: 0 }
    }
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.arrived += frame.data_ref().map_or(0, Bytes::len);
            if let Err(problem) = self.held.set(self.arrived) {
                let status = Status::resource_exhausted(problem.detail());
                return Poll::Ready(Some(Err(axum::Error::new(status))));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use athena_protocol::Serve;
    use axum::http::HeaderMap;
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::body;
    use crate::limits::Limits;
    use crate::timers::Timers;

    #[test]
    fn requests_share_the_memory_and_return_it() {
        let memory = BodyMemory::new(100);
        let (one, other) = (memory.hold(), memory.hold());
        assert!(one.set(60).is_ok() && other.set(41).is_err());
        assert!(other.set(40).is_ok() && one.set(61).is_err());
        assert!(one.set(10).is_ok() && other.set(90).is_ok());
        drop(other);
        assert!(one.set(100).is_ok());
        drop(one);
        assert_eq!(memory.free.load(Ordering::Relaxed), 100);
    }

    #[tokio::test]
    async fn a_body_that_finds_no_memory_is_503_and_resource_exhausted() {
        let memory = BodyMemory::new(100);
        let limits = Limits::from_request(&Serve::default());
        let read = async |length: usize, held: &HeldMemory| {
            let mut body = Body::from(vec![b' '; length]);
            body::read(&HeaderMap::new(), &mut body, &limits, &Timers::default(), held).await
        };
        let (one, other) = (memory.hold(), memory.hold());
        assert_eq!(read(60, &one).await.map(|bytes| bytes.len()).ok(), Some(60));
        let problem = read(41, &other).await.unwrap_err();
        assert_eq!(problem.status(), 503);
        let mut call = HeldBody::new(Body::from(vec![b' '; 41]), Arc::new(memory.hold()));
        let error = call.frame().await.unwrap().unwrap_err();
        let status = error.into_inner().downcast::<Status>().unwrap();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        drop(one);
        assert!(read(41, &other).await.is_ok());
    }
}
