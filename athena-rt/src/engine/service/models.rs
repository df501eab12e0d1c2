//! The models that are served, each under settings that were read once.

use std::path::Path;
use std::sync::Arc;

use athena_protocol::{Environments, Format, Serve};

use super::metrics::Meter;
use super::overrides;
use crate::engine::handler::Handler;
use crate::engine::settings;
use crate::environment::Variable;
use crate::error::{Error, Result, suggest};
use crate::invoke::Failure;
use crate::outcome::Outcome;
use crate::registry::{Entry, Registry};
use crate::structure::{Definition, MessageError, Shape, Shapes, is_name};

/// A model, its settings and its counts.
pub(super) struct Served {
    handler: Handler,
    variables: Vec<Variable>,
    /// Whether a message may set variables.
    overridable: bool,
    pub(super) meter: Meter,
}

/// Every model that is served, sorted by id.
pub(super) struct Models {
    registry: Registry,
    served: Vec<Arc<Served>>,
}

impl Models {
    /// Reads the settings of every model.
    ///
    /// # Errors
    ///
    /// A variable that does not read, is missing, or is set for a model that has it not.
    pub(super) fn open(registry: &Registry, fixtures: &Path, request: &Serve) -> Result<Self> {
        let choice = &request.environments;
        if choice.named.len() > 1 {
            return Err(Error::usage("a service runs under one environment"));
        }
        check_names(registry, choice)?;
        let mut served = Vec::new();
        for entry in registry.entries() {
            let variables = entry.model.variables();
            let declared = |name: &str| variables.iter().any(|variable| variable.name == name);
            let set = choice.set.iter().filter(|(name, _)| declared(name)).cloned().collect();
            let choice = Environments { set, ..choice.clone() };
            let chosen = settings::choose(entry, fixtures, &choice)?.swap_remove(0);
            if request.allow_env_override {
                check_field(entry)?;
            }
            served.push(Arc::new(Served {
                handler: Handler::new(entry, chosen.variables)?,
                variables,
                overridable: request.allow_env_override,
                meter: Meter::default(),
            }));
        }
        Ok(Self { registry: registry.clone(), served })
    }

    /// Every model.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.served.iter()
    }

    /// The model of this id, or whose id ends in it.
    pub(super) fn find(&self, name: &str) -> Result<&Arc<Served>> {
        let id = |id: &str| self.served.binary_search_by(|model| model.id().cmp(id)).ok();
        let at = match id(name) {
            Some(at) => Some(at),
            None => id(&self.registry.find(name)?.id),
        };
        at.map(|at| &self.served[at]).ok_or_else(|| Error::usage("the model is not served"))
    }

    /// Every variable as it is set, `NAME=value`; secrets are masked.
    pub(super) fn settings(&self) -> Vec<String> {
        let mut shown: Vec<String> =
            self.served.iter().flat_map(|model| model.settings()).collect();
        shown.sort();
        shown.dedup();
        shown
    }
}

impl Served {
    /// The model's id.
    pub(super) fn id(&self) -> &str {
        &self.handler.entry.id
    }

    /// The model as registered.
    pub(super) fn entry(&self) -> &Entry {
        &self.handler.entry
    }

    /// The variables it declares.
    pub(super) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Whether one message may give several.
    pub(super) fn is_many(&self) -> bool {
        self.handler.entry.model.source().many
    }

    /// Runs one message, under settings of its own where it has and may have some.
    pub(super) fn handle(
        &self,
        message: &[u8],
        format: Format,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        if !self.overridable || format == Format::Protobuf {
            return self.handler.handle(message, format, outcome);
        }
        let wrong = |reason: String| {
            let pointer = format!("/{}", overrides::KEY);
            Failure::Message(MessageError { pointer, line: 0, column: 0, reason })
        };
        match overrides::split(message, &self.variables).map_err(wrong)? {
            None => self.handler.handle(message, format, outcome),
            Some(split) => {
                let handler =
                    self.handler.with(&split.over).map_err(|error| wrong(error.to_string()))?;
                handler.handle(split.rest.as_bytes(), format, outcome)
            }
        }
    }

    fn settings(&self) -> impl Iterator<Item = String> {
        self.variables.iter().map(|variable| {
            let name = variable.name;
            let set = self.handler.variables().iter().find(|(known, _)| known == name);
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
    let mut shapes = Shapes::default();
    if let Shape::Named(key) = entry.model.input(&mut shapes)
        && let Some(Definition::Structure(structure)) = shapes.get(key)
        && structure.fields.iter().any(|field| is_name(field.name, overrides::KEY))
    {
        return Err(Error::usage(format!(
            "--allow-env-override: the messages of {} have a field `{}` of their own",
            entry.id,
            overrides::KEY
        )));
    }
    Ok(())
}
