//! Protocol Buffers on the wire, through the public face.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bytes;
#[cfg(all(
    feature = "bytes",
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "time",
    feature = "uuid"
))]
mod foreign_table;
#[cfg(all(feature = "bytes", feature = "chrono", feature = "jiff", feature = "uuid"))]
mod foreign_types;
#[allow(dead_code, reason = "not every test uses each form")]
#[path = "../forms/mod.rs"]
mod forms;
mod hostile;
mod newtypes;
mod oneof;
mod properties;
mod types;
mod wrong_inputs;
