//! A page per package in the target folder, for the commands that link to it.

use std::path::Path;

use super::html::page;
use crate::error::{Error, Result};
use crate::last_strength::{ExaminedFiles, LastStrength, PackageFigures, file};
use crate::mutants::judge::PackageStrength;
use crate::report::write_text;

/// Writes the pages and their figures, which are of the examined files.
///
/// # Errors
///
/// A file can't be written.
pub(crate) fn write_pages(
    packages: &[PackageStrength],
    root: &Path,
    artifacts: &Path,
    examined: ExaminedFiles,
) -> Result<Vec<PackageFigures>> {
    let mut written = Vec::new();
    for PackageStrength { name, result } in packages {
        if result.mutants.is_empty() {
            continue;
        }
        let path = LastStrength::page(artifacts, name);
        write_text(&path, &page(result, root))?;
        written.push(PackageFigures {
            package: name.clone(),
            caught: result.caught(),
            mutants: result.mutants.len(),
            page: path,
        });
    }
    let last = LastStrength { examined, packages: written };
    let text = serde_json::to_string(&last)
        .map_err(|error| Error::failure("the figures can't be written").cause(error))?;
    write_text(&file(artifacts), &text)?;
    Ok(last.packages)
}
