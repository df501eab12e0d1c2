//! Schemas: the types of models as a `.proto` file, a JSON Schema or text, and whether a change of
//! them breaks anyone.
//!
//! All come from one [`Schema`], which is built from the descriptor of the types. The `.proto`
//! file under `fixtures/` is the lock: it is read back and compared with what the code says now.

#[cfg(all(test, feature = "conformance"))]
mod buf;
mod build;
mod compatibility;
#[cfg(feature = "descriptors")]
mod descriptor;
mod file;
mod json_schema;
mod kind;
mod literal;
mod lock;
mod names;
mod proto;
#[cfg(test)]
mod samples;
mod service;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub use build::Builder;
pub use compatibility::{Comparison, Scope, compare};
#[cfg(feature = "descriptors")]
pub use descriptor::{descriptor, well_known};
pub use file::value_names;
pub use json_schema::json_schema;
pub use lock::parse;
pub use names::ascii;
pub use proto::{proto, proto_with};
#[cfg(feature = "descriptors")]
pub use service::Service;
pub use service::services;
pub use text::text;
pub use tree::{Declared, Form, Schema, Type};
