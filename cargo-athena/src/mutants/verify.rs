//! `--verify N`: really builds mutants, one at a time, and replays the cases.

use std::fs;

use athena_protocol::{Exit, Mutant, Test, Verb};

use super::build::{MutantBuild, RewriteOptions};
use super::result::{ExaminedMutant, StrengthResult};
use super::settings::SingleMutant;
use crate::error::{Error, Result};
use crate::options::{BuildOptions, OutputOptions};
use crate::session::Session;

/// A mutant whose real build has another verdict.
#[derive(Debug)]
pub(crate) struct Disagreement {
    pub(crate) name: String,
    /// Whether the switched mutant is caught.
    pub(crate) caught_by_switch: bool,
    /// Whether the built one is.
    pub(crate) caught_by_build: bool,
}

/// The mutants of a report that are compared, evenly spread.
pub(crate) fn sample(result: &StrengthResult, count: usize) -> Vec<&ExaminedMutant> {
    let all = result.mutants.len();
    let count = count.min(all);
    (0..count).map(|index| &result.mutants[index * all / count]).collect()
}

/// Builds mutants one at a time and compares the verdicts.
///
/// # Errors
///
/// A file can't be written, or a runner can't be asked.
pub(crate) fn verify(
    head: &Session,
    build: &BuildOptions,
    output: &OutputOptions,
    mutants: &[&ExaminedMutant],
    limits: &Test,
    mut progress: impl FnMut(usize, &Mutant),
) -> Result<Vec<Disagreement>> {
    let folder = head.workspace.artifacts.join("strength/verify");
    let file = folder.join("mutant.json");
    let failed = || Error::failure(format!("{} can't be written", file.display()));
    fs::create_dir_all(&folder).map_err(|error| failed().cause(error))?;
    let quiet = OutputOptions { quiet: true, ..output.clone() };
    let rewrite = RewriteOptions { single: Some(file.clone()), ..RewriteOptions::default() };
    let mut found = Vec::new();
    for (index, examined) in mutants.iter().enumerate() {
        let mutant = &examined.mutant;
        progress(index, mutant);
        let single = SingleMutant {
            file: mutant.file.clone(),
            start: mutant.start,
            end: mutant.end,
            replacement: mutant.replacement.clone(),
        };
        let text = serde_json::to_vec(&single).map_err(|error| failed().cause(error))?;
        fs::write(&file, text).map_err(|error| failed().cause(error))?;
        let caught_by_build = is_caught(head, build, &quiet, &rewrite, limits)?;
        if caught_by_build != examined.is_caught() {
            found.push(Disagreement {
                name: mutant.name.clone(),
                caught_by_switch: examined.is_caught(),
                caught_by_build,
            });
        }
    }
    Ok(found)
}

/// Whether a case fails with the mutant that is built. A mutant that breaks the list of models is
/// caught as well.
fn is_caught(
    head: &Session,
    build: &BuildOptions,
    output: &OutputOptions,
    rewrite: &RewriteOptions,
    limits: &Test,
) -> Result<bool> {
    let mut mutant = match MutantBuild::new(head, build, output, rewrite) {
        Ok(mutant) => mutant,
        Err(error) if error.exit() == Exit::Build => {
            return Err(error.within("the build of a mutant that compiles with a switch"));
        }
        Err(_) => return Ok(true),
    };
    mutant.session.silence_output();
    for at in 0..mutant.catalog.runners.len() {
        let models = mutant.catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Test { models: Some(models), brief: true, fail_fast: true, ..limits.clone() };
        let reply = mutant.session.ask(&mutant.catalog.runners[at], Verb::Test(request));
        if reply.is_ok_and(|reply| matches!(Exit::of(reply.exit), Exit::Success | Exit::Nothing)) {
            continue;
        }
        return Ok(true);
    }
    Ok(false)
}
