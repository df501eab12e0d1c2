//! ProtoJSON: the JSON that Protocol Buffers libraries read and write, for peers that have the
//! `.proto` file of a structure.
//!
//! It goes by way of the bytes, by the descriptor: what the peers' libraries would write for the
//! same bytes is what is written here. Our own JSON, which is faster and stricter, is not touched.

mod plan;
mod read;
mod tree;
mod write;

use std::fmt;
use std::marker::PhantomData;

use self::plan::Plan;
use super::pointer::escaped;
use super::wire::{decode, encode};
use super::{MessageError, Structure};

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
/// # What is written
///
/// | Rust | ProtoJSON |
/// |---|---|
/// | a field `unit_price` | `"unitPrice"` |
/// | integers of up to 32 bits; wider ones, `isize`, `usize` | a number; a string |
/// | floats | a number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
/// | `Vec<u8>`, `[u8; N]` | base64 |
/// | an enum without data | its value's name in the `.proto` file, `"KIND_RETAIL"` |
/// | an enum with data | an object with one member, `{"Card": ..}`; `{"Cash": {}}` without data |
/// | the same under `#[oneof]` | that member, among those of the structure around it |
/// | tuples | `{"item1": .., "item2": ..}` |
/// | a list in a list, `Option<Vec<T>>` | `{"items": [..]}`, as the `.proto` file declares it |
/// | maps | an object; its keys as strings |
/// | `Duration`, `Timestamp` | `"1.500s"`, `"2026-11-22T18:09:59Z"` |
/// | `None`, empty lists and maps | left out |
///
/// # What is read
///
/// All that is written, and what ProtoJSON allows besides: fields by their names in the `.proto`
/// file, quoted numbers, whole numbers with a point or exponent, either alphabet of base64, enum
/// values by number or by the variant's name, and `null` for an absent field. Unknown fields,
/// fields given twice and two members of one `oneof` are errors; unknown fields pass where the
/// structure is `open`.
///
/// Where several types in a package bear one name, the `.proto` file tells them apart by numbers,
/// and with them the names of enum values. A type by itself knows nothing of the others: such a
/// name is written without its number. Numbers of enum values are read by every peer.
pub struct ProtoJson<T> {
    plan: Plan,
    options: Options,
    of: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, Default)]
struct Options {
    ignore_unknown: bool,
    declared_names: bool,
}

impl<T: Structure> ProtoJson<T> {
    /// Describes the type once, for any number of messages.
    pub fn new() -> Self {
        Self { plan: Plan::of::<T>(), options: Options::default(), of: PhantomData }
    }

    /// Passes over unknown fields, and over values of enums by unknown names.
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
        write::write(&self.plan, self.options, &encode(message)).map_err(MessageError::from)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the text is no JSON, has an unknown field, or has a value of another type than the
    /// field at its place; when a field is missing; when a number is out of range.
    pub fn read(&self, text: &str) -> Result<T, MessageError> {
        let tree = tree::parse(text)?;
        let bytes = read::read(&self.plan, self.options, &tree)?;
        decode(&bytes).map_err(|error| MessageError {
            pointer: String::new(),
            line: 0,
            column: 0,
            reason: format!("{}: {}", error.path(), error.reason()),
        })
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

/// Ten thousand years in seconds, as `google.protobuf.Duration` counts them.
const LONGEST_DURATION: u64 = 315_576_000_000;

/// What is wrong, and where: the path grows from the inside out.
struct Fault {
    path: Vec<String>,
    reason: String,
}

impl Fault {
    #[cold]
    fn new(reason: impl Into<String>) -> Self {
        Self { path: Vec::new(), reason: reason.into() }
    }

    #[cold]
    fn within(mut self, segment: &str) -> Self {
        self.path.push(escaped(segment).into_owned());
        self
    }
}

impl From<Fault> for MessageError {
    fn from(fault: Fault) -> Self {
        use athena_protocol::text::truncate;
        let pointer: String =
            fault.path.iter().rev().flat_map(|segment| ["/", segment.as_str()]).collect();
        Self {
            pointer: truncate(&pointer, super::message::LONGEST).into_owned(),
            line: 0,
            column: 0,
            reason: truncate(&fault.reason, super::message::LONGEST).into_owned(),
        }
    }
}
