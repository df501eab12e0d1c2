//! Protocol Buffers on the wire, through the public face.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bytes;
mod hostile;
mod properties;
mod types;
