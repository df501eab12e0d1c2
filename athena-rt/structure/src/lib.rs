//! Typed parts of messages: what a field may be, its JSON, its Protocol Buffers bytes, and the
//! descriptor that all else is made from.

#![allow(
    missing_docs,
    reason = "for the crates of this workspace: what is clear from its name has no docs"
)]

mod bytes;
mod container;
mod message;
mod object;
mod part;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "uuid"))]
mod peers;
pub mod pointer;
mod proto_json;
mod scalar;
pub mod schema;
mod secret;
mod shape;
mod time;
mod tolerance;
pub mod wire;

pub use bytes::to_text as base64;
pub use message::MessageError;
pub use message::{parse, parse_front, read, write};
pub use object::{Fields, Variants};
pub use part::{Json, Part, Structure};
pub use proto_json::{ProtoJson, from_proto_json, to_proto_json};
pub use secret::has_secrets;
pub use secret::{hide, is_name};
pub use shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tolerance, Variant,
};
pub use time::{Timestamp, TimestampError};
