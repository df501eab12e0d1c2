//! Typed parts of messages: what a field may be, its JSON, its Protocol Buffers bytes, and the
//! descriptor that all else is made from.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod bytes;
mod container;
mod description;
mod field_names;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "uuid"))]
mod foreign_types;
mod json_text;
mod part;
pub mod pointer;
mod proto_json;
mod scalar;
pub mod schema;
mod secret;
mod shape;
mod structure;
mod time;
mod tolerance;
pub mod wire;

pub use bytes::to_text as base64;
pub use description::TypeDescription;
pub use field_names::{Fields, Variants};
pub use json_text::MessageError;
pub use json_text::{parse, parse_front, read, write};
pub use part::{Json, Part};
pub use proto_json::{ProtoJson, from_proto_json, to_proto_json};
pub use secret::has_secrets;
pub use secret::{matches_name, redact};
pub use shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tolerance, Variant,
};
pub use structure::Structure;
pub use time::{Timestamp, TimestampError};
