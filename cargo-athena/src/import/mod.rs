//! Cases from the suites that other projects have: records in files, whose parts are found by JSON
//! pointers.
//!
//! | module | its job |
//! |---|---|
//! | `read` | the records of a file, by its extension |
//! | `csv` | comma-separated values |
//! | `mapping` | from a record to a case |
//! | `unreadable` | which messages the model can't read |

mod csv;
mod mapping;
mod read;
mod unreadable;

pub(crate) use self::mapping::{ImportedSuite, Mapping, Part, fields, file_name};
pub(crate) use self::read::records;
pub(crate) use self::unreadable::{UnreadableLines, unreadable};
