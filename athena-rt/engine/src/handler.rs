//! A registered model with its settings: bytes in, bytes out, so that engines don't parse messages.

use athena_protocol::Format;

use athena_core::environment::{ErasedEnv, Variables, set};
use athena_core::error::Result;
use athena_core::invoke::{Failure, invoke};
#[cfg(feature = "async")]
use athena_core::invoke::{Invocation, invoke_async};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_core::secrets;
use athena_structure::MessageError;

/// A model with its settings, which are read once.
pub struct Handler {
    pub entry: Entry,
    variables: Variables,
    env: ErasedEnv,
}

impl Handler {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// A variable is missing or invalid; the message names it.
    pub fn new(entry: &Entry, variables: Variables) -> Result<Self> {
        secrets::learn(&entry.model.variables(), &variables);
        Ok(Self {
            entry: entry.clone(),
            variables: variables.clone(),
            env: entry.model.read_env(variables)?,
        })
    }

    /// The variables that were set, with their values.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The same model with other values of some variables.
    pub fn with_overrides(&self, overrides: &[(String, String)]) -> Result<Self> {
        let mut variables = self.variables.clone();
        for (name, value) in overrides {
            set(&mut variables, name, value);
        }
        Self::new(&self.entry, variables)
    }

    /// Whether the model is an `async fn`.
    #[cfg(feature = "async")]
    pub fn is_async(&self) -> bool {
        self.entry.model.is_async()
    }

    /// Runs one message and writes the result in the format of `outcome`. An `async fn` model blocks the
    /// thread until it ends, and must not be run on a thread of a Tokio runtime.
    pub fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        invoke(self.entry.model, &self.env, parse_text(message, format)?, outcome)
    }

    /// Runs one message concurrently with others. The message is parsed at once; the model runs while the
    /// returned future is polled, on any thread of a runtime, and is dropped with it. A model that is not
    /// an `async fn` runs at once.
    #[cfg(feature = "async")]
    pub fn handle_async(&self, message: &[u8], format: Format, outcome: Outcome) -> Invocation {
        match parse_text(message, format) {
            Ok(message) => invoke_async(self.entry.model, &self.env, message, outcome),
            Err(failure) => Invocation::ready(outcome, Err(failure)),
        }
    }
}

fn parse_text(message: &[u8], format: Format) -> std::result::Result<Message<'_>, Failure> {
    match format {
        Format::Protobuf => Ok(Message::Protobuf(message)),
        Format::Json => std::str::from_utf8(message).map(Message::Json).map_err(|error| {
            Failure::Message(MessageError::new("", format!("not valid UTF-8: {error}")))
        }),
    }
}
