//! The position of an error in a message, and the texts of errors, which are off the hot path.

use super::error::WireError;
use super::key::{Key, wire_name};
use super::limits::DEPTH_LIMIT;

/// A position in a message, for errors: the bytes that are left.
#[derive(Clone, Copy, Debug)]
pub struct ErrorPosition<'a>(&'a [u8]);

impl<'a> ErrorPosition<'a> {
    /// No position.
    pub(crate) const NONE: ErrorPosition<'static> = ErrorPosition(&[]);

    /// The position of `bytes`.
    #[inline(always)]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// An error here.
    #[cold]
    #[inline(never)]
    pub fn error(self, reason: impl Into<String>) -> WireError {
        WireError::at(self.0, reason.into())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn truncated(self) -> WireError {
        self.error("the message ends in the middle of a field")
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(self) -> WireError {
        self.error(format!("messages are nested deeper than {DEPTH_LIMIT}"))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn overlong(self, length: u64) -> WireError {
        self.error(format!("a length of {length} bytes, but only {} follow", self.0.len()))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn mismatch(self, key: Key, wire: u32) -> WireError {
        let (wanted, found) = (wire_name(wire), wire_name(key.wire()));
        self.error(format!(
            "expected {wanted}, found {found}: the field has another type in the writer"
        ))
    }
}
