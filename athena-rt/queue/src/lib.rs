//! Queues: messages come from a broker, outcomes go to one.
//!
//! | module | job |
//! |---|---|
//! | [`address`], [`open`] | the URL of a queue; opening it with the client of its broker |
//! | [`broker`], [`envelope`] | what every broker does, as traits; what travels through it |
//! | [`redis`], [`nats`] | one broker each |
//! | [`work`] | a worker: [`dispatcher`] has its state, [`model_process_handle`] is one of its processes |
//! | [`model_process`] | such a process from inside; [`ipc`] is what goes through its pipes |
//! | [`submit`], [`collect`] | messages into a queue, outcomes out of it |
//! | [`retry`] | requests to brokers that may be unreachable |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]
#![cfg_attr(
    not(any(feature = "nats", feature = "redis")),
    allow(dead_code, unused_variables, reason = "without a broker no queue can be opened")
)]

mod address;
mod broker;
mod collect;
mod dispatcher;
mod envelope;
mod health_endpoint;
mod ipc;
mod metrics;
mod model_process;
mod model_process_handle;
mod model_table;
#[cfg(feature = "nats")]
mod nats;
mod open;
mod prefetch;
mod print;
#[cfg(feature = "redis")]
mod redis;
mod retry;
mod submit;
#[cfg(test)]
mod test_support;
mod warn_once;
mod work;

pub use self::collect::collect;
pub use self::model_process::{ROLE, run_model_process};
pub use self::submit::submit;
pub use self::work::work;
