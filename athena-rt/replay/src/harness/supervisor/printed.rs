//! What a worker printed: its beginning and its end, however much it is.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes are kept of the beginning, and as many of the end.
const KEPT: usize = 4 << 10;

#[derive(Clone, Debug, Default)]
pub(super) struct Printed(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    beginning: Vec<u8>,
    end: VecDeque<u8>,
    left_out: u64,
}

impl Printed {
    /// Reads all, so that the worker never waits, and keeps what is wanted.
    pub(super) fn read(&self, mut from: impl Read) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..length]);
        }
    }

    pub(super) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from_utf8_lossy(&kept.beginning).into_owned();
        if kept.left_out > 0 {
            text.push_str(&format!("\n.. {} bytes are left out ..\n", kept.left_out));
        }
        let end: Vec<u8> = kept.end.iter().copied().collect();
        text.push_str(&String::from_utf8_lossy(&end));
        text.trim_end().to_owned()
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = (KEPT - self.beginning.len()).min(bytes.len());
        self.beginning.extend_from_slice(&bytes[..room]);
        self.end.extend(&bytes[room..]);
        let over = self.end.len().saturating_sub(KEPT);
        self.end.drain(..over);
        self.left_out += over as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_of_much_are_kept() {
        let printed = Printed::default();
        let much = format!("first\n{}last\n", "x".repeat(1 << 20));
        printed.read(much.as_bytes());
        let text = printed.text();
        assert!(text.starts_with("first\nx") && text.ends_with("xlast"), "{text}");
        assert!(text.contains("bytes are left out") && text.len() < 2 * KEPT + 100);
        let little = Printed::default();
        little.read(&b"one\ntwo\n"[..]);
        assert_eq!(little.text(), "one\ntwo");
    }
}
