//! Messages as JSON text: read strictly, and with the place of what is wrong.

use std::fmt;

use serde::de::DeserializeOwned;

use super::pointer::escaped;
use super::secret::is_secret;
use super::wire::WireError;
use super::{Shapes, Structure};
use athena_protocol::text::truncate;

/// How many characters of a reason and of a pointer are kept: both may quote the message.
pub(super) const LONGEST: usize = 300;

/// Why a message could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageError {
    /// The JSON pointer of the value at fault; empty for the message as a whole.
    pub pointer: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// What is wrong with it.
    pub reason: String,
}

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

/// Reads a message. Plain `serde_json` first: tracking the path costs 1.75 times as much.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, MessageError> {
    serde_json::from_str(text).map_err(|error| locate::<T>(text, &error))
}

/// Reads a structure. An error in a `#[secret]` field does not show the value.
pub fn read<T: Structure>(text: &str) -> Result<T, MessageError> {
    parse(text).map_err(|error| {
        let (shape, shapes) = Shapes::of::<T>();
        if is_secret(&error.pointer, &shape, &shapes) {
            let reason = "not as declared (the value is secret)".to_owned();
            return MessageError { reason, ..error };
        }
        error
    })
}

/// Reads the message at the front of a text, and tells how much of the text it took.
pub fn parse_front<T: DeserializeOwned>(text: &str) -> Result<(T, usize), MessageError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => Ok((value, values.byte_offset())),
        _ => Err(MessageError {
            pointer: String::new(),
            line: 0,
            column: 0,
            reason: "there is no message".to_owned(),
        }),
    }
}

#[cold]
fn locate<T: DeserializeOwned>(text: &str, plain: &serde_json::Error) -> MessageError {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let tracked = serde_path_to_error::deserialize::<_, T>(&mut deserializer);
    let (pointer, error) = match &tracked {
        Err(error) => (pointer(error.path()), error.inner()),
        // What follows the value is no part of any path.
        Ok(_) => (String::new(), plain),
    };
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.strip_suffix(&place).unwrap_or(&reason).to_owned();
    let reason = match reason.as_str() {
        _ if text.starts_with('\u{feff}') => {
            "it begins with a byte order mark: save it as UTF-8 without one".to_owned()
        }
        "trailing characters" => "unexpected text after the message".to_owned(),
        "recursion limit exceeded" => "nested too deeply".to_owned(),
        _ => truncate(&reason, LONGEST).into_owned(),
    };
    let pointer = truncate(&pointer, LONGEST).into_owned();
    MessageError { pointer, line: error.line(), column: error.column(), reason }
}

/// Appends a message as compact JSON.
pub fn write<T: Structure>(value: &T, out: &mut Vec<u8>) -> Result<(), MessageError> {
    let start = out.len();
    serde_json::to_writer(&mut *out, value).map_err(|plain| {
        out.truncate(start);
        locate_unwritable(value, &plain)
    })
}

#[cold]
fn locate_unwritable<T: Structure>(value: &T, plain: &serde_json::Error) -> MessageError {
    let mut track = serde_path_to_error::Track::new();
    let mut serializer = serde_json::Serializer::new(std::io::sink());
    let tracked = serde_path_to_error::Serializer::new(&mut serializer, &mut track);
    let reason = match value.serialize(tracked) {
        Err(error) => error.to_string(),
        Ok(()) => plain.to_string(),
    };
    let reason = truncate(&reason, LONGEST).into_owned();
    MessageError { pointer: pointer(&track.path()), line: 0, column: 0, reason }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&escaped(key));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

impl From<WireError> for MessageError {
    fn from(error: WireError) -> Self {
        let reason = format!("{}: {} (byte {})", error.path(), error.reason(), error.offset());
        Self { pointer: String::new(), line: 0, column: 0, reason }
    }
}
