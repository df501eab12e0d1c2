//! A page per package in the target folder, for the commands that link to it.

use std::path::Path;

use super::html::page;
use crate::error::{Error, Result};
use crate::last_strength::{LastStrength, file};
use crate::mutants::judge::PackageStrength;
use crate::report::write_text;

/// Writes the pages and their figures.
///
/// # Errors
///
/// A file can't be written.
pub(crate) fn write_pages(
    packages: &[PackageStrength],
    root: &Path,
    artifacts: &Path,
) -> Result<Vec<LastStrength>> {
    let mut written = Vec::new();
    for PackageStrength { name, result } in packages {
        if result.mutants.is_empty() {
            continue;
        }
        let path = LastStrength::page(artifacts, name);
        write_text(&path, &page(result, root))?;
        written.push(LastStrength {
            package: name.clone(),
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
