//! Where a runner's messages come from and go to. Local so far: files, pipes, recorded cases.

mod frame;
pub(crate) mod local;
pub(crate) mod matrix;
mod progress;
pub(crate) mod settings;
pub(crate) mod source;
