//! Where a runner's messages come from and go to: files, pipes and recorded cases ([`local`]),
//! HTTP and gRPC ([`service`]), or queues ([`queue`]).

mod frame;
pub(crate) mod handler;
#[cfg(feature = "queue")]
mod letter;
pub(crate) mod local;
pub(crate) mod matrix;
mod progress;
#[cfg(feature = "queue")]
pub(crate) mod queue;
#[cfg(feature = "service")]
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod source;
#[cfg(feature = "queue")]
mod transport;
