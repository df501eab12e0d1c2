//! Messages as JSON text: read strictly, with the place of each error.
//!
//! ```
//! use athena_rt::structure;
//! use athena_rt::structure::json;
//!
//! #[structure]
//! struct Sample {
//!     test: i64,
//! }
//!
//! let sample: Sample = json::decode(r#"{"test":3}"#).unwrap();
//! assert_eq!(json::encode(&sample).unwrap(), r#"{"test":3}"#);
//!
//! let error = json::decode::<Sample>(r#"{"tset":3}"#).unwrap_err();
//! assert_eq!(error.to_string(), "/tset: unknown field `tset`, did you mean `test`? (line 1, column 7)");
//! ```

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::description::{Shape, Shapes, TypeDescription};
use super::layout::NO_VARIANT;
use super::part::Json;
use super::plain_reason::{NO_NAME, plain_reason};
use super::pointer::of_path;
use super::secret::{has_secrets, is_secret};
use super::structure::Structure;
use super::syntax_reason::{TextPlace, exact_number, syntax_reason};
use super::trace::{split, traced};
use super::value_place::{ValuePlace, bytes_to};
use super::wire::error::WireError;
use athena_protocol::json::{JsonNumber, digits};
use athena_protocol::text::truncate;

/// The number of characters of a reason and of a pointer that are kept: both may quote the message.
pub(super) const LONGEST: usize = 300;

/// The reason of a message without text.
const EMPTY: &str = "the message is empty; one without fields is {}";

/// The error of a message that can't be read or written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageError {
    /// The JSON pointer of the value at fault; empty for the message as a whole.
    pub pointer: String,
    /// Its line, from 1; 0 if it has none.
    pub line: usize,
    /// Its column, from 1; 0 if it has none.
    pub column: usize,
    /// The reason.
    pub reason: String,
}

impl MessageError {
    /// An error at a JSON pointer of a message that is not text, or whose text is not at hand.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), line: 0, column: 0, reason: reason.into() }
    }

    /// The error without its line and column, for callers that show them in another way.
    ///
    /// ```
    /// use athena_rt::structure::MessageError;
    ///
    /// let mut error = MessageError::new("/at", "not a time");
    /// (error.line, error.column) = (1, 7);
    /// assert_eq!(error.to_string(), "/at: not a time (line 1, column 7)");
    /// assert_eq!(error.without_place().to_string(), "/at: not a time");
    /// ```
    #[must_use]
    pub fn without_place(&self) -> Self {
        Self { line: 0, column: 0, ..self.clone() }
    }
}

impl std::error::Error for MessageError {}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.reason)?;
        if self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        Ok(())
    }
}

/// Reads any value as messages are read.
#[doc(hidden)]
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, MessageError> {
    digits::reading(|| serde_json::from_str(text).map_err(|error| refused::<T>(text, &error)))
}

/// Reads a structure. An error in a `#[secret]` field does not show the value.
///
/// # Errors
/// When the text is not JSON, when a field is missing, unknown or given twice, has another type or is out of range.
pub fn decode<T: Structure>(text: &str) -> Result<T, MessageError> {
    // Each step fills the value that is returned: moving a message of 16 fields costs as much as reading one of them.
    let mut read =
        digits::reading(|| whole(text).map_err(|error| refused::<Json<T>>(text, &error)));
    if let Err(error) = &mut read {
        hide_secrets(error, T::shape);
    }
    read
}

/// Reads a text that is one structure.
#[inline]
fn whole<T: Structure>(text: &str) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut read = T::from_json(&mut deserializer);
    if read.is_ok()
        && let Err(error) = deserializer.end()
    {
        read = Err(error);
    }
    read
}

#[cold]
fn hide_secrets(error: &mut MessageError, shape: fn(&mut Shapes) -> Shape) {
    let described = TypeDescription::new(shape);
    // What no variant fits is quoted for each variant, a secret among them.
    let quotes_all = error.reason.starts_with(NO_VARIANT) && has_secrets(&described);
    if quotes_all || is_secret(&error.pointer, &described) {
        error.reason = String::from("not as declared (the value is secret)");
    }
}

/// Reads the message at the front of a text, and returns the number of bytes it takes.
#[doc(hidden)]
pub fn parse_front<T: Structure>(text: &str) -> Result<(T, usize), MessageError> {
    digits::reading(|| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = T::from_json(&mut deserializer).ok();
        // The place behind the value is known to a stream only, of whatever type.
        let length = deserializer.into_iter::<IgnoredAny>().byte_offset();
        match value.filter(|_| is_ended(text, length)) {
            Some(value) => Ok((value, length)),
            None => Err(MessageError::new("", "the message is missing")),
        }
    })
}

/// Whether a value ends where it was read to: behind a number or a literal there is a space or punctuation.
fn is_ended(text: &str, length: usize) -> bool {
    let is_delimited = text.trim_ascii_start().starts_with(['{', '[', '"']);
    let next = text.as_bytes().get(length);
    is_delimited || next.is_none_or(|next| b" \n\t\r\"[]{},:".contains(next))
}

