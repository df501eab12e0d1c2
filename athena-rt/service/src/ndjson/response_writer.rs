//! Writes the response of a stream.

use std::sync::Arc;

use super::response_body::Unsent;

/// How many bytes are sent at once.
const FLUSH_SIZE: usize = 64 << 10;

/// Writes lines.
pub(super) struct ResponseWriter {
    bytes: Vec<u8>,
    unsent: Arc<Unsent>,
}

impl ResponseWriter {
    pub(super) fn new(unsent: Arc<Unsent>) -> Self {
        Self { bytes: Vec::new(), unsent }
    }

    pub(super) async fn add(&mut self, lines: Vec<u8>) {
        if self.bytes.is_empty() {
            self.bytes = lines;
        } else {
            self.bytes.extend_from_slice(&lines);
        }
        if self.bytes.len() >= FLUSH_SIZE {
            self.flush().await;
        }
    }

    /// Sends what was added.
    pub(super) async fn flush(&mut self) {
        if !self.bytes.is_empty() {
            self.unsent.send(std::mem::take(&mut self.bytes).into()).await;
        }
    }
}
