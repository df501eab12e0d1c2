//! The body of a response to a call.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use axum::http::HeaderMap;
use hyper::body::Frame;

/// Messages, then trailers. tonic's own body has a buffer of eight kilobytes for each response. This one does not tell
/// its size: gRPC has no `content-length`.
pub(super) struct ReplyBody {
    messages: Bytes,
    /// `None` when they are sent.
    trailers: Option<HeaderMap>,
}

impl ReplyBody {
    /// `messages` are as they are sent, each behind its length.
    pub(super) fn new(messages: Vec<u8>, trailers: HeaderMap) -> Self {
        Self { messages: messages.into(), trailers: Some(trailers) }
    }
}

impl HttpBody for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.messages.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.messages)))));
        }
        Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.messages.is_empty() && self.trailers.is_none()
    }
}
