//! Where a runner's messages come from and go to: files, pipes and recorded cases ([`local`]), or
//! HTTP ([`service`]).

mod frame;
pub(crate) mod handler;
pub(crate) mod local;
pub(crate) mod matrix;
mod progress;
#[cfg(feature = "service")]
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod source;
#[cfg_attr(not(test), expect(dead_code, reason = "the local engine and HTTP keep no tickets"))]
mod transport;
