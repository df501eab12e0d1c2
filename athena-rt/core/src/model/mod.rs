//! A model with its types erased: bytes in, bytes out.

#[cfg(feature = "async")]
mod asynchronous;

use std::cell::Cell;

use athena_protocol::Format;

#[cfg(feature = "async")]
pub use self::asynchronous::AsyncFunction;
#[cfg(feature = "async")]
pub use self::asynchronous::Pending;
use crate::environment::{Environment, ErasedEnv, Variable, Variables};
use crate::error::Result;
use crate::outcome::{Emit, Outcome, Write};
use crate::state::State;
use athena_structure as structure;
use athena_structure::description::{Shape, Shapes, TypeDescription};
use athena_structure::{MessageError, Part, Structure, wire};

/// A function registered by `#[model]`.
#[doc(hidden)]
pub trait Function: 'static {
    /// The type of its input.
    type Input: Structure;
    /// The settings it reads.
    type Environment: Environment;
    /// The type of its output.
    type Output: Structure;

    /// Calls it and emits its result.
    fn call(state: State<Self::Input, Self::Environment>, emit: &mut Emit<'_, Self::Output>);
}

/// The facts that `#[model]` read from the source.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub function: &'static str,
    pub module: &'static str,
    pub package: &'static str,
    pub version: &'static str,
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
    read_env: fn(Variables) -> Result<ErasedEnv>,
    call: Call,
    to_json: fn(&[u8]) -> std::result::Result<String, MessageError>,
    output_to_json: fn(&[u8]) -> std::result::Result<String, MessageError>,
    check: fn(Message<'_>) -> std::result::Result<(), MessageError>,
}

/// How a model is called. A plain model has no cost of an `async fn`.
enum Call {
    Plain(
        fn(&Source, &ErasedEnv, Message<'_>, &mut Outcome) -> std::result::Result<(), MessageError>,
    ),
    #[cfg(feature = "async")]
    Async(asynchronous::Begin),
}

inventory::collect!(Model);

impl Model {
    /// Erases a function's types.
    pub const fn for_function<F: Function>(source: Source) -> Self {
        Self::erase::<F::Input, F::Environment, F::Output>(source, Call::Plain(call::<F>))
    }

    const fn erase<I: Structure, E: Environment, O: Structure>(source: Source, call: Call) -> Self {
        Self {
            source,
            variables: E::variables,
            input: <I as Part>::shape,
            output: <O as Part>::shape,
            read_env: ErasedEnv::read::<E>,
            call,
            to_json: to_json::<I>,
            output_to_json: to_json::<O>,
            check: |message| read::<I>(message).map(|_| ()),
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
        // The crate of a package's library or main binary has the package's name.
        let root = (root != package.replace('-', "_")).then_some(root);
        for segment in root.into_iter().chain([rest, function]).filter(|text| !text.is_empty()) {
            id.push_str("::");
            id.push_str(segment);
        }
        id
    }

    /// The facts from the source.
    #[inline]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The variables it reads.
    pub fn variables(&self) -> Vec<Variable> {
        (self.variables)()
    }

    /// Describes its input in `shapes`.
    pub fn input(&self, shapes: &mut Shapes) -> Shape {
        (self.input)(shapes)
    }

    /// The type of the messages it accepts.
    pub fn input_type(&self) -> TypeDescription {
        TypeDescription::new(self.input)
    }

    /// The type of the messages it returns.
    pub fn output_type(&self) -> TypeDescription {
        TypeDescription::new(self.output)
    }

    /// Describes its output in `shapes`.
    pub fn output(&self, shapes: &mut Shapes) -> Shape {
        (self.output)(shapes)
    }

    /// Reads its settings.
    pub fn read_env(&self, variables: Variables) -> Result<ErasedEnv> {
        (self.read_env)(variables)
    }

    /// Calls a plain model. For `invoke` only.
    pub fn call(
        &self,
        env: &ErasedEnv,
        message: Message<'_>,
        outcome: &mut Outcome,
    ) -> std::result::Result<(), MessageError> {
        outcome.clear();
        match self.call {
            Call::Plain(call) => call(&self.source, env, message, outcome),
            // `invoke` begins async models.
            #[cfg(feature = "async")]
            Call::Async(_) => unreachable!("an async model is not called, but begun"),
        }
    }

    /// Converts an input from Protocol Buffers to JSON.
    pub fn to_json(&self, message: &[u8]) -> std::result::Result<String, MessageError> {
        (self.to_json)(message)
    }

    /// Converts an output from Protocol Buffers to JSON.
    pub fn output_to_json(&self, state: &[u8]) -> std::result::Result<String, MessageError> {
        (self.output_to_json)(state)
    }

    /// Checks that it can read a message, without calling it.
    pub fn check(&self, message: Message<'_>) -> std::result::Result<(), MessageError> {
        (self.check)(message)
    }
}

fn call<F: Function>(
    source: &Source,
    env: &ErasedEnv,
    message: Message<'_>,
    outcome: &mut Outcome,
) -> std::result::Result<(), MessageError> {
    let state = state::<F::Input, F::Environment>(env, message)?;
    let write = writer::<F::Output>(outcome.format);
    F::call(state, &mut Emit::new(source.error, outcome, write));
    Ok(())
}

/// The state of a message and its settings.
#[inline]
fn state<I: Structure, E: Environment>(
    env: &ErasedEnv,
    message: Message<'_>,
) -> std::result::Result<State<I, E>, MessageError> {
    let data = read(message)?;
    let Some(env) = env.get::<E>() else {
        // A model reads its own settings.
        unreachable!("the environment of another model")
    };
    Ok(State { data, env })
}

#[inline]
fn writer<O: Structure>(format: Format) -> Write<O> {
    match format {
        Format::Json => structure::json::encode_to,
        Format::Protobuf => write_protobuf,
    }
}

fn read<D: Structure>(message: Message<'_>) -> std::result::Result<D, MessageError> {
    match message {
        Message::Json(text) => structure::json::decode(text),
        Message::Protobuf(bytes) => Ok(wire::decode(bytes)?),
        Message::JsonPrefix { text, length } => {
            let (data, read) = structure::json::parse_front(text)?;
            length.set(read);
            Ok(data)
        }
    }
}

fn write_protobuf<D: Structure>(
    data: &D,
    out: &mut Vec<u8>,
) -> std::result::Result<(), MessageError> {
    Ok(wire::try_encode_to(data, out)?)
}

fn to_json<D: Structure>(message: &[u8]) -> std::result::Result<String, MessageError> {
    let data: D = wire::decode(message)?;
    let mut text = Vec::new();
    structure::json::encode_to(&data, &mut text)?;
    Ok(String::from_utf8(text).unwrap_or_default())
}

/// An input message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    Json(&'a str),
    Protobuf(&'a [u8]),
    /// JSON at the start of a text; `length` receives its length.
    JsonPrefix {
        text: &'a str,
        length: &'a Cell<usize>,
    },
}

/// The entry of an `async fn` in the registry.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_model {
    ($($entry:tt)*) => { $($entry)* };
}

#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_model {
    ($($entry:tt)*) => {
        ::core::compile_error!(
            "a model that is an `async fn` needs the feature `async` of athena-rt: \
             athena-rt = { .., features = [\"async\"] }"
        );
    };
}
