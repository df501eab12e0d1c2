//! The local engine, and what all engines share.
//!
//! | module | its job |
//! |---|---|
//! | [`local`], [`matrix`] | messages from files and pipes, and recorded messages under several environments |
//! | [`handler`] | a model under its settings: bytes in, bytes out |
//! | [`bound_model`], [`overrides`] | a model of a service or a worker, with variables that messages may set |
//! | [`capture`] | keeps a sample of messages and outcomes |
//! | [`rejects`], [`progress`], [`prometheus`] | messages without an outcome, a progress bar, and metrics as text |

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

pub mod bound_model;
pub mod capture;
pub mod handler;
pub mod local;
pub mod matrix;
pub mod overrides;
pub mod progress;
pub mod prometheus;
pub mod rejects;
