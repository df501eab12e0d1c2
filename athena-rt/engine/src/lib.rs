//! The local engine, and the parts that all engines share.
//!
//! | module | its job |
//! |---|---|
//! | [`local`], [`matrix`] | messages from files and pipes, and recorded messages under several environments |
//! | [`handler`] | a model with its settings: bytes in, bytes out |
//! | `bound_model`, `overrides` | a model of a service or a worker, with variables that messages may set |
//! | [`call`] | the models of a program with a `main` of its own |
//! | `capture` | captures a sample of messages and outcomes |
//! | [`exit_guard`] | a model that calls `exit` |
//! | `local_host`, `token` | who may ask a service or a worker |
//! | [`rejects`] | rejected messages |
//! | `prometheus` | Prometheus' text format |
//!
//! Those without a link need the feature `server`: only a service and a worker use them.

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

#[cfg(feature = "server")]
pub mod bound_model;
pub mod call;
#[cfg(feature = "server")]
pub mod capture;
pub mod exit_guard;
pub mod handler;
pub mod local;
#[cfg(feature = "server")]
pub mod local_host;
pub mod matrix;
#[cfg(feature = "server")]
pub mod overrides;
#[cfg(feature = "server")]
pub mod prometheus;
pub mod rejects;
#[cfg(feature = "server")]
pub mod token;
