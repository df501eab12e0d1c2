//! Model processes: child processes of a runner that call models, so that a crash costs one message.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

pub mod exit_status;
pub mod memory;
pub mod perturb;

/// The stack of a thread that calls models, in bytes: what the main thread of a program has.
pub const STACK: usize = 8 << 20;
