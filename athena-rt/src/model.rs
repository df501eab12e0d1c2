//! A model with its types erased: bytes in, bytes out.

use std::cell::Cell;
use std::fmt::Display;

use athena_protocol::Format;

use crate::environment::{Environment, Frozen, Variable, Variables};
use crate::error::Result;
use crate::state::State;
use crate::structure::{self, MessageError, Part, Shape, Shapes, Structure, wire};

/// A function registered by `#[model]`.
#[doc(hidden)]
pub trait Function: 'static {
    /// The data it takes.
    type Input: Structure;
    /// The settings it reads.
    type Environment: Environment;
    /// The data it gives.
    type Output: Structure;

    /// Calls it and hands on what it gives.
    fn call(state: State<Self::Input, Self::Environment>, emit: &mut Emit<'_, Self::Output>);
}

/// What `#[model]` read in the source.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub function: &'static str,
    pub module: &'static str,
    pub package: &'static str,
    pub pinned: Option<&'static str>,
    pub file: &'static str,
    pub line: u32,
    pub docs: &'static str,
    pub many: bool,
    pub error: Option<&'static str>,
}

/// A registered model.
#[doc(hidden)]
pub struct Model {
    source: Source,
    variables: fn() -> Vec<Variable>,
    input: fn(&mut Shapes) -> Shape,
    output: fn(&mut Shapes) -> Shape,
    freeze: fn(Variables) -> Result<Frozen>,
    call: fn(Source, &Frozen, Message<'_>, &mut Outcome) -> std::result::Result<(), MessageError>,
    to_json: fn(&[u8]) -> std::result::Result<String, MessageError>,
}

inventory::collect!(Model);

impl Model {
    /// Erases a function's types.
    pub const fn of<F: Function>(source: Source) -> Self {
        Self {
            source,
            variables: F::Environment::variables,
            input: <F::Input as Part>::shape,
            output: <F::Output as Part>::shape,
            freeze: Frozen::read::<F::Environment>,
            call: call::<F>,
            to_json: to_json::<F::Input>,
        }
    }

    /// Package, module path, function: `pricing::bond::price`.
    pub fn id(&self) -> String {
        let Source { function, module, package, pinned, .. } = self.source;
        if let Some(pinned) = pinned {
            return pinned.to_owned();
        }
        let (root, rest) = module.split_once("::").unwrap_or((module, ""));
        let mut id = package.to_owned();
        // The crate of a package's library or main binary bears the package's name.
        let root = (root != package.replace('-', "_")).then_some(root);
        for segment in root.into_iter().chain([rest, function]).filter(|text| !text.is_empty()) {
            id.push_str("::");
            id.push_str(segment);
        }
        id
    }

    /// What was read in the source.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The variables it reads.
    pub fn variables(&self) -> Vec<Variable> {
        (self.variables)()
    }

    /// Describes what it takes.
    pub fn input(&self, shapes: &mut Shapes) -> Shape {
        (self.input)(shapes)
    }

    /// Describes what it gives.
    pub fn output(&self, shapes: &mut Shapes) -> Shape {
        (self.output)(shapes)
    }

    /// Reads its settings.
    pub(crate) fn freeze(&self, variables: Variables) -> Result<Frozen> {
        (self.freeze)(variables)
    }

    /// Calls it. Only `invoke` does.
    pub(crate) fn call(
        &self,
        env: &Frozen,
        message: Message<'_>,
        outcome: &mut Outcome,
    ) -> std::result::Result<(), MessageError> {
        outcome.clear();
        (self.call)(self.source, env, message, outcome)
    }

