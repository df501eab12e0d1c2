//! A file that is replaced stays what it was: its mode and owner are kept, and one that is read-only
//! is not replaced.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Checks that a file may be replaced: a rename needs no permission on the file itself.
///
/// # Errors
///
/// The file is a folder, is read-only, or can't be opened for writing.
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    // A superuser may write to any file.
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    OpenOptions::new().write(true).open(path).map(drop)
}

/// Gives a new file the mode and, where possible, the owner of the file that it replaces.
///
/// # Errors
///
/// The mode can't be set.
pub fn keep_attributes(old: &Metadata, new: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let now = new.metadata()?;
        if (now.uid(), now.gid()) != (old.uid(), old.gid()) {
            // Only a superuser may give a file away. It clears bits of the mode, so it comes first.
            let _ = fchown(new, Some(old.uid()), Some(old.gid()));
        }
    }
    new.set_permissions(old.permissions())
}

/// Whether a file has a second name. A replaced file loses it: the other name keeps the old content.
pub(super) fn is_hard_linked(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(metadata) > 1;
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}
