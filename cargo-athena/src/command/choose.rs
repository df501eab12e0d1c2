//! Chooses the runner for a request about several models.

use crate::catalog::Catalog;
use crate::error::{Error, Result};

/// The one runner that has all these models, and their ids. Without names it must have all models.
/// `what` is the purpose in an error: "a service".
pub(super) fn one_runner(
    catalog: &Catalog,
    names: &[String],
    what: &str,
) -> Result<(usize, Vec<String>)> {
    let mut wanted = Vec::new();
    for name in names {
        wanted.push(catalog.find(name)?);
    }
    if names.is_empty() {
        wanted.extend(&catalog.models);
    }
    let runner = wanted.first().map_or(0, |model| model.runner);
    if let Some(other) = wanted.iter().find(|model| model.runner != runner) {
        let place = |runner: usize| catalog.runners[runner].target.describe();
        return Err(Error::usage(format!(
            "{what} needs a single runner, and these models are in several"
        ))
        .cause(format!("{} is in {}", wanted[0].info.id, place(runner)))
        .cause(format!("{} is in {}", other.info.id, place(other.runner)))
        .help("name models of one runner, or select a runner: --bin NAME"));
    }
    Ok((runner, wanted.iter().map(|model| model.info.id.clone()).collect()))
}
