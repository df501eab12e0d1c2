//! Writes the response of a stream.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::channel::Sender;
use tokio::time::timeout;

/// How many bytes are sent at once.
const FLUSH_SIZE: usize = 64 << 10;

/// Writes lines. The stream ends if the client does not read it in time.
pub(super) struct ResponseWriter {
    bytes: Vec<u8>,
    sender: Sender<Bytes, Infallible>,
    limit: Duration,
}

impl ResponseWriter {
    pub(super) fn new(sender: Sender<Bytes, Infallible>, limit: Duration) -> Self {
        Self { bytes: Vec::new(), sender, limit }
    }

    /// Adds lines; returns whether the client is still there.
    pub(super) async fn add(&mut self, lines: Vec<u8>) -> bool {
        if self.bytes.is_empty() {
            self.bytes = lines;
        } else {
            self.bytes.extend_from_slice(&lines);
        }
        self.bytes.len() < FLUSH_SIZE || self.flush().await
    }

    /// Sends what was added.
    pub(super) async fn flush(&mut self) -> bool {
        if self.bytes.is_empty() {
            return true;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        matches!(timeout(self.limit, self.sender.send_data(bytes)).await, Ok(Ok(())))
    }
}
