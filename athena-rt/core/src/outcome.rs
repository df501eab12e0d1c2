//! The outcome of a model: its messages, and the error it returned.

use std::fmt::{Display, Write as _};

use athena_protocol::Format;

use crate::secrets::mask;
use crate::state::State;
use athena_structure::MessageError;
use athena_structure::wire::write_varint;

/// The maximum number of states that a model may return for one message.
const MOST_STATES: usize = 1_000_000;

/// The maximum size in bytes of several states for one message.
const MOST_BYTES: usize = 256 << 20;

/// The outcome of one message. Reused from call to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The format of the messages.
    pub format: Format,
    /// The messages, one after the other.
    bytes: Vec<u8>,
    /// The end of each message.
    ends: Vec<usize>,
    /// The error that the model returned.
    pub error: Option<ErrorOutcome>,
    /// The reason that a message can't be written.
    pub unwritable: Option<MessageError>,
}

/// An error that a model returned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorOutcome {
    /// The error's type, as the model's signature names it.
    pub kind: String,
    /// The error, as it displays itself, without secrets.
    pub message: String,
}

impl ErrorOutcome {
    /// The kind and the message of an expected error that stand for any.
    pub const ANY: &'static str = "*";
}

impl Outcome {
    /// An empty outcome of messages in this format.
    pub fn new(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// An empty outcome with capacity for one small message, for an outcome that is not reused.
    pub fn with_capacity(format: Format) -> Self {
        Self { bytes: Vec::with_capacity(256), ..Self::new(format) }
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.error = None;
        self.unwritable = None;
    }

    /// The messages, as JSON text.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = &str> {
        // Written by serde_json.
        self.raw_messages().map(|message| std::str::from_utf8(message).unwrap_or_default())
    }

    /// The messages, in the outcome's format.
    pub fn raw_messages(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.bytes[start..self.ends[at]]
        })
    }

    /// Appends the messages as a stream: one per line, or each after its length.
    pub fn write_stream(&self, out: &mut Vec<u8>) {
        for message in self.raw_messages() {
            match self.format {
                Format::Json => {
                    out.extend_from_slice(message);
                    out.push(b'\n');
                }
                Format::Protobuf => {
                    write_varint(message.len() as u64, out);
                    out.extend_from_slice(message);
                }
            }
        }
    }

    /// Appends the messages as one JSON array.
    pub fn write_array(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, message) in self.raw_messages().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(message);
        }
        out.push(b']');
    }

    /// The size in bytes of the messages and the error.
    pub fn size(&self) -> usize {
        self.bytes.len() + self.error.as_ref().map_or(0, |error| error.message.len())
    }

    /// Adds a message, in the outcome's format.
    pub fn add(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
    }

    /// The messages one after the other, and the end of each.
    pub fn into_parts(self) -> (Vec<u8>, Vec<usize>) {
        (self.bytes, self.ends)
    }

    /// The only message, if there is exactly one and no error.
    pub fn single(&self) -> Option<&[u8]> {
        (self.ends.len() == 1 && self.error.is_none()).then_some(&self.bytes)
    }
}

/// Writes what a model returns into an outcome.
#[doc(hidden)]
pub struct Emit<'a, O> {
    /// The error's type, as the model's signature names it.
    kind: Option<&'static str>,
    outcome: &'a mut Outcome,
    write: Write<O>,
}

/// Appends a message.
pub type Write<O> = fn(&O, &mut Vec<u8>) -> std::result::Result<(), MessageError>;

impl<'a, O> Emit<'a, O> {
    pub fn new(kind: Option<&'static str>, outcome: &'a mut Outcome, write: Write<O>) -> Self {
        Self { kind, outcome, write }
    }

    /// One state.
    #[allow(clippy::needless_pass_by_value, reason = "a model returns it by value")]
    pub fn state<E>(&mut self, state: State<O, E>) {
        self.write(&state.data);
    }

    /// One state, or an error.
    pub fn result<E, X: Display>(&mut self, result: std::result::Result<State<O, E>, X>) {
        match result {
            Ok(state) => self.state(state),
            Err(error) => self.error(&error),
        }
    }

    /// Any number of states, at most 1,000,000 and 256 MB, as all are held in memory.
    pub fn states<E>(&mut self, states: impl IntoIterator<Item = State<O, E>>) {
        for state in states {
            if !self.write(&state.data) {
                return;
            }
        }
    }

    /// Any number of states, up to the first error.
    pub fn results<E, X: Display>(
        &mut self,
        results: impl IntoIterator<Item = std::result::Result<State<O, E>, X>>,
    ) {
        for result in results {
            match result {
                Ok(state) => {
                    if !self.write(&state.data) {
                        return;
                    }
                }
                Err(error) => return self.error(&error),
            }
        }
    }

    fn write(&mut self, data: &O) -> bool {
        let written = (self.write)(data, &mut self.outcome.bytes);
        self.outcome.end_message(written)
    }

    fn error(&mut self, error: &impl Display) {
        self.outcome.set_error(self.kind, error);
    }
}

// Not generic: a user's crate would have it once for each type.
impl Outcome {
    /// Ends a message that was written; whether there may be more.
    #[inline]
    fn end_message(&mut self, written: std::result::Result<(), MessageError>) -> bool {
        match written {
            Ok(()) => {
                self.ends.push(self.bytes.len());
                self.is_within_limits()
            }
            Err(error) => {
                self.unwritable = Some(error);
                false
            }
        }
    }

    #[inline]
    fn is_within_limits(&mut self) -> bool {
        let count = self.ends.len();
        if count <= 1 || (count <= MOST_STATES && self.bytes.len() <= MOST_BYTES) {
            return true;
        }
        let reason = "more than 1,000,000 states or 256 MB for one message: does the iterator end?";
        self.unwritable = Some(MessageError::new("", reason.to_owned()));
        false
    }

    fn set_error(&mut self, kind: Option<&str>, error: &dyn Display) {
        let kind = kind.unwrap_or("error").to_owned();
        let mut message = String::new();
        // The alternate form includes the causes of types such as anyhow's. `format!` would panic
        // in the standard library if the type's `Display` fails.
        if write!(message, "{error:#}").is_err() {
            let reason = format!(
                "the model's error can't be displayed: the `Display` of `{kind}` returned `fmt::Error`"
            );
            self.unwritable = Some(MessageError::new("", reason));
            return;
        }
        let message = mask(&message).into_owned();
        self.error = Some(ErrorOutcome { kind, message });
    }
}
