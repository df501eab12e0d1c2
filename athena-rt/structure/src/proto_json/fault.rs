//! The error of a message as ProtoJSON.

use athena_protocol::text::truncate;

use crate::json::{LONGEST, MessageError};
use crate::pointer::escaped;

/// Ten thousand years in seconds, as `google.protobuf.Duration` counts them.
pub(super) const LONGEST_DURATION: u64 = 315_576_000_000;

/// The reason and the place: the path grows from the inside out.
pub(super) struct Fault {
    path: Vec<String>,
    reason: String,
}

impl Fault {
    #[cold]
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { path: Vec::new(), reason: reason.into() }
    }

    #[cold]
    pub(super) fn within(mut self, segment: &str) -> Self {
        self.path.push(escaped(segment).into_owned());
        self
    }
}

impl From<Fault> for MessageError {
    fn from(fault: Fault) -> Self {
        let pointer: String =
            fault.path.iter().rev().flat_map(|segment| ["/", segment.as_str()]).collect();
        Self::new(truncate(&pointer, LONGEST), truncate(&fault.reason, LONGEST))
    }
}
