//! The models that are served, each with its metrics.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use athena_protocol::Serve;

use super::ipc::ProcessSettings;
use super::latency_estimate::LatencyEstimate;
use super::metrics::Metrics;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_engine::bound_model::{self, BoundModel};
use athena_engine::capture::Capture;

/// A model and its metrics.
pub(super) struct ServedModel {
    bound: BoundModel,
    /// The model's id, shared with the log lines of its requests.
    pub(super) name: Arc<str>,
    pub(super) metrics: Metrics,
    pub(super) latency: LatencyEstimate,
    /// The index among all models, for model processes.
    pub(super) index: u16,
}

impl ServedModel {
    fn new(index: u16, bound: BoundModel) -> Self {
        let name = Arc::from(bound.id());
        let (metrics, latency) = Default::default();
        Self { bound, name, metrics, latency, index }
    }
}

impl Deref for ServedModel {
    type Target = BoundModel;

    fn deref(&self) -> &BoundModel {
        &self.bound
    }
}

/// All models that are served, sorted by id.
pub(super) struct Models {
    registry: Registry,
    /// Indices by id, and by each suffix of an id that is unambiguous.
    names: HashMap<String, usize>,
    served: Vec<Arc<ServedModel>>,
    capture: Option<Arc<Capture>>,
}

impl Models {
    /// Reads the settings of every model.
    ///
    /// # Errors
    ///
    /// A variable is invalid, missing, or not declared by a model; the capture file can't be opened.
    pub(super) fn open(registry: &Registry, fixtures: &Path, request: &Serve) -> Result<Self> {
        let mut models = bound_model::open(
            registry,
            fixtures,
            &request.environments,
            request.allow_env_override,
        )?;
        let capture = request.capture.as_ref().map(Capture::open).transpose()?.map(Arc::new);
        if let Some(capture) = &capture {
            for model in &mut models {
                model.set_capture(capture);
            }
        }
        let served: Vec<_> = (0..)
            .zip(models)
            .map(|(index, bound)| Arc::new(ServedModel::new(index, bound)))
            .collect();
        Ok(Self { registry: registry.clone(), names: names(&served), served, capture })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<ServedModel>> {
        self.served.iter()
    }

    /// Finds a model by its id or an unambiguous suffix of it.
    pub(super) fn find(&self, name: &str) -> Result<&Arc<ServedModel>> {
        let at = match self.names.get(name) {
            Some(&at) => Some(at),
            // Another spelling, or an error that the registry explains.
            None => self.names.get(&self.registry.find(name)?.id).copied(),
        };
        at.map(|at| &self.served[at]).ok_or_else(|| Error::usage("the model is not served"))
    }

    pub(super) fn capture(&self) -> Option<&Capture> {
        self.capture.as_deref()
    }

    /// What a model process needs to know.
    pub(super) fn process_settings(&self, overridable: bool) -> ProcessSettings {
        let settings =
            |model: &Arc<ServedModel>| (model.id().to_owned(), model.set_variables().clone());
        ProcessSettings { models: self.served.iter().map(settings).collect(), overridable }
    }

    /// Every variable with its value, `NAME=value`; secrets are masked.
    pub(super) fn describe_settings(&self) -> Vec<String> {
        bound_model::describe_settings(self.served.iter().map(|served| &served.bound))
    }
}

fn names(served: &[Arc<ServedModel>]) -> HashMap<String, usize> {
    let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, model) in served.iter().enumerate() {
        let suffixes = model.id().match_indices("::").map(|(end, colons)| end + colons.len());
        for start in std::iter::once(0).chain(suffixes) {
            named.entry(&model.id()[start..]).or_default().push(at);
        }
    }
    let unambiguous = named.into_iter().filter_map(|(name, found)| {
        let whole = found.iter().copied().find(|&at| served[at].id() == name);
        Some((name.to_owned(), whole.or_else(|| (found.len() == 1).then(|| found[0]))?))
    });
    unambiguous.collect()
}
