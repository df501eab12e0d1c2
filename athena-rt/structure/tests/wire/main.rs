//! Protocol Buffers on the wire, through the public face.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bytes;
mod hostile;
mod oneof;
#[cfg(all(feature = "chrono", feature = "jiff", feature = "uuid"))]
mod peers;
mod properties;
mod types;
