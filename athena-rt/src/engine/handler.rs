//! A registered model under its settings: bytes in, bytes out, so that no engine parses.

use athena_protocol::Format;

#[cfg(any(feature = "service", feature = "queue"))]
use crate::environment::set;
use crate::environment::{Frozen, Variables};
use crate::error::Result;
use crate::invoke::{Failure, invoke};
use crate::model::Message;
use crate::outcome::Outcome;
use crate::registry::Entry;
use crate::structure::MessageError;

/// A model and the settings it runs under, read once.
pub(crate) struct Handler {
    pub(crate) entry: Entry,
    #[cfg(any(feature = "service", feature = "queue"))]
    variables: Variables,
    env: Frozen,
}

impl Handler {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// A variable that is missing or does not read as its type; the message names it.
    pub(crate) fn new(entry: &Entry, variables: Variables) -> Result<Self> {
        Ok(Self {
            entry: entry.clone(),
            #[cfg(any(feature = "service", feature = "queue"))]
            variables: variables.clone(),
            env: entry.model.freeze(variables)?,
        })
    }

    /// The variables it was given, as set.
    #[cfg(any(feature = "service", feature = "queue"))]
    pub(crate) fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The same model with some variables set to something else.
    #[cfg(any(feature = "service", feature = "queue"))]
    pub(crate) fn with(&self, over: &[(String, String)]) -> Result<Self> {
        let mut variables = self.variables.clone();
        for (name, value) in over {
            set(&mut variables, name, value);
        }
        Self::new(&self.entry, variables)
    }

    /// Runs one message; what comes of it is written in the outcome's own format.
    pub(crate) fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let message = match format {
            Format::Protobuf => Message::Protobuf(message),
            Format::Json => Message::Json(std::str::from_utf8(message).map_err(|error| {
                Failure::Message(MessageError {
                    pointer: String::new(),
                    line: 0,
                    column: 0,
                    reason: format!("not valid UTF-8: {error}"),
                })
            })?),
        };
        invoke(self.entry.model, &self.env, message, outcome)
    }
}
