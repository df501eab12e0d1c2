//! Model processes: child processes of this program that call models, so that a model that crashes,
//! exits, hangs or takes all memory costs one message and not the job.
//!
//! The parent starts this program again with `ATHENA_MODEL_PROCESS` set. The child reads frames
//! from standard input and writes frames to standard output: its settings first, then a [`Request`]
//! each, answered by any number of [`Response`]s.
//!
//! | file | its job |
//! |---|---|
//! | `config` | the variable that makes a program a model process |
//! | `spawn` | the command that starts this program again |
//! | `frame`, `message` | the codec of the pipes, for blocking and for asynchronous code |
//! | `parent`, `responses` | the child's end of the pipes |
//! | `watchdog` | which messages run, and since when |
//! | `watch` | ends a child that takes too long or too much memory, or whose parent is gone |
//! | `core_wait` | how long a process has waited for a core |
//! | `group` | what a model starts is of its process's group, and ends with it |
//! | `temporary` | where temporary folders are |
//! | `terminate` | a signal for a whole service is for the parent |
//! | `request_pipe` | writes requests, at once or on a thread |
//! | `handle`, `async_handle` | the parent's end of the pipes: with threads, and with tokio |
//! | `exit` | how a process ended, and whether by itself |
//! | `attribution` | which of the messages that a dead process had is at fault |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

#[cfg(feature = "tokio")]
mod async_handle;
mod attribution;
mod config;
mod core_wait;
mod exit;
mod frame;
mod group;
mod handle;
pub mod memory;
mod message;
mod output_tail;
mod parent;
mod perturb;
mod request_pipe;
mod responses;
mod spawn;
mod temporary;
#[cfg(feature = "tokio")]
mod terminate;
mod watch;
mod watchdog;

#[cfg(feature = "tokio")]
pub use self::async_handle::{AsyncModelProcess, RequestSender};
pub use self::attribution::{Attribution, Divide, Policy, Task, attribute};
pub use self::config::{PROCESS_VARIABLE, ProcessConfig, announce_entry, check_entry};
pub use self::exit::ProcessExit;
pub use self::handle::{ModelProcess, ProcessEvent};
pub use self::message::{Request, Response};
pub use self::parent::Parent;
pub use self::responses::Responses;
pub use self::spawn::{SpawnOptions, Stderr};
pub use self::temporary::keep_temporary_files_in;
#[cfg(feature = "tokio")]
pub use self::terminate::ignore_terminate;
pub use self::watch::Watch;
pub use self::watchdog::Watchdog;

/// The stack of a thread that runs models: the size of a main thread's.
pub const STACK_SIZE: usize = 8 << 20;
