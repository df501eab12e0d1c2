//! What a model gives: messages in their format, and the error it ended with.

use std::fmt::Display;

use athena_protocol::Format;

use crate::state::State;
use athena_structure::MessageError;
use athena_structure::wire::write_varint;

/// How many states a model may give for one message.
const MOST_STATES: usize = 1_000_000;

/// How many bytes of JSON several states for one message may have.
const MOST_BYTES: usize = 256 << 20;

/// What a model gave for one message. Reused from call to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How messages are written into it.
    pub format: Format,
    /// The messages it gave, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The error it ended with.
    pub error: Option<ErrorOutcome>,
    /// Why what it gave can't be written.
    pub unwritable: Option<MessageError>,
}

/// An error that a model returned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorOutcome {
    /// The error's type, as the model's signature names it.
    pub kind: String,
    /// The error, as it displays itself.
    pub message: String,
}

impl Outcome {
    /// An outcome of messages in this format.
    pub fn new(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// An outcome of messages in this format, which is to be used once and has one small message
    /// most likely.
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

    /// The messages, in the format that the outcome was made for.
    pub fn raw_messages(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.bytes[start..self.ends[at]]
        })
    }

    /// Appends the messages as a stream has them: a line each, or each behind its length.
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

    /// The bytes of its messages and of its error.
    pub fn size(&self) -> usize {
        self.bytes.len() + self.error.as_ref().map_or(0, |error| error.message.len())
    }

    /// Adds a message, in the format that the outcome was made for.
    pub fn add(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
    }

    /// The messages one after the other, and where each ends.
    pub fn into_parts(self) -> (Vec<u8>, Vec<usize>) {
        (self.bytes, self.ends)
    }

    /// The only message, where there is exactly one and no error.
    pub fn single(&self) -> Option<&[u8]> {
        (self.ends.len() == 1 && self.error.is_none()).then_some(&self.bytes)
    }
}

/// Takes what a model gives.
#[doc(hidden)]
pub struct Emit<'a, O> {
    /// What errors are called, as the model's signature names their type.
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
    #[allow(clippy::needless_pass_by_value, reason = "what a model gives away")]
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

    /// Any number of states, up to 1,000,000 and 256 MB: they are held until the last is there.
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
        match (self.write)(data, &mut self.outcome.bytes) {
            Ok(()) => {
                self.outcome.ends.push(self.outcome.bytes.len());
                self.is_within_limits()
            }
            Err(error) => {
                self.outcome.unwritable = Some(error);
                false
            }
        }
    }

    fn is_within_limits(&mut self) -> bool {
        let count = self.outcome.ends.len();
        if count <= 1 || (count <= MOST_STATES && self.outcome.bytes.len() <= MOST_BYTES) {
            return true;
        }
        let reason = "more than 1,000,000 states or 256 MB for one message: does the iterator end?";
        self.outcome.unwritable = Some(MessageError::new("", reason.to_owned()));
        false
    }

    fn error(&mut self, error: &impl Display) {
        self.outcome.error = Some(ErrorOutcome {
            kind: self.kind.unwrap_or("error").to_owned(),
            // The alternate form has the causes, where a type has any: anyhow's does.
            message: format!("{error:#}"),
        });
    }
}
