//! Queues: messages come from a broker, outcomes go to one.
//!
//! [`address`] knows the brokers; [`redis`] and [`nats`] are one each. [`work`] is a worker:
//! [`flow`] has all its state, [`hand`] a process of it, which is [`process`] on its own side.

mod address;
mod client;
mod collect;
mod flow;
mod hand;
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
mod work;

pub(crate) use self::collect::collect;
pub(crate) use self::pipe::PROCESS_VARIABLE;
pub(crate) use self::process::run;
pub(crate) use self::submit::submit;
pub(crate) use self::work::work;
