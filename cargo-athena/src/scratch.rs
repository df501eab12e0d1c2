//! Folders for what is not kept.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::error::{Error, Result};

/// A folder in this one, which is made where it is missing; it goes when it is dropped.
pub(crate) fn scratch(folder: &Path, prefix: &str) -> Result<TempDir> {
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(folder))
        .map_err(|error| {
            Error::failure(format!("{} can't be written to", folder.display())).cause(error)
        })
}
