//! Schemas: the types of models as a `.proto` file, a JSON Schema or text, and whether a change of
//! them breaks anyone.
//!
//! All are made from one [`Schema`], which is built from the descriptions of the types. The `.proto`
//! file under `fixtures/` is the lock: it is parsed and compared with the schema of the code.
//!
//! | file | its job |
//! |---|---|
//! | `schema.rs`, `builder.rs` | the schema of a package, and how it is built from descriptions |
//! | `proto_file.rs`, `lower.rs` | the content of a `.proto` file, and how a schema is lowered to it |
//! | `proto_text.rs`, `descriptor.rs` | that content as text, and as a descriptor for gRPC reflection |
//! | `parse/`, `type_syntax.rs`, `literal.rs` | the lock, read back |
//! | `compatibility/` | whether a change breaks stored messages, deployed readers or JSON |
//! | `json_schema.rs`, `summary.rs`, `service.rs` | JSON Schema, a text for people, gRPC services |
//! | `names.rs`, `type_names.rs` | unique and legal names |

mod builder;
mod compatibility;
#[cfg(feature = "descriptors")]
mod descriptor;
mod json_schema;
mod literal;
mod lower;
mod names;
mod parse;
mod proto_file;
mod proto_text;
#[expect(clippy::module_inception, reason = "the type `Schema`")]
mod schema;
mod service;
mod summary;
#[cfg(test)]
mod tests;
mod type_names;
mod type_syntax;
#[cfg(feature = "descriptors")]
mod well_known;

pub use builder::{SchemaBuilder, type_name};
pub use compatibility::{Comparison, Scope, compare};
#[cfg(feature = "descriptors")]
pub use descriptor::descriptor;
pub use json_schema::json_schema;
pub(crate) use lower::lower;
pub(crate) use names::camel;
pub use names::{identifiers, package_name};
pub use parse::parse;
pub(crate) use proto_file::{FieldType, ProtoBody, ProtoField, ProtoFile, ProtoMember, RecordType};
pub use proto_text::{proto, proto_with};
pub use schema::Schema;
#[cfg(feature = "descriptors")]
pub use service::Service;
pub use service::services;
pub use summary::text;
#[cfg(feature = "descriptors")]
pub use well_known::well_known;
