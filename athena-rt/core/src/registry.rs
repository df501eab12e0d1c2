//! The models linked into this program, sorted by id. Any unique suffix of an id finds its model.

use crate::error::{Error, Result};
use crate::model::Model;
use athena_protocol::ModelId;
use athena_protocol::collect::sort_by;
use athena_protocol::text::nearest;

/// A model and its id.
#[derive(Clone)]
pub struct Entry {
    pub id: String,
    pub model: &'static Model,
}

/// Every model of this program.
#[derive(Clone)]
pub struct Registry {
    entries: Vec<Entry>,
}

impl Registry {
    /// Collects what `#[model]` has registered.
    ///
    /// # Errors
    ///
    /// Two models of the same id; the message has both places.
    pub fn collect() -> Result<Self> {
        Self::from_models(inventory::iter::<Model>.into_iter())
    }

    fn from_models(models: impl Iterator<Item = &'static Model>) -> Result<Self> {
        let mut entries: Vec<Entry> = models.map(|model| Entry { id: model.id(), model }).collect();
        // The order of an inventory is that of the linker.
        sort_by(&mut entries, |a, b| {
            let place = |entry: &Entry| (entry.model.source().file, entry.model.source().line);
            a.id.cmp(&b.id).then_with(|| place(a).cmp(&place(b)))
        });
        for pair in entries.windows(2) {
            if pair[0].id == pair[1].id {
                let place = |entry: &Entry| {
                    let source = entry.model.source();
                    format!("{}:{} ({})", source.file, source.line, source.package)
                };
                return Err(Error::usage(format!(
                    "the model id {} is used twice: at {} and at {}",
                    pair[0].id,
                    place(&pair[0]),
                    place(&pair[1]),
                ))
                .help("rename one, or pin its id: #[model(name = \"package::other\")]"));
            }
        }
        let mut folders: Vec<(String, &Entry)> =
            entries.iter().map(|entry| (entry.id.to_lowercase(), entry)).collect();
        sort_by(&mut folders, |a, b| a.0.cmp(&b.0));
        if let Some([one, other]) = folders.array_windows().find(|[a, b]| a.0 == b.0) {
            return Err(Error::usage(format!(
                "the model ids {} and {} differ only in case: they would share a folder on a case-insensitive file system",
                one.1.id, other.1.id
            ))
            .help("rename one, or pin its id: #[model(name = \"package::other\")]"));
        }
        Ok(Self { entries })
    }

    /// Only the models with these names; all models if no name is given.
    ///
    /// # Errors
    ///
    /// A name matches no model or several; the program has no model.
    pub fn only(&self, names: &[String]) -> Result<Self> {
        if names.is_empty() && self.entries.is_empty() {
            return Err(self.unknown(""));
        }
        if names.is_empty() {
            return Ok(self.clone());
        }
        let mut entries = Vec::new();
        for name in names {
            entries.push(self.find(name)?.clone());
        }
        sort_by(&mut entries, |a, b| a.id.cmp(&b.id));
        entries.dedup_by(|a, b| a.id == b.id);
        Ok(Self { entries })
    }

    /// Every model, sorted by id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The model of exactly this id.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries
            .binary_search_by(|entry| entry.id.as_str().cmp(id))
            .ok()
            .map(|at| &self.entries[at])
    }

    /// The model whose id is `name`, or ends with it at a `::`. The empty name is that of the only
    /// model.
    ///
    /// # Errors
    ///
    /// No model, or several.
    pub fn find(&self, name: &str) -> Result<&Entry> {
        if let Some(entry) = self.get(name) {
            return Ok(entry);
        }
        if let ("", [only]) = (name, &self.entries[..]) {
            return Ok(only);
        }
        let found = ModelId::select(&self.entries, |entry| &entry.id, name);
        match found[..] {
            [one] => Ok(one),
            [] => Err(self.unknown(name)),
            _ => {
                let ids: Vec<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
                Err(Error::usage(format!(
                    "`{name}` matches more than one model: {}",
                    ids.join(", ")
                )))
            }
        }
    }

    fn unknown(&self, name: &str) -> Error {
        if self.entries.is_empty() {
            return Error::nothing("this program has no model").help(NO_MODEL);
        }
        let ids: Vec<&str> = self.entries.iter().map(|entry| entry.id.as_str()).collect();
        if name.is_empty() {
            return Error::usage(format!("name a model; this program has: {}", ids.join(", ")))
                .help(format!("name it behind the verb, as in: run {}", ids[0]));
        }
        let near = nearest(
            name,
            ids.iter().map(|id| ModelId::new(id).function()).chain(ids.iter().copied()),
        );
        let error = Error::usage(format!("no model is called `{name}`, known: {}", ids.join(", ")));
        match near.first() {
            Some(first) => error.help(format!("did you mean `{first}`?")),
            None => error,
        }
    }
}

/// Why a program may have no model.
pub const NO_MODEL: &str =
    "a library that nothing names is dropped by the linker: athena_rt::main!(my_lib) keeps it";
