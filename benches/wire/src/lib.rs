//! The messages of `cargo bench -p athena-bench-wire`: as structures, and for each other codec.

#![allow(missing_docs, reason = "the fields are the same in all of them")]

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, unreachable_pub)]
pub mod buffa_schema;
pub mod ours;
pub mod prost_schema;
pub mod serde_schema;
