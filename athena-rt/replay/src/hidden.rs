//! What a model process does not find in its environment.

use athena_core::environment::{Variable, Variables};
use athena_core::registry::Registry;

/// What the loader and the shell need can't be taken away.
const KEPT: &[&str] = &["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "TMPDIR"];

fn declared(registry: &Registry) -> impl Iterator<Item = Variable> {
    let declared = registry.entries().iter().flat_map(|entry| entry.model.variables());
    declared.filter(|variable| !KEPT.contains(&variable.name))
}

/// The variables that models declare: none reaches them but as recorded.
pub fn hidden_variables(registry: &Registry) -> Vec<String> {
    declared(registry).map(|variable| variable.name.to_owned()).collect()
}

/// The secrets that are set in this process, with what a recorded model sees in their place.
pub(crate) fn secrets(registry: &Registry) -> Variables {
    let is_set = |variable: &Variable| std::env::var_os(variable.name).is_some();
    declared(registry)
        .filter(is_set)
        .filter_map(|variable| Some((variable.name.to_owned(), variable.placeholder()?.to_owned())))
        .collect()
}
