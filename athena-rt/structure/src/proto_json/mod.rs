//! ProtoJSON: the JSON that Protocol Buffers libraries read and write, for peers that have the
//! `.proto` file of a structure.
//!
//! A message is encoded, and its bytes are then walked by the description that the `.proto` file is made of: the
//! text is what the peers' libraries write for the same bytes. Our own JSON, which is faster and stricter, is
//! separate.

mod fault;
mod json_tree;
mod layout;
mod options;
mod read;
mod write;

use std::fmt;
use std::marker::PhantomData;

use self::layout::Layout;
use self::options::Options;
use super::json::MessageError;
use super::structure::Structure;
use super::wire::{decode, encode};

/// Writes a structure as ProtoJSON. To write many, keep a [`ProtoJson`].
///
/// ```
/// use athena_rt::structure;
/// use athena_rt::structure::{from_proto_json, to_proto_json};
///
/// #[structure]
/// struct Reading {
///     taken_at: u64,
///     degrees: f64,
/// }
///
/// let reading = Reading { taken_at: 1 << 60, degrees: f64::NAN };
/// let text = to_proto_json(&reading).unwrap();
/// assert_eq!(text, r#"{"takenAt":"1152921504606846976","degrees":"NaN"}"#);
/// assert!(from_proto_json::<Reading>(&text).unwrap().degrees.is_nan());
/// ```
///
/// # Errors
/// As [`ProtoJson::write`].
pub fn to_proto_json<T: Structure>(value: &T) -> Result<String, MessageError> {
    ProtoJson::new().write(value)
}

/// Reads a structure from ProtoJSON. To read many, keep a [`ProtoJson`].
///
/// # Errors
/// As [`ProtoJson::read`].
pub fn from_proto_json<T: Structure>(text: &str) -> Result<T, MessageError> {
    ProtoJson::new().read(text)
}

/// Reads and writes a structure as ProtoJSON.
///
/// # Writing
///
/// | Rust | ProtoJSON |
/// |---|---|
/// | a field `unit_price` | `"unitPrice"` |
/// | integers of up to 32 bits; wider ones, `isize`, `usize` | a number; a string |
/// | floats | a number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
/// | `Vec<u8>`, `[u8; N]` | base64 |
/// | a unit-only enum | its value's name in the `.proto` file, `"KIND_RETAIL"` |
/// | an enum with data | an object with one member, `{"Card": ..}`; `{"Cash": {}}` without data |
/// | the same under `#[oneof]` | that member, among those of the structure around it |
/// | tuples | `{"item1": .., "item2": ..}` |
/// | a list in a list, `Option<Vec<T>>` | `{"items": [..]}`, as the `.proto` file declares it |
/// | maps | an object; its keys as strings |
/// | `Duration`, `Timestamp` | `"1.500s"`, `"2026-11-22T18:09:59Z"` |
/// | `None`, empty lists and maps | left out |
///
/// # Reading
///
/// All that is written, and what ProtoJSON allows in addition: fields by their names in the `.proto`
/// file, quoted numbers, whole numbers with a point or exponent, either alphabet of base64, enum
/// values by number or by the variant's name, and `null` for an absent field. Unknown fields,
/// fields given twice and two members of one `oneof` are errors; unknown fields pass where the
/// structure is `open`.
///
/// If several types in a package have the same name, the `.proto` file distinguishes them by numbers,
/// and with them the names of enum values. A type by itself knows nothing of the others: such a
/// name is written without its number. Numbers of enum values are read by every peer.
pub struct ProtoJson<T> {
    layout: Layout,
    options: Options,
    of: PhantomData<fn() -> T>,
}

impl<T: Structure> ProtoJson<T> {
    /// Describes the type once, for any number of messages.
    pub fn new() -> Self {
        Self { layout: Layout::for_type::<T>(), options: Options::default(), of: PhantomData }
    }

    /// Skips unknown fields, and values of enums by unknown names.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.options.ignore_unknown = true;
        self
    }

    /// Writes values of enums by their names in Rust, for peers whose `.proto` file is not ours.
    #[must_use]
    pub fn declared_names(mut self) -> Self {
        self.options.declared_names = true;
        self
    }

    /// Writes a message.
    ///
    /// # Errors
    /// When a length of time is beyond ten thousand years, and when messages are nested deeper than
    /// [`DEPTH_LIMIT`](super::wire::DEPTH_LIMIT).
    pub fn write(&self, message: &T) -> Result<String, MessageError> {
        write::write(&self.layout, self.options, &encode(message)).map_err(MessageError::from)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the text is not JSON, has an unknown field, or has a value of another type than the
    /// field at its place; when a field is missing; when a number is out of range.
    pub fn read(&self, text: &str) -> Result<T, MessageError> {
        let tree = json_tree::parse(text)?;
        let bytes = read::read(&self.layout, self.options, &tree)?;
        decode(&bytes)
            .map_err(|error| MessageError::new("", format!("{}: {}", error.path(), error.reason())))
    }
}

impl<T: Structure> Default for ProtoJson<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for ProtoJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtoJson").finish_non_exhaustive()
    }
}
