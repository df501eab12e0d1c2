//! Model processes: child processes of this program that call models, so that a model that crashes,
//! exits, hangs or takes all memory costs one message and not the job.
//!
//! The parent starts this program again with [`config::PROCESS_VARIABLE`] set. The child reads [frames](frame)
//! from standard input and writes frames to standard output: its settings first, then a [`Request`]
//! each, answered by any number of [`Response`]s.
//!
//! | file | its job |
//! |---|---|
//! | `config` | the variable that makes a program a model process |
//! | `spawn` | the command that starts this program again |
//! | `frame`, `message` | the codec of the pipes, for blocking and for asynchronous code |
//! | `parent` | the child's end of the pipes |
//! | `watchdog` | ends a child that takes too long or too much memory, or whose parent is gone |
//! | `handle`, `async_handle` | the parent's end of the pipes: with threads, and with tokio |
//! | `exit` | how a process ended, and whether by itself |
//! | `attribution` | which of the messages that a dead process had is at fault |

mod attribution;
mod config;
mod exit;
mod frame;
mod handle;
pub(crate) mod memory;
mod message;
mod output_tail;
mod parent;
mod perturb;
mod spawn;
mod watchdog;

pub(crate) use self::attribution::{Attribution, Divide, Policy, Task, attribute};
pub(crate) use self::config::ProcessConfig;
pub(crate) use self::exit::{ProcessExit, exit_status_message};
pub(crate) use self::handle::{ModelProcess, ProcessEvent};
pub(crate) use self::message::{Request, Response};
pub(crate) use self::parent::{Parent, Responses};
pub(crate) use self::spawn::{SpawnOptions, Stderr};
pub(crate) use self::watchdog::Watchdog;

/// The stack of a thread that runs models: the size of a main thread's.
pub(crate) const STACK_SIZE: usize = 8 << 20;
