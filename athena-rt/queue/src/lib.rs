//! Queues: messages come from a broker, outcomes go to one.
//!
//! [`address`] knows the brokers; [`redis`] and [`nats`] are one each. [`work`] is a worker:
//! [`flow`] has all its state, [`hand`] a process of it, which is [`process`] on its own side.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod address;
mod client;
mod collect;
mod flow;
mod hand;
mod letter;
#[cfg(test)]
mod memory;
mod meter;
#[cfg(feature = "nats")]
mod nats;
mod pace;
mod pipe;
mod print;
mod probe;
mod process;
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

pub use self::collect::collect;
pub use self::pipe::PROCESS_VARIABLE;
pub use self::process::run;
pub use self::submit::submit;
pub use self::work::work;
