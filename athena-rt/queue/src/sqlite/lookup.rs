//! A file that does not exist, or has no queues.

use std::path::Path;

use crate::address::Address;
use crate::broker::Lookup;
use athena_core::error::{Error, Result};
use athena_protocol::text::nearest;

/// The maximum number of files whose names are compared.
const MAX_FILES: usize = 10_000;

/// The answer for a file that does not exist, or has no tables.
///
/// # Errors
///
/// It does not exist. The error names the nearest files of its folder.
pub(super) fn missing_file(address: &Address) -> Result<Lookup> {
    let file = address.path();
    let path = Path::new(&file);
    if path.exists() {
        return Ok(Lookup::Missing { queues: Vec::new() });
    }
    let error = Error::usage(format!("{}: the file {file} does not exist", address.redacted()));
    let near = near_files(path);
    let error = if near.is_empty() {
        error
    } else {
        error.help(format!("did you mean {}?", near.join(" or ")))
    };
    Err(error.help("`submit` and `work` make a file; what only reads it does not"))
}

/// The files whose names are near that of a missing one, without the two that `SQLite` has beside each.
fn near_files(path: &Path) -> Vec<String> {
    let (Some(name), Some(folder)) =
        (path.file_name().and_then(|name| name.to_str()), path.parent())
    else {
        return Vec::new();
    };
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = here.read_dir() else { return Vec::new() };
    let is_beside =
        |name: &String| ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end));
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !is_beside(name))
        .take(MAX_FILES)
        .collect();
    let near = nearest(name, names.iter().map(String::as_str));
    near.into_iter().map(|name| folder.join(name).display().to_string()).collect()
}
