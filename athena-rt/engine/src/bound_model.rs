//! Models in production, behind a service or a queue: each under settings that were read once.

use std::path::Path;
use std::sync::Arc;

use athena_protocol::{Environments, Format};

use super::capture::Capture;
use super::handler::Handler;
use super::overrides;
use athena_cases::settings;
use athena_core::environment::{Variable, Variables, set};
use athena_core::error::{Error, Result};
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;
use athena_core::registry::{Entry, Registry};
use athena_protocol::text::suggest;
use athena_structure::description::Definition;
use athena_structure::{MessageError, matches_name};

/// A model and its settings.
pub struct Deployed {
    handler: Handler,
    variables: Vec<Variable>,
    /// Whether a message may set variables.
    overridable: bool,
    capture: Option<Arc<Capture>>,
}

/// Reads the settings of every model.
///
/// # Errors
///
/// A variable that does not read, is missing, or is set for a model that has it not.
pub fn open(
    registry: &Registry,
    fixtures: &Path,
    choice: &Environments,
    allow_env_override: bool,
) -> Result<Vec<Deployed>> {
    if choice.named.len() > 1 {
        return Err(Error::usage("what is deployed runs under one environment"));
    }
    check_names(registry, choice)?;
    let open = |entry: &Entry| {
        let variables = entry.model.variables();
        let declared = |name: &str| variables.iter().any(|variable| variable.name == name);
        let set = choice.set.iter().filter(|(name, _)| declared(name)).cloned().collect();
        let choice = Environments { set, ..choice.clone() };
        let chosen = settings::choose(entry, fixtures, &choice)?.swap_remove(0);
        if allow_env_override {
            check_field(entry)?;
        }
        Deployed::new(entry, chosen.variables, allow_env_override)
    };
    registry.entries().iter().map(open).collect()
}

/// Every variable as it is set, `NAME=value`; secrets are masked.
pub fn settings<'a>(models: impl Iterator<Item = &'a Deployed>) -> Vec<String> {
    let mut shown: Vec<String> = models.flat_map(Deployed::settings).collect();
    shown.sort();
    shown.dedup();
    shown
}

impl Deployed {
    /// A model under these variables.
    ///
    /// # Errors
    ///
    /// A variable that does not read, or is missing.
    pub fn new(entry: &Entry, set: Variables, overridable: bool) -> Result<Self> {
        let handler = Handler::new(entry, set)?;
        Ok(Self { handler, variables: entry.model.variables(), overridable, capture: None })
    }

    /// Keeps some of its messages from now on.
    pub fn capture(&mut self, capture: &Arc<Capture>) {
        self.capture = Some(Arc::clone(capture));
    }

    /// The model's id.
    pub fn id(&self) -> &str {
        &self.handler.entry.id
    }

    /// The model as registered.
    pub fn entry(&self) -> &Entry {
        &self.handler.entry
    }

    /// The variables it declares.
    #[cfg(feature = "async")]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variables it was given, as set.
    pub fn set(&self) -> &Variables {
        self.handler.variables()
    }

    /// Whether one message may give several.
    pub fn is_many(&self) -> bool {
        self.handler.entry.model.source().many
    }

    /// Whether the model is an `async fn`.
    #[cfg(feature = "async")]
    pub fn is_async(&self) -> bool {
        self.handler.is_async()
    }

    /// Runs one message, under settings of its own where it has and may have some. Not for an
    /// `async fn` on a thread of a runtime.
    pub fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let own = self.own(message, format)?;
        let (handler, message) = self.under(own.as_ref(), message);
        let ran = handler.handle(message, format, outcome);
        self.offer(handler, message, format, ran.as_ref().map(|()| &*outcome));
        ran
    }

    /// Runs one message beside others, as [`Handler::handle_async`] does.
    #[cfg(feature = "async")]
    pub async fn handle_async(
        &self,
        message: &[u8],
        format: Format,
        outcome: Outcome,
    ) -> (Outcome, Result<(), Failure>) {
        let own = match self.own(message, format) {
            Ok(own) => own,
            Err(failure) => return (outcome, Err(failure)),
        };
        let (handler, message) = self.under(own.as_ref(), message);
        let (outcome, ran) = handler.handle_async(message, format, outcome).await;
        self.offer(handler, message, format, ran.as_ref().map(|()| &outcome));
        (outcome, ran)
    }

    /// The settings that a message brings, and the rest of it.
    fn own(&self, message: &[u8], format: Format) -> Result<Option<(Handler, String)>, Failure> {
        if !self.overridable || format == Format::Protobuf {
            return Ok(None);
        }
        let wrong = |reason: String| {
            let pointer = format!("/{}", overrides::KEY);
            Failure::Message(MessageError::new(pointer, reason))
        };
        let Some(split) = overrides::split(message, &self.variables).map_err(wrong)? else {
            return Ok(None);
        };
        let handler = self.handler.with(&split.over).map_err(|error| wrong(error.to_string()))?;
        Ok(Some((handler, split.rest)))
    }

    fn under<'a>(
        &'a self,
        own: Option<&'a (Handler, String)>,
        message: &'a [u8],
    ) -> (&'a Handler, &'a [u8]) {
        own.map_or((&self.handler, message), |(handler, rest)| (handler, rest.as_bytes()))
    }

    /// Keeps a message that was run, if it is wanted.
    fn offer(
        &self,
        handler: &Handler,
        message: &[u8],
        format: Format,
        ran: Result<&Outcome, &Failure>,
    ) {
        let Some(capture) = self.capture.as_ref().filter(|capture| capture.wants()) else { return };
        match ran {
            Ok(outcome) => {
                let variables = handler.variables();
                capture.keep(&handler.entry, variables, message, format, Some(outcome));
            }
            Err(Failure::Panic(_)) => capture.panicked(),
            Err(Failure::Message(_) | Failure::Outcome(_)) => {}
        }
    }

    /// Keeps a message that another process has run, if it is wanted. The outcome is asked for only
    /// then; none is one that is not known.
    pub fn keep(&self, message: &[u8], format: Format, outcome: impl FnOnce() -> Option<Outcome>) {
        let Some(capture) = self.capture.as_ref().filter(|capture| capture.wants()) else { return };
        let is_split = self.overridable && format == Format::Json;
        let split = is_split.then(|| overrides::split(message, &self.variables));
        let (entry, outcome) = (self.entry(), outcome());
        match split {
            None | Some(Ok(None)) => {
                capture.keep(entry, self.set(), message, format, outcome.as_ref());
            }
            Some(Ok(Some(split))) => {
                let mut variables = self.set().clone();
                for (name, value) in &split.over {
                    set(&mut variables, name, value);
                }
                let rest = split.rest.as_bytes();
                capture.keep(entry, &variables, rest, format, outcome.as_ref());
            }
            // The other process has split it.
            Some(Err(_)) => {}
        }
    }

    fn settings(&self) -> impl Iterator<Item = String> {
        self.variables.iter().map(|variable| {
            let name = variable.name;
            let set = self.set().iter().find(|(known, _)| known == name);
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
            return Err(Error::usage(format!("no model reads a variable {name}{near}")));
        }
    }
    Ok(())
}

/// A message's own field may not be taken for settings.
fn check_field(entry: &Entry) -> Result<()> {
    let input = entry.model.input_type();
    if let Some(Definition::Structure(structure)) = input.definition()
        && structure.fields.iter().any(|field| matches_name(field.name, overrides::KEY))
    {
        return Err(Error::usage(format!(
            "--allow-env-override: the messages of {} have a field `{}` of their own",
            entry.id,
            overrides::KEY
        )));
    }
    Ok(())
}
