//! Limits on what is read.

/// The levels of nested messages that are followed before reading fails, the limit that Protocol Buffers
/// implementations share.
pub const DEPTH_LIMIT: u32 = 100;
