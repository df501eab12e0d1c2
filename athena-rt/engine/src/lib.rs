//! The local engine, and the parts that all engines share.
//!
//! | module | its job |
//! |---|---|
//! | [`local`], [`matrix`] | messages from files and pipes, and recorded messages under several environments |
//! | [`handler`] | a model with its settings: bytes in, bytes out |
//! | [`bound_model`], [`overrides`] | a model of a service or a worker, with variables that messages may set |
//! | [`call`] | the models of a program with a `main` of its own |
//! | [`capture`] | captures a sample of messages and outcomes |
//! | [`exit_guard`] | a model that calls `exit` |
//! | [`local_host`], [`token`] | who may ask a service or a worker |
//! | [`rejects`], [`prometheus`] | rejected messages, and Prometheus' text format |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

pub mod bound_model;
pub mod call;
pub mod capture;
pub mod exit_guard;
pub mod handler;
pub mod local;
pub mod local_host;
pub mod matrix;
pub mod overrides;
pub mod prometheus;
pub mod rejects;
pub mod token;
