//! Which cases are asked for, by their names.

use athena_protocol::{Orphans, Test};

use athena_core::registry::{Entry, Registry};

/// Which names are wanted.
pub(super) struct Filter<'a> {
    test: &'a Test,
}

impl<'a> Filter<'a> {
    pub(super) fn new(test: &'a Test) -> Self {
        Self { test }
    }

    pub(super) fn is_all(&self) -> bool {
        self.test.filters.is_empty() && self.test.skip.is_empty() && self.test.except.is_empty()
    }

    pub(super) fn takes(&self, name: &str) -> bool {
        let matches = |pattern: &String| {
            if self.test.exact { is_named(name, pattern) } else { name.contains(pattern.as_str()) }
        };
        (self.test.filters.is_empty() || self.test.filters.iter().any(matches))
            && !self.test.skip.iter().any(matches)
            && !self.test.except.iter().any(|known| known == name)
    }
}

/// Whether this is the name of the case, or that of its model: a trial a model is all its cases.
fn is_named(name: &str, pattern: &str) -> bool {
    let Some(rest) = name.strip_prefix(pattern) else { return false };
    rest.is_empty() || rest.strip_prefix("::").is_some_and(|case| !case.contains("::"))
}

/// The model of the one exact name that is asked for.
pub(super) fn only<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    if !test.exact || !test.skip.is_empty() || !test.except.is_empty() {
        return None;
    }
    let (id, _) = name.rsplit_once("::")?;
    registry.get(id)
}

/// The model that is asked for by its whole name, alone.
pub(super) fn asked_model<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    registry.get(name).filter(|_| test.exact)
}

/// The first segments of the ids that matter; none where everything does.
pub(super) fn roots<'a>(
    entries: &[&'a Entry],
    orphans: Option<&'a Orphans>,
) -> Option<Vec<&'a str>> {
    let first = |id: &'a str| id.split("::").next().unwrap_or(id);
    let mut roots: Vec<&str> = entries.iter().map(|entry| first(&entry.id)).collect();
    if let Some(orphans) = orphans {
        roots.extend(orphans.packages.as_ref()?.iter().map(String::as_str));
    }
    roots.sort_unstable();
    roots.dedup();
    Some(roots)
}

pub(super) fn in_scope(id: &str, orphans: &Orphans) -> bool {
    let package = id.split("::").next().unwrap_or(id);
    orphans.packages.as_ref().is_none_or(|packages| packages.iter().any(|known| known == package))
}
