//! The models that are served, each with its counts.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use athena_protocol::Serve;

use super::metrics::Meter;
use super::pace::Pace;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_engine::bound_model::{self, Deployed};
use athena_engine::capture::Capture;

/// A model and its counts.
pub(super) struct Served {
    deployed: Deployed,
    pub(super) meter: Meter,
    pub(super) pace: Pace,
}

impl Deref for Served {
    type Target = Deployed;

    fn deref(&self) -> &Deployed {
        &self.deployed
    }
}

/// Every model that is served, sorted by id.
pub(super) struct Models {
    registry: Registry,
    /// Ids and what ends them, where one model alone is called that.
    names: HashMap<String, usize>,
    served: Vec<Arc<Served>>,
    capture: Option<Arc<Capture>>,
}

impl Models {
    /// Reads the settings of every model.
    ///
    /// # Errors
    ///
    /// A variable that does not read, is missing, or is set for a model that has it not; a file
    /// that nothing can be captured into.
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
                model.capture(capture);
            }
        }
        let served: Vec<_> = models
            .into_iter()
            .map(|deployed| {
                Arc::new(Served { deployed, meter: Meter::default(), pace: Pace::default() })
            })
            .collect();
        Ok(Self { registry: registry.clone(), names: names(&served), served, capture })
    }

    /// Every model.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.served.iter()
    }

    /// The model of this id, or whose id ends in it.
    pub(super) fn find(&self, name: &str) -> Result<&Arc<Served>> {
        let at = match self.names.get(name) {
            Some(&at) => Some(at),
            // Written in another way, or wrong: the registry has the words for that.
            None => self.names.get(&self.registry.find(name)?.id).copied(),
        };
        at.map(|at| &self.served[at]).ok_or_else(|| Error::usage("the model is not served"))
    }

    /// What keeps some of the messages.
    pub(super) fn capture(&self) -> Option<&Capture> {
        self.capture.as_deref()
    }

    /// Every variable as it is set, `NAME=value`; secrets are masked.
    pub(super) fn settings(&self) -> Vec<String> {
        bound_model::settings(self.served.iter().map(|served| &served.deployed))
    }
}

fn names(served: &[Arc<Served>]) -> HashMap<String, usize> {
    let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, model) in served.iter().enumerate() {
        let ends = model.id().match_indices("::").map(|(end, colons)| end + colons.len());
        for start in std::iter::once(0).chain(ends) {
            named.entry(&model.id()[start..]).or_default().push(at);
        }
    }
    let whole = |name: &str, at: usize| served[at].id() == name;
    let only = named.into_iter().filter_map(|(name, found)| {
        let at = found.iter().copied().find(|&at| whole(name, at));
        Some((name.to_owned(), at.or_else(|| (found.len() == 1).then(|| found[0]))?))
    });
    only.collect()
}
