//! The state that the writer shares with engines.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What happened to a message of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaptureStatus {
    Kept,
    /// The file has an equal message.
    Duplicate,
    /// Too many messages wait for the writer.
    Dropped,
    /// The file has its largest number of lines.
    Full,
    /// The message is too long for a line.
    Large,
    /// The model panicked, so it has no outcome.
    Panic,
    /// The file can't be written.
    Failed,
}

const CAPTURE_STATUSES: [&str; 7] =
    ["kept", "duplicate", "dropped", "full", "large", "panic", "failed"];

/// The state that the writer shares with engines.
pub(super) struct Shared {
    counts: [AtomicU64; CAPTURE_STATUSES.len()],
    /// Bytes of messages that wait for the writer.
    pub(super) waiting: AtomicUsize,
    /// Whether the file has its largest number of lines.
    pub(super) is_full: AtomicBool,
}

impl Shared {
    pub(super) fn new(is_full: bool) -> Self {
        Self {
            counts: Default::default(),
            waiting: AtomicUsize::new(0),
            is_full: AtomicBool::new(is_full),
        }
    }

    pub(super) fn count(&self, status: CaptureStatus, many: u64) {
        self.counts[status as usize].fetch_add(many, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        CAPTURE_STATUSES.into_iter().zip(counts)
    }
}
