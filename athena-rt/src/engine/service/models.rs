//! The models that are served, each with its counts.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use athena_protocol::Serve;

use super::metrics::Meter;
use crate::engine::capture::Capture;
use crate::engine::deployed::{self, Deployed};
use crate::error::{Error, Result};
use crate::registry::Registry;

/// A model and its counts.
pub(super) struct Served {
    deployed: Deployed,
    pub(super) meter: Meter,
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
        let mut models =
            deployed::open(registry, fixtures, &request.environments, request.allow_env_override)?;
        let capture = request.capture.as_ref().map(Capture::open).transpose()?.map(Arc::new);
        if let Some(capture) = &capture {
            for model in &mut models {
                model.capture(capture);
            }
        }
        let served = models
            .into_iter()
            .map(|deployed| Arc::new(Served { deployed, meter: Meter::default() }))
            .collect();
        Ok(Self { registry: registry.clone(), served, capture })
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

    /// What keeps some of the messages.
    pub(super) fn capture(&self) -> Option<&Capture> {
        self.capture.as_deref()
    }

    /// Every variable as it is set, `NAME=value`; secrets are masked.
    pub(super) fn settings(&self) -> Vec<String> {
        deployed::settings(self.served.iter().map(|served| &served.deployed))
    }
}
