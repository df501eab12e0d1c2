//! Where a runner's messages come from and go to: files, pipes and recorded cases ([`local`]),
//! HTTP and gRPC ([`service`]), or queues ([`queue`]).

#[cfg(any(feature = "service", feature = "queue"))]
pub(crate) mod capture;
#[cfg(any(feature = "service", feature = "queue"))]
pub(crate) mod deployed;
mod frame;
pub(crate) mod handler;
#[cfg(feature = "queue")]
mod letter;
pub(crate) mod local;
pub(crate) mod matrix;
#[cfg(feature = "mpi")]
pub(crate) mod mpi;
#[cfg(any(feature = "service", feature = "queue"))]
mod overrides;
mod progress;
#[cfg(any(feature = "service", feature = "queue"))]
mod prometheus;
#[cfg(feature = "queue")]
pub(crate) mod queue;
mod rejects;
#[cfg(feature = "service")]
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod source;
#[cfg(feature = "queue")]
mod transport;
