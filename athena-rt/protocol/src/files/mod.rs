//! The files of a command: what it reads and writes is compared before anything is touched, and what
//! is written is complete or not begun.
//!
//! | module | its job |
//! |---|---|
//! | `identity` | says whether two paths are the same file |
//! | `plan` | collects the files of a command and refuses an output that would destroy an input |
//! | `protected` | finds out whether a path leads to a recorded case or to a source file |
//! | `replacement` | keeps what a file was when it is replaced |
//! | `transaction` | writes several files, all or none |
//! | `recovery` | finishes or undoes a write that a crash has interrupted |
//! | `change`, `content` | a change of a transaction, and how it knows a file again |
//! | `rewrite` | changes parts of a file that memory need not hold |
//! | `stored` | a new content that memory need not hold |
//! | `blocks` | reads a file block by block |
//! | `error` | why files are not read or written |
//! | `parallel` | does the same with many files at once |
//! | `journal`, `disk` | what a transaction has on disk, and its steps |

mod blocks;
mod change;
mod content;
mod disk;
mod error;
mod identity;
mod journal;
#[cfg(test)]
mod many_files_tests;
mod parallel;
mod plan;
mod protected;
mod recovery;
mod replacement;
mod rewrite;
mod stored;
mod transaction;
#[cfg(all(test, unix))]
mod transaction_tests;

pub use error::FileError;
pub use identity::resolve;
pub use plan::FilePlan;
pub use recovery::{Recovery, recover};
pub use replacement::{check_replaceable, keep_attributes};
pub use rewrite::{Edits, Rewrite, Rewritten};
pub use stored::{ContentWriter, KnownContent, StoredContent};
pub use transaction::Transaction;
