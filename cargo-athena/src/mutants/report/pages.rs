//! A page per package in the target folder, for the commands that link to it.

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{RewrittenCrate, StrengthSummary};

use super::html::page;
use crate::error::{Error, Result};
use crate::last_strength::{LastStrength, file};
use crate::mutants::result::StrengthResult;
use crate::report::write_text;

/// Writes the pages and their figures.
///
/// # Errors
///
/// A file can't be written.
pub(crate) fn write_pages(
    crates: &[RewrittenCrate],
    summaries: &[StrengthSummary],
    root: &Path,
    artifacts: &Path,
) -> Result<Vec<LastStrength>> {
    let mut packages: BTreeMap<&str, Vec<RewrittenCrate>> = BTreeMap::new();
    for one in crates {
        packages.entry(&one.package).or_default().push(one.clone());
    }
    let mut written = Vec::new();
    for (package, crates) in packages {
        let result = StrengthResult::new(&crates, summaries, |_, _, _| true);
        if result.mutants.is_empty() {
            continue;
        }
        let path = LastStrength::page(artifacts, package);
        write_text(&path, &page(&result, root))?;
        written.push(LastStrength {
            package: package.to_owned(),
            caught: result.caught(),
            mutants: result.mutants.len(),
            page: path,
        });
    }
    let text = serde_json::to_string(&written)
        .map_err(|error| Error::failure("the figures can't be written").cause(error))?;
    write_text(&file(artifacts), &text)?;
    Ok(written)
}