    /// A message that came as Protocol Buffers, as JSON.
    pub(crate) fn to_json(&self, message: &[u8]) -> std::result::Result<String, MessageError> {
        (self.to_json)(message)
    }
}

fn call<F: Function>(
    source: Source,
    env: &Frozen,
    message: Message<'_>,
    outcome: &mut Outcome,
) -> std::result::Result<(), MessageError> {
    let data: F::Input = match message {
        Message::Json(text) => structure::read(text)?,
        Message::Protobuf(bytes) => wire::decode(bytes)?,
        Message::Front { text, length } => {
            let (data, read) = structure::parse_front(text)?;
            length.set(read);
            data
        }
    };
    let Some(env) = env.get::<F::Environment>() else {
        // Settings are frozen by the model that gets them.
        unreachable!("the environment of another model")
    };
    let write: fn(&F::Output, &mut Vec<u8>) -> _ = match outcome.format {
        Format::Json => structure::write,
        Format::Protobuf => write_protobuf,
    };
    F::call(State { data, env }, &mut Emit { source, outcome, write });
    Ok(())
}

#[allow(clippy::unnecessary_wraps, reason = "the same face as that of JSON, which can fail")]
fn write_protobuf<D: Structure>(
    data: &D,
    out: &mut Vec<u8>,
) -> std::result::Result<(), MessageError> {
    wire::encode_to(data, out);
    Ok(())
}

fn to_json<D: Structure>(message: &[u8]) -> std::result::Result<String, MessageError> {
    let data: D = wire::decode(message)?;
    let mut text = Vec::new();
    structure::write(&data, &mut text)?;
    Ok(String::from_utf8(text).unwrap_or_default())
}

/// A message on its way into a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Json(&'a str),
    Protobuf(&'a [u8]),
    /// JSON at the front of a text; how much of it the message took is told.
    Front {
        text: &'a str,
        length: &'a Cell<usize>,
    },
}

/// How many states a model may give for one message.
const MOST_STATES: usize = 1_000_000;

/// How many bytes of JSON several states for one message may have.
const MOST_BYTES: usize = 256 << 20;

/// What a model gave for one message. Reused from call to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How messages are written into it.
    format: Format,
    /// The messages it gave, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The error it ended with.
    pub(crate) error: Option<ErrorOutcome>,
    /// Why what it gave can't be written.
    pub(crate) unwritable: Option<MessageError>,
}

/// An error that a model returned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorOutcome {
    /// The error's type, as the model's signature names it.
    pub(crate) kind: String,
    /// The error, as it displays itself.
    pub(crate) message: String,
}

impl Outcome {
    /// An outcome of messages in this format.
    pub(crate) fn of(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.error = None;
        self.unwritable = None;
    }

    /// The messages, as JSON text.
    pub(crate) fn messages(&self) -> impl ExactSizeIterator<Item = &str> {
        // Written by serde_json.
        self.raw_messages().map(|message| std::str::from_utf8(message).unwrap_or_default())
    }

    /// The messages, in the format that the outcome was made for.
    pub(crate) fn raw_messages(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.bytes[start..self.ends[at]]
        })
    }

    /// Appends the messages as a stream has them: a line each, or each behind its length.
    pub(crate) fn write_stream(&self, out: &mut Vec<u8>) {
        for message in self.raw_messages() {
            match self.format {
                Format::Json => {
                    out.extend_from_slice(message);
                    out.push(b'\n');
                }
                Format::Protobuf => {
                    write_length(message.len(), out);
                    out.extend_from_slice(message);
                }
            }
        }
    }

    /// The only message, where there is exactly one and no error.
    pub(crate) fn single(&self) -> Option<&[u8]> {
        (self.ends.len() == 1 && self.error.is_none()).then_some(&self.bytes)
    }
}

/// Appends a length as Protocol Buffers writes it in front of a message.
fn write_length(length: usize, out: &mut Vec<u8>) {
    let mut rest = length;
    while rest >= 0x80 {
        #[allow(clippy::cast_possible_truncation, reason = "seven bits at a time")]
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    #[allow(clippy::cast_possible_truncation, reason = "seven bits are left")]
    out.push(rest as u8);
}

/// Takes what a model gives.
#[doc(hidden)]
pub struct Emit<'a, O> {
    source: Source,
    outcome: &'a mut Outcome,
    write: fn(&O, &mut Vec<u8>) -> std::result::Result<(), MessageError>,
}

impl<O> Emit<'_, O> {
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
        self.outcome.unwritable = Some(MessageError {
            pointer: String::new(),
            line: 0,
            column: 0,
            reason: reason.to_owned(),
        });
        false
    }

    fn error(&mut self, error: &impl Display) {
        self.outcome.error = Some(ErrorOutcome {
            kind: self.source.error.unwrap_or("error").to_owned(),
            // The alternate form has the causes, where a type has any: anyhow's does.
            message: format!("{error:#}"),
        });
    }
}
