//! Temporary folders.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::error::{Error, Result};

/// Makes a temporary folder in `folder`, which is created if missing. It is removed when dropped.
pub(crate) fn scratch_folder(folder: &Path, prefix: &str) -> Result<TempDir> {
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(folder))
        .map_err(|error| {
            Error::failure(format!("{} can't be written to", folder.display())).cause(error)
        })
}

/// Makes a temporary folder outside of the workspace. It is removed when dropped.
pub(crate) fn temporary_folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("athena-")
        .tempdir()
        .map_err(|error| Error::failure("a temporary folder can't be created").cause(error))
}
