//! The models of a worker, by the names that messages call them.

use std::collections::HashMap;

use super::pipe::{Orders, frame};
use crate::engine::deployed::Deployed;
use crate::engine::letter::Letter;
use crate::registry::Registry;

pub(super) struct Roster {
    registry: Registry,
    models: Vec<Deployed>,
    orders: Orders,
    /// Names that were found before.
    known: HashMap<String, u16>,
}

impl Roster {
    /// The models, and what their processes are told but for these.
    pub(super) fn new(registry: Registry, models: Vec<Deployed>, orders: Orders) -> Self {
        let told = |model: &Deployed| (model.id().to_owned(), model.set().clone());
        let orders = Orders { models: models.iter().map(told).collect(), ..orders };
        Self { registry, models, orders, known: HashMap::new() }
    }

    /// What every process is told first.
    pub(super) fn orders(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Texts and numbers: nothing in them can't be written.
        frame(&mut bytes, |out| drop(serde_json::to_writer(out, &self.orders)));
        bytes
    }

    /// The place of the model that a message names, or of the only one.
    pub(super) fn find(&mut self, name: &str) -> Result<u16, String> {
        if let Some(place) = self.known.get(name) {
            return Ok(*place);
        }
        let place = match (name, &self.models[..]) {
            ("", [_]) => 0,
            ("", _) => return Err("it names no model, and here are several".to_owned()),
            _ => {
                let entry = self.registry.find(name).map_err(|error| error.to_string())?;
                let place = self.models.iter().position(|model| model.id() == entry.id);
                place.ok_or_else(|| format!("{} is not run here", entry.id))?
            }
        };
        let place = u16::try_from(place).map_err(|_| "too many models".to_owned())?;
        self.known.insert(name.to_owned(), place);
        Ok(place)
    }

    pub(super) fn id(&self, place: u16) -> &str {
        self.models.get(usize::from(place)).map_or("", Deployed::id)
    }

    /// Keeps a message and its outcome as a case, where that was asked for.
    #[allow(clippy::unused_self, reason = "captures come with their own commit")]
    pub(super) fn capture(&self, _place: u16, _message: &Letter, _outcome: &Letter) {}
}
