//! Protocol Buffers on the wire, through the public face.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bytes;
#[cfg(all(feature = "bytes", feature = "chrono", feature = "jiff", feature = "uuid"))]
mod foreign_types;
mod hostile;
mod newtypes;
mod oneof;
mod properties;
mod types;
