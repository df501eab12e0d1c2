//! Writes files completely or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use athena_core::error::{Error, Result};

/// The result of writing a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Created,
    Updated,
    Unchanged,
}

/// Reads a file; `None` if it does not exist.
pub fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) if matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff])) => {
            Err(Error::usage(format!("{}:1: the file is UTF-16, not UTF-8", path.display())).help(
                "PowerShell's > writes UTF-16: save the file as UTF-8 without a byte order mark",
            ))
        }
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count()
                + 1;
            Error::usage(format!("{}:{line}: the file is not valid UTF-8", path.display()))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

/// Writes a file by renaming a temporary one: the old content survives until the new one is on
/// disk. A new file is created exclusively; `old` is what the caller found there.
pub fn write(path: &Path, old: Option<&str>, new: &str) -> Result<Written> {
    if old == Some(new) {
        return Ok(Written::Unchanged);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed =
        |error: &io::Error| Error::io("write", path, error).help("nothing was changed there");
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut file = tempfile::Builder::new()
        .prefix(".athena-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .map_err(|error| failed(&error))?;
    file.write_all(new.as_bytes()).map_err(|error| failed(&error))?;
    readable(&file).map_err(|error| failed(&error))?;
    file.as_file().sync_all().map_err(|error| failed(&error))?;
    if old.is_some() {
        file.persist(path).map_err(|error| failed(&error.error))?;
        return Ok(Written::Updated);
    }
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Written::Created),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            match read(path)? {
                // Another process recorded the same at the same time.
                Some(there) if there == new => Ok(Written::Unchanged),
                _ => Err(Error::usage(format!(
                    "{} was written by another process at the same time",
                    path.display()
                ))
                .help("run the command again to see its new contents")),
            }
        }
        Err(error) => Err(failed(&error.error)),
    }
}

/// Temporary files are private; a case is readable like any file in a checkout.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// Locks a folder against other recording processes, until dropped.
pub fn lock(folder: &Path) -> Result<Option<fs::File>> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))?;
    // Some systems can't open folders: then concurrent writes are not detected.
    let Ok(handle) = fs::File::open(folder) else { return Ok(None) };
    match handle.lock() {
        Ok(()) => Ok(Some(handle)),
        Err(_) => Ok(None),
    }
}
