//! Recorded cases on disk, and where messages and environments are read from.
//!
//! | module | its job |
//! |---|---|
//! | [`layout`] | where a case is: folders, names, and which names are allowed |
//! | [`case`], [`suite`] | one recorded call as a file, and many as lines of a file |
//! | [`line_reader`], [`suite_lookup`] | the lines of a suite that memory does not hold, by place and by name |
//! | [`duplicate_keys`] | keys that an object has twice |
//! | [`store`] | files written completely or not at all |
//! | [`index`] | all case files below a folder |
//! | [`hash`] | names made from content |
//! | [`schema_lock`] | the recorded schema of a package, and what changed since |
//! | [`capture_file`] | lines that a service or a worker has captured |
//! | [`migrate`] | case files of an older format |
//! | [`env_file`] | environment files, as dotenv and Compose read them |
//! | [`environments`], [`message_input`], [`message_stream`] | environments and messages for a run, and how a stream of messages is divided |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

pub mod capture_file;
pub mod case;
pub mod duplicate_keys;
pub mod env_file;
pub mod environments;
mod expected_error;
pub mod hash;
pub mod index;
pub mod layout;
pub mod line_reader;
pub mod message_input;
mod message_iter;
pub mod message_stream;
pub mod migrate;
pub mod place;
pub mod schema_lock;
pub mod store;
pub mod suite;
pub mod suite_lookup;
