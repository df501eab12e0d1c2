//! The messages that `cargo bench -p athena-bench-wire` writes and reads: ours, and the same for
//! each peer as it wants them.

#![allow(missing_docs, reason = "the fields are the same in all of them")]

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, unreachable_pub)]
pub mod buffa_schema;
pub mod ours;
pub mod prost_schema;
pub mod serde_schema;
