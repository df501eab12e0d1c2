//! Typed parts of messages: what a field may be, its JSON, its Protocol Buffers bytes, and the
//! descriptor that all else is made from.

mod bytes;
mod container;
mod description;
mod message;
mod object;
mod part;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "uuid"))]
mod peers;
pub(crate) mod pointer;
mod proto_json;
mod scalar;
pub(crate) mod schema;
mod secret;
mod shape;
#[expect(clippy::module_inception, reason = "the trait `Structure`")]
mod structure;
mod time;
pub mod wire;

pub(crate) use bytes::to_text as base64;
pub use description::TypeDescription;
pub use message::MessageError;
pub(crate) use message::{parse, parse_front, read, write};
pub use object::{Fields, Variants};
pub use part::{Json, Part};
pub use proto_json::{ProtoJson, from_proto_json, to_proto_json};
#[cfg(any(feature = "service", feature = "queue"))]
pub(crate) use secret::has_secrets;
pub(crate) use secret::{matches_name, redact};
pub use shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tolerance, Variant,
};
pub use structure::Structure;
pub use time::{Timestamp, TimestampError};
