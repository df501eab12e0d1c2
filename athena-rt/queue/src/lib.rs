//! Queues: messages come from a broker, outcomes go to one.
//!
//! [`address`] knows the brokers; [`redis`] and [`nats`] are one each. [`work`] is a worker:
//! [`flow`] has all its state, [`worker_process`] a process of it, which is [`model_process`] on its own side.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod address;
mod client;
mod collect;
mod flow;
mod ipc;
mod letter;
#[cfg(test)]
mod memory;
mod meter;
mod model_process;
#[cfg(feature = "nats")]
mod nats;
mod pace;
mod print;
mod probe;
#[cfg(feature = "redis")]
mod redis;
mod retry;
mod roster;
#[cfg(test)]
mod samples;
mod settle;
mod submit;
mod transport;
mod work;
mod worker_process;

pub use self::collect::collect;
pub use self::model_process::{ROLE, run_model_process};
pub use self::submit::submit;
pub use self::work::work;
