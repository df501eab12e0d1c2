//! A model with its types erased: bytes in, bytes out.

use std::cell::Cell;

use athena_protocol::Format;

use crate::environment::{Environment, Frozen, Variable, Variables};
use crate::error::Result;
use crate::outcome::{Emit, Outcome};
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
    #[cfg(feature = "queue")]
    output_to_json: fn(&[u8]) -> std::result::Result<String, MessageError>,
    #[cfg(feature = "queue")]
    check: fn(Message<'_>) -> std::result::Result<(), MessageError>,
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
            #[cfg(feature = "queue")]
            output_to_json: to_json::<F::Output>,
            #[cfg(feature = "queue")]
            check: |message| read::<F::Input>(message).map(|_| ()),
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

    /// A state that it gave as Protocol Buffers, as JSON.
    #[cfg(feature = "queue")]
    pub(crate) fn output_to_json(&self, state: &[u8]) -> std::result::Result<String, MessageError> {
        (self.output_to_json)(state)
    }

    /// Whether it can read a message; it is not called.
    #[cfg(feature = "queue")]
    pub(crate) fn check(&self, message: Message<'_>) -> std::result::Result<(), MessageError> {
        (self.check)(message)
    }
}

fn call<F: Function>(
    source: Source,
    env: &Frozen,
    message: Message<'_>,
    outcome: &mut Outcome,
) -> std::result::Result<(), MessageError> {
    let data: F::Input = read(message)?;
    let Some(env) = env.get::<F::Environment>() else {
        // Settings are frozen by the model that gets them.
        unreachable!("the environment of another model")
    };
    let write: fn(&F::Output, &mut Vec<u8>) -> _ = match outcome.format {
        Format::Json => structure::write,
        Format::Protobuf => write_protobuf,
    };
    F::call(State { data, env }, &mut Emit::new(source.error, outcome, write));
    Ok(())
}

fn read<D: Structure>(message: Message<'_>) -> std::result::Result<D, MessageError> {
    match message {
        Message::Json(text) => structure::read(text),
        Message::Protobuf(bytes) => Ok(wire::decode(bytes)?),
        Message::Front { text, length } => {
            let (data, read) = structure::parse_front(text)?;
            length.set(read);
            Ok(data)
        }
    }
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
