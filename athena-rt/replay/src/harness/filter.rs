//! Selects cases by their names.

use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::text::nearest;
use athena_protocol::{CaseName, ModelId, Orphans, Test};

use athena_core::registry::{Entry, Registry};

/// The names that a run selects.
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
        let matches = |pattern: &String| CaseName::is_selected(name, pattern, self.test.exact);
        (self.test.filters.is_empty() || self.test.filters.iter().any(matches))
            && !self.test.skip.iter().any(matches)
            && !self.test.except.iter().any(|known| known == name)
    }
}

/// The names of cases and models nearest to filters that select nothing, best first.
pub(super) fn nearest_names(
    filters: &[String],
    names: impl Iterator<Item = String>,
) -> Vec<String> {
    // By the end of a name with as many parts as a filter has.
    let mut ends: BTreeMap<String, String> = BTreeMap::new();
    let counts: BTreeSet<usize> = filters.iter().map(|filter| filter.split("::").count()).collect();
    for name in names {
        let model = CaseName::parse(&name).map(|name| name.model().as_str().to_owned());
        for count in &counts {
            for full in [Some(&name), model.as_ref()].into_iter().flatten() {
                let start = full.rmatch_indices("::").nth(count - 1).map_or(0, |(at, _)| at + 2);
                let end = &full[start..];
                let case = end.rsplit_once('/').map(|(_, case)| case);
                for end in [Some(end), case].into_iter().flatten() {
                    ends.entry(end.to_owned()).or_insert_with(|| full.clone());
                }
            }
        }
    }
    let ends: Vec<(&str, &String)> = ends.iter().map(|(end, full)| (end.as_str(), full)).collect();
    let mut found: Vec<String> = Vec::new();
    for filter in filters {
        for end in nearest(filter, ends.iter().map(|(end, _)| *end)) {
            let full = ends.iter().find(|(its, _)| *its == end).map(|(_, full)| (*full).clone());
            found.extend(full.filter(|full| !found.contains(full)));
        }
    }
    found
}

/// The model of the only requested case, if its exact name was requested.
pub(super) fn only<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    if !test.exact || !test.skip.is_empty() || !test.except.is_empty() {
        return None;
    }
    registry.get(CaseName::parse(name)?.model().as_str())
}

/// The only requested model, if its exact id was requested.
pub(super) fn asked_model<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    registry.get(name).filter(|_| test.exact)
}

/// The packages of the requested ids; `None` for all.
pub(super) fn roots<'a>(
    entries: &[&'a Entry],
    orphans: Option<&'a Orphans>,
) -> Option<Vec<&'a str>> {
    let mut roots: Vec<&str> =
        entries.iter().map(|entry| ModelId::new(&entry.id).package()).collect();
    if let Some(orphans) = orphans {
        roots.extend(orphans.packages.as_ref()?.iter().map(String::as_str));
    }
    roots.sort_unstable();
    roots.dedup();
    Some(roots)
}

pub(super) fn in_scope(id: &str, orphans: &Orphans) -> bool {
    let package = ModelId::new(id).package();
    orphans.packages.as_ref().is_none_or(|packages| packages.iter().any(|known| known == package))
}
