//! A registered model under its settings: bytes in, bytes out, so that no engine parses.

use athena_protocol::Format;

use athena_core::environment::{ErasedEnv, Variables, set};
use athena_core::error::Result;
use athena_core::invoke::{Failure, invoke};
#[cfg(feature = "async")]
use athena_core::invoke::{Invocation, invoke_async};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_structure::MessageError;

/// A model and the settings it runs under, read once.
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
    /// A variable that is missing or does not read as its type; the message names it.
    pub fn new(entry: &Entry, variables: Variables) -> Result<Self> {
        Ok(Self {
            entry: entry.clone(),
            variables: variables.clone(),
            env: entry.model.read_env(variables)?,
        })
    }

    /// The variables it was given, as set.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The same model with some variables set to something else.
    pub fn with(&self, over: &[(String, String)]) -> Result<Self> {
        let mut variables = self.variables.clone();
        for (name, value) in over {
            set(&mut variables, name, value);
        }
        Self::new(&self.entry, variables)
    }

    /// Whether the model is an `async fn`.
    #[cfg(feature = "async")]
    pub fn is_async(&self) -> bool {
        self.entry.model.is_async()
    }

    /// Runs one message; what comes of it is written in the outcome's own format. An `async fn`
    /// has the thread until it ends: not for a thread of a runtime.
    pub fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        invoke(self.entry.model, &self.env, text(message, format)?, outcome)
    }

    /// Runs one message beside others: it is read at once, and the model runs while what is given
    /// back is polled, on any thread of a runtime. Dropped before its end, the model ends too. One
    /// that is no `async fn` runs at once.
    #[cfg(feature = "async")]
    pub fn handle_async(&self, message: &[u8], format: Format, outcome: Outcome) -> Invocation {
        match text(message, format) {
            Ok(message) => invoke_async(self.entry.model, &self.env, message, outcome),
            Err(failure) => Invocation::ready(outcome, Err(failure)),
        }
    }
}

fn text(message: &[u8], format: Format) -> std::result::Result<Message<'_>, Failure> {
    match format {
        Format::Protobuf => Ok(Message::Protobuf(message)),
        Format::Json => std::str::from_utf8(message).map(Message::Json).map_err(|error| {
            Failure::Message(MessageError::new("", format!("not valid UTF-8: {error}")))
        }),
    }
}
