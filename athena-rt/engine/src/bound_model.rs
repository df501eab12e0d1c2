//! Models of a service or a worker, each bound to settings that were read once.

use std::path::Path;
use std::sync::Arc;

use athena_protocol::{Environments, Format};

use super::capture::Capture;
use super::handler::Handler;
use super::overrides;
use athena_cases::environments;
use athena_core::environment::{Variable, Variables, set};
use athena_core::error::{Error, Result};
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;
use athena_core::registry::{Entry, Registry};
use athena_protocol::text::suggest;
use athena_structure::MessageError;
use athena_structure::description::Definition;

/// A model bound to its settings.
pub struct BoundModel {
    handler: Handler,
    variables: Vec<Variable>,
    /// Whether messages may set variables.
    overridable: bool,
    capture: Option<Arc<Capture>>,
}

/// Reads the settings of every model.
///
/// # Errors
///
/// A variable is invalid, missing, or not declared by the model.
pub fn open(
    registry: &Registry,
    fixtures: &Path,
    choice: &Environments,
    allow_env_override: bool,
) -> Result<Vec<BoundModel>> {
    if choice.named.len() > 1 {
        return Err(Error::usage("only one environment can be used here"));
    }
    check_names(registry, choice)?;
    let open = |entry: &Entry| {
        let variables = entry.model.variables();
        let declared = |name: &str| variables.iter().any(|variable| variable.name == name);
        let set = choice.set.iter().filter(|(name, _)| declared(name)).cloned().collect();
        let choice = Environments { set, ..choice.clone() };
        let chosen = environments::resolve(entry, fixtures, &choice)?.swap_remove(0);
        if allow_env_override {
            check_field(entry)?;
        }
        BoundModel::new(entry, chosen.variables, allow_env_override)
    };
    registry.entries().iter().map(open).collect()
}

/// Every variable with its value, `NAME=value`; secrets are masked.
pub fn describe_settings<'a>(models: impl Iterator<Item = &'a BoundModel>) -> Vec<String> {
    let mut shown: Vec<String> = models.flat_map(BoundModel::describe_settings).collect();
    shown.sort();
    shown.dedup();
    shown
}

impl BoundModel {
    /// Binds a model to these variables.
    ///
    /// # Errors
    ///
    /// A variable is invalid or missing.
    pub fn new(entry: &Entry, set: Variables, overridable: bool) -> Result<Self> {
        let handler = Handler::new(entry, set)?;
        Ok(Self { handler, variables: entry.model.variables(), overridable, capture: None })
    }

    /// Captures a sample of its messages from now on.
    pub fn set_capture(&mut self, capture: &Arc<Capture>) {
        self.capture = Some(Arc::clone(capture));
    }

    pub fn id(&self) -> &str {
        &self.handler.entry.id
    }

    pub fn entry(&self) -> &Entry {
        &self.handler.entry
    }

    /// The declared variables.
    #[cfg(feature = "async")]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variables that were set, with their values.
    pub fn set_variables(&self) -> &Variables {
        self.handler.variables()
    }

    /// Whether the model returns many outputs per message.
    pub fn is_many(&self) -> bool {
        self.handler.entry.model.source().many
    }

    /// Whether the model is an `async fn`.
    #[cfg(feature = "async")]
    pub fn is_async(&self) -> bool {
        self.handler.is_async()
    }

