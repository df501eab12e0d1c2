//! The Protocol Buffers wire format: a `#[structure]` as bytes that any language reads.
//!
//! ```
//! use athena_rt::structure;
//! use athena_rt::structure::wire;
//!
//! #[structure]
//! struct Sample {
//!     test: i64,
//!     name: Option<String>,
//! }
//!
//! let sample = Sample { test: 3, name: None };
//! let bytes = wire::encode(&sample);
//! assert_eq!(bytes, [0x08, 3]);
//! assert_eq!(wire::decode::<Sample>(&bytes).unwrap(), sample);
//!
//! let error = wire::decode::<Sample>(&[]).unwrap_err();
//! assert_eq!(error.path(), "Sample.test");
//! ```
//!
//! # Types
//!
//! | Rust | `.proto` (proto2) |
//! |---|---|
//! | `bool`, `f32`, `f64`, `String`, `Vec<u8>`, `[u8; N]` | `bool`, `float`, `double`, `string`, `bytes`, `bytes` |
//! | `i8` to `i32`; `i64`, `isize` | `int32`; `int64` (`sint32`, `sint64` under `sint`; `sfixed32`, `sfixed64` under `fixed`) |
//! | `u8` to `u32`; `u64`, `usize` | `uint32`; `uint64` (`fixed32`, `fixed64` under `fixed`) |
//! | `T` | `optional`, `required` in a remark: always written, and an error when it is absent; with `#[default]`, `optional` with that default |
//! | `Option<T>` | `optional` |
//! | `Vec<T>`, `[T; N]` | `repeated`, `[packed = true]` for numbers; both forms are read |
//! | `BTreeMap<K, V>`, `HashMap<K, V>` | `map<K, V>`, written sorted by key |
//! | a struct under `#[structure]` | `message` |
//! | a unit-only enum | `enum`; a number it does not have is an error |
//! | an enum with data | `message` of one `oneof`; a variant without data is an empty message |
//! | the same in an `Option` under `#[oneof]` | a `oneof` of the message around it |
//! | `BTreeSet<T>`, `HashSet<T>` | `repeated`, written sorted |
//! | `serde_json::Value`, `Number`, fields under `#[field(json)]` | `google.protobuf.Value`; a number that a float is not, also as text in a field that others skip |
//! | `char`, addresses, paths, `Decimal`, fields under `#[field(text)]` | `string` |
//! | `u128`, `i128` | `string` |
//! | a list, a map or a value as a whole message | `message` with that as its field 1 |
//! | `(A, B)` | `message` with the fields 1 and 2 |
//! | `struct Id(u64)` | as its content |
//! | `Box<T>` | as `T` |
//! | `std::time::Duration`, [`Timestamp`](crate::Timestamp) | `google.protobuf.Duration`, `google.protobuf.Timestamp` |
//!
//! A list, a map or an `Option` in a place where Protocol Buffers allows one record only is written as
//! a message with that value as its field 1: in a list (`Vec<Vec<T>>`, `Vec<Option<T>>`), as a map's
//! value, in an `Option` (`Option<Vec<T>>`), as a variant of a `oneof`, under a `Box`, and as a
//! field with a `#[default]` other than the empty one, since an empty list could not be distinguished
//! from an absent one. Bytes count as one record.
//!
//! # Strictness
//!
//! Reading is as strict as it is for JSON: a number that does not fit the type (Protocol Buffers
//! itself would truncate it), a record of another wire type, text that is not UTF-8, an unknown variant,
//! an absent field without a default. Unknown fields are skipped, since that is how Protocol
//! Buffers lets writers run ahead of readers; a field [`UnknownFields`] under `#[unknown]` keeps
//! them. As everywhere, the last of several values of one field wins, messages are merged and lists
//! joined. Messages may be nested [100](DEPTH_LIMIT) deep. Every length is checked before anything
//! is allocated for it, and no input makes reading panic.

// Measured: a reader that is inlined lives in registers, which is a third of the time.
#![allow(clippy::inline_always)]

pub(crate) mod any;
mod bytes;
mod codec;
pub(crate) mod default_slot;
mod derive_macros;
pub(crate) mod enumeration;
pub(crate) mod error;
pub(crate) mod field;
pub(crate) mod json_node;
pub(crate) mod key;
mod limits;
mod list;
mod map;
pub(crate) mod message;
pub(crate) mod one_record;
pub(crate) mod oneof;
mod optional;
pub(crate) mod position;
pub(crate) mod reader;
pub(crate) mod scalar;
pub(crate) mod text;
mod time;
mod tuple;
pub(crate) mod unknown;
mod varint;
pub(crate) mod writer;

pub use codec::{decode, decode_delimited, encode, encode_delimited, encode_to, try_encode_to};
pub use error::WireError;
pub use field::Wire;
pub use limits::DEPTH_LIMIT;
pub use message::Message;
pub use unknown::UnknownFields;
#[doc(hidden)]
pub use varint::{read_varint, write_varint};
