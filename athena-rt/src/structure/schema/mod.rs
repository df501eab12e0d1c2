//! Schemas: the types of models as a `.proto` file, a JSON Schema or text, and whether a change of
//! them breaks anyone.
//!
//! All come from one [`Schema`], which is built from the descriptor of the types. The `.proto`
//! file under `fixtures/` is the lock: it is read back and compared with what the code says now.

#[cfg(all(test, feature = "conformance"))]
mod buf;
mod build;
mod compatibility;
#[cfg(feature = "service")]
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

pub(crate) use build::Builder;
pub(crate) use compatibility::{Comparison, Scope, compare};
#[cfg(feature = "service")]
pub(crate) use descriptor::{descriptor, well_known};
pub(crate) use file::value_names;
pub(crate) use json_schema::json_schema;
pub(crate) use lock::parse;
pub(crate) use names::ascii;
pub(crate) use proto::{proto, proto_with};
#[cfg(feature = "service")]
pub(crate) use service::Service;
pub(crate) use service::services;
pub(crate) use text::text;
pub(crate) use tree::{Declared, Form, Schema, Type};