    /// Runs one message, with the variables that it sets if that is allowed. An `async fn` model must not
    /// be run on a thread of a Tokio runtime.
    pub fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let overridden = self.split_overrides(message, format)?;
        let (handler, message) = self.select_handler(overridden.as_ref(), message);
        let result = handler.handle(message, format, outcome);
        self.capture_result(handler, message, format, result.as_ref().map(|()| &*outcome));
        result
    }

    /// Runs one message concurrently with others, as [`Handler::handle_async`] does.
    #[cfg(feature = "async")]
    pub async fn handle_async(
        &self,
        message: &[u8],
        format: Format,
        outcome: Outcome,
    ) -> (Outcome, Result<(), Failure>) {
        let overridden = match self.split_overrides(message, format) {
            Ok(overridden) => overridden,
            Err(failure) => return (outcome, Err(failure)),
        };
        let (handler, message) = self.select_handler(overridden.as_ref(), message);
        let (outcome, result) = handler.handle_async(message, format, outcome).await;
        self.capture_result(handler, message, format, result.as_ref().map(|()| &outcome));
        (outcome, result)
    }

    /// A handler with the variables that a message sets, and the message without them; `None` if it sets
    /// none.
    fn split_overrides(
        &self,
        message: &[u8],
        format: Format,
    ) -> Result<Option<(Handler, String)>, Failure> {
        if !self.overridable || format == Format::Protobuf {
            return Ok(None);
        }
        let invalid = |reason: String| {
            let pointer = format!("/{}", overrides::KEY);
            Failure::Message(MessageError::new(pointer, reason))
        };
        let Some(split) = overrides::split(message, &self.variables).map_err(invalid)? else {
            return Ok(None);
        };
        let handler = self
            .handler
            .with_overrides(&split.overrides)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Some((handler, split.message)))
    }

    fn select_handler<'a>(
        &'a self,
        overridden: Option<&'a (Handler, String)>,
        message: &'a [u8],
    ) -> (&'a Handler, &'a [u8]) {
        overridden
            .map_or((&self.handler, message), |(handler, message)| (handler, message.as_bytes()))
    }

    /// Captures a message that was run, if it is in the sample.
    fn capture_result(
        &self,
        handler: &Handler,
        message: &[u8],
        format: Format,
        result: Result<&Outcome, &Failure>,
    ) {
        let Some(capture) = self.capture.as_ref().filter(|capture| capture.should_sample()) else {
            return;
        };
        match result {
            Ok(outcome) => {
                let variables = handler.variables();
                capture.add(&handler.entry, variables, message, format, Some(outcome));
            }
            Err(Failure::Panic(_)) => capture.count_panic(),
            Err(Failure::Message(_) | Failure::Outcome(_)) => {}
        }
    }

    /// Captures a message that another process has run, if it is in the sample. `outcome` is called only
    /// then; it returns `None` if the outcome is unknown.
    pub fn capture_remote_result(
        &self,
        message: &[u8],
        format: Format,
        outcome: impl FnOnce() -> Option<Outcome>,
    ) {
        let Some(capture) = self.capture.as_ref().filter(|capture| capture.should_sample()) else {
            return;
        };
        let is_split = self.overridable && format == Format::Json;
        let split = is_split.then(|| overrides::split(message, &self.variables));
        let (entry, outcome) = (self.entry(), outcome());
        match split {
            None | Some(Ok(None)) => {
                capture.add(entry, self.set_variables(), message, format, outcome.as_ref());
            }
            Some(Ok(Some(split))) => {
                let mut variables = self.set_variables().clone();
                for (name, value) in &split.overrides {
                    set(&mut variables, name, value);
                }
                let message = split.message.as_bytes();
                capture.add(entry, &variables, message, format, outcome.as_ref());
            }
            // The other process reports the error.
            Some(Err(_)) => {}
        }
    }

    /// Captures a message that another process has run, if it is in the sample.
    pub fn capture_remote(
        &self,
        message: &[u8],
        format: Format,
        outcome: &Outcome,
        result: &Result<(), Failure>,
    ) {
        match result {
            Ok(()) => self.capture_remote_result(message, format, || Some(outcome.clone())),
            Err(Failure::Panic(_)) => {
                let capture = self.capture.as_ref().filter(|capture| capture.should_sample());
                if let Some(capture) = capture {
                    capture.count_panic();
                }
            }
            Err(Failure::Message(_) | Failure::Outcome(_)) => {}
        }
    }

    fn describe_settings(&self) -> impl Iterator<Item = String> {
        self.variables.iter().map(|variable| {
            let name = variable.name;
            let set = self.set_variables().iter().find(|(known, _)| known == name);
            match (set, &variable.default) {
                (Some(_), _) if variable.secret => format!("{name}=***"),
                (Some((_, value)), _) => format!("{name}={value}"),
                (None, Some(default)) if !variable.secret => format!("{name}={default} (default)"),
                (None, _) => format!("{name} is not set"),
            }
        })
    }
}

fn check_names(registry: &Registry, choice: &Environments) -> Result<()> {
    let declared: Vec<&str> = registry
        .entries()
        .iter()
        .flat_map(|entry| entry.model.variables())
        .map(|variable| variable.name)
        .collect();
    for (name, _) in &choice.set {
        if !declared.contains(&name.as_str()) {
            let near = suggest(name, &declared);
            return Err(Error::usage(format!("no model declares the variable {name}{near}")));
        }
    }
    Ok(())
}

/// Checks that messages have no field of the same name.
fn check_field(entry: &Entry) -> Result<()> {
    let input = entry.model.input_type();
    if let Some(Definition::Structure(structure)) = input.definition()
        && structure.fields.iter().any(|field| field.is_called(overrides::KEY))
    {
        return Err(Error::usage(format!(
            "--allow-env-override can't be used: the messages of {} have a field `{}`",
            entry.id,
            overrides::KEY
        )));
    }
    Ok(())
}