/// The error of a text that can't be read.
///
/// Plain `serde_json` reads first: tracking the path costs 1.75 times as much.
#[cold]
fn refused<T: DeserializeOwned>(text: &str, error: &serde_json::Error) -> MessageError {
    // If digits were missed it is read again.
    if digits::is_missed() { MessageError::default() } else { locate(text, error, track::<T>) }
}

/// The error of a value, with its path.
type TrackedError = serde_path_to_error::Error<serde_json::Error>;

/// Reads a text for the path of its error.
fn track<T: DeserializeOwned>(text: &str) -> Option<TrackedError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize::<_, T>(&mut deserializer).err()
}

// Not generic: it is long, and a user's crate would have it once for each type.
fn locate(
    text: &str,
    plain: &serde_json::Error,
    track: fn(&str) -> Option<TrackedError>,
) -> MessageError {
    if text.trim_ascii().is_empty() {
        return MessageError::new("", EMPTY);
    }
    let tracked = traced(|| track(text));
    let (outer, error) = match &tracked {
        Some(error) => (of_path(error.path()), error.inner()),
        // The text behind the value belongs to no path.
        None => (String::new(), plain),
    };
    let (mut line, mut column) = (error.line(), error.column());
    let is_data = error.is_data();
    let reason = error.to_string();
    let suffix = format!(" at line {line} column {column}");
    let (inner, reason) = split(reason.strip_suffix(&suffix).unwrap_or(&reason));
    let pointer = outer + inner;
    let place = TextPlace { text, line, column };
    let reason = match reason {
        _ if text.starts_with('\u{feff}') => {
            "it begins with a byte order mark: save it as UTF-8 without one".to_owned()
        }
        _ if is_cut(plain) => "the message ends too early: it is cut off".to_owned(),
        "trailing characters" if tracked.is_some() => {
            "a list with more elements than expected".to_owned()
        }
        "trailing characters" => "unexpected text after the message".to_owned(),
        // With `arbitrary_precision` serde_json doesn't say which number.
        other if other.starts_with(UNNAMED_NUMBER) => {
            match place.number().and_then(JsonNumber::parse) {
                Some(number) => {
                    let rest = truncate(&other[UNNAMED_NUMBER.len()..], LONGEST);
                    plain_reason(&format!("invalid type: {}{rest}", number.unexpected()), &pointer)
                }
                None => "number out of range".to_owned(),
            }
        }
        // serde_json says it of broken JSON, too.
        "expected value" if serde_json::from_str::<IgnoredAny>(text).is_ok() => NO_NAME.to_owned(),
        other => syntax_reason(other, place)
            .or_else(|| exact_number(other, place))
            .unwrap_or_else(|| plain_reason(&truncate(other, LONGEST), &pointer)),
    };
    // What is read ahead or as a whole has no place of its own, or that of the reader.
    let found = if is_data { ValuePlace::find(text, &pointer, is_last(&reason)) } else { None };
    if let Some(found) = found
        && (line == 0 || !found.contains(bytes_to(text, line, column)))
    {
        (line, column) = found.start(text);
    } else if column == 0 && line > 1 {
        // The reader has just taken the end of a line.
        line -= 1;
        column = text.split('\n').nth(line - 1).map_or(0, str::len) + 1;
    }
    let pointer = truncate(&pointer, LONGEST).into_owned();
    MessageError { pointer, line, column, reason }
}

/// Whether of two values with one key the last is at fault.
fn is_last(reason: &str) -> bool {
    reason.starts_with("duplicate ")
}

const UNNAMED_NUMBER: &str = "invalid type: number";

/// Whether the text ends within a value.
fn is_cut(error: &serde_json::Error) -> bool {
    error.classify() == serde_json::error::Category::Eof
}

/// Writes a message as compact JSON.
///
/// # Errors
/// When a float is NaN or infinite.
pub fn encode<T: Structure>(value: &T) -> Result<String, MessageError> {
    serde_json::to_string(&Json(value)).map_err(|plain| locate_unwritable(value, &plain))
}

/// Appends a message as compact JSON; nothing is appended if that fails.
///
/// # Errors
/// As [`encode`].
pub fn encode_to<T: Structure>(value: &T, out: &mut Vec<u8>) -> Result<(), MessageError> {
    let start = out.len();
    serde_json::to_writer(&mut *out, &Json(value)).map_err(|plain| {
        out.truncate(start);
        locate_unwritable(value, &plain)
    })
}

#[cold]
fn locate_unwritable<T: Structure>(value: &T, plain: &serde_json::Error) -> MessageError {
    let mut track = serde_path_to_error::Track::new();
    let mut serializer = serde_json::Serializer::new(std::io::sink());
    let tracked = serde_path_to_error::Serializer::new(&mut serializer, &mut track);
    let error = value.to_json(tracked).err();
    unwritable(track, error.as_ref().unwrap_or(plain))
}

fn unwritable(track: serde_path_to_error::Track, error: &serde_json::Error) -> MessageError {
    let reason = truncate(&error.to_string(), LONGEST).into_owned();
    MessageError::new(of_path(&track.path()), reason)
}

impl From<WireError> for MessageError {
    fn from(error: WireError) -> Self {
        let reason = format!("{}: {} (byte {})", error.path(), error.reason(), error.offset());
        Self::new("", reason)
    }
}
