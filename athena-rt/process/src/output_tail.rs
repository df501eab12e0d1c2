//! What a process printed: its beginning and its end, however much it is.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of bytes that are kept of the beginning, and of the end.
const LIMIT: usize = 4 << 10;

#[derive(Clone, Debug, Default)]
pub(super) struct OutputTail(Arc<Mutex<Buffers>>);

#[derive(Debug, Default)]
struct Buffers {
    beginning: Vec<u8>,
    end: VecDeque<u8>,
    omitted: u64,
}

impl OutputTail {
    /// Reads to the end, so that the process never waits for a reader.
    pub(super) fn read(&self, mut from: impl Read) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..length]);
        }
    }

    pub(super) fn text(&self) -> String {
        let buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from_utf8_lossy(&buffers.beginning).into_owned();
        if buffers.omitted > 0 {
            text.push_str(&format!("\n.. {} bytes are left out ..\n", buffers.omitted));
        }
        let end: Vec<u8> = buffers.end.iter().copied().collect();
        text.push_str(&String::from_utf8_lossy(&end));
        text.trim_end().to_owned()
    }
}

impl Buffers {
    fn add(&mut self, bytes: &[u8]) {
        let room = (LIMIT - self.beginning.len()).min(bytes.len());
        self.beginning.extend_from_slice(&bytes[..room]);
        self.end.extend(&bytes[room..]);
        let excess = self.end.len().saturating_sub(LIMIT);
        self.end.drain(..excess);
        self.omitted += excess as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_of_much_are_kept() {
        let tail = OutputTail::default();
        let much = format!("first\n{}last\n", "x".repeat(1 << 20));
        tail.read(much.as_bytes());
        let text = tail.text();
        assert!(text.starts_with("first\nx") && text.ends_with("xlast"), "{text}");
        assert!(text.contains("bytes are left out") && text.len() < 2 * LIMIT + 100);
        let little = OutputTail::default();
        little.read(&b"one\ntwo\n"[..]);
        assert_eq!(little.text(), "one\ntwo");
    }
}
