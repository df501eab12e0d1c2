//! Writes files to a temporary file first, then renames it.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use athena_protocol::files::{check_replaceable, keep_attributes, resolve};
use tempfile::NamedTempFile;

use crate::error::{Cause, Error, Result};

/// An open file and its name for error messages.
pub(super) struct OutputFile<'a> {
    writer: &'a mut dyn Write,
    path: &'a Path,
}

impl<'a> OutputFile<'a> {
    pub(super) fn new(writer: &'a mut dyn Write, path: &'a Path) -> Self {
        Self { writer, path }
    }

    pub(super) fn put(&mut self, text: &str) -> Result<()> {
        self.writer.write_all(text.as_bytes()).map_err(|error| Error::unwritable(self.path, error))
    }

    /// Passes the file to another writer.
    pub(super) fn with<E: Into<Cause>>(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> std::result::Result<(), E>,
    ) -> Result<()> {
        write(self.writer).map_err(|error| Error::unwritable(self.path, error))
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        self.with(|writer| -> io::Result<()> { writer.flush() })
    }
}

/// Writes a text to a file, like [`replace`], and makes its folder.
///
/// # Errors
///
/// The file can't be written.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<()> {
    let folder = parent(path);
    fs::create_dir_all(folder).map_err(|error| Error::unwritable(path, error))?;
    replace(path, |out| out.put(text))
}

/// Writes a file atomically. A device or a pipe is written to directly.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut OutputFile<'_>) -> Result<()>,
) -> Result<()> {
    if fs::metadata(path).is_ok_and(|known| !known.is_file()) {
        let file = OpenOptions::new().write(true).open(path);
        let mut file = BufWriter::new(file.map_err(|error| Error::unwritable(path, error))?);
        let mut out = OutputFile::new(&mut file, path);
        write(&mut out)?;
        return out.flush();
    }
    let path = &resolve(path);
    let temporary = temporary_file(parent(path)).map_err(|error| Error::unwritable(path, error))?;
    let mut file = BufWriter::with_capacity(256 << 10, temporary.as_file());
    let mut out = OutputFile::new(&mut file, path);
    write(&mut out)?;
    out.flush()?;
    drop(file);
    persist(temporary, path).map_err(|error| Error::unwritable(path, error))
}

/// Gives a temporary file its final name. A symbolic link stays, and its target is replaced; the mode
/// of a file that is replaced is kept, and a read-only file is not replaced.
pub(super) fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    let path = resolve(path);
    check_replaceable(&path)?;
    if let Ok(old) = fs::metadata(&path) {
        keep_attributes(&old, temporary.as_file())?;
    }
    temporary.persist(&path).map(drop).map_err(|error| error.error)
}

/// The same for a large file that may be lost if the machine stops: to rename a file over another one has ext4 write it
/// to the disk at once, which takes as long as a replay, and an exchange of their names does not.
pub(super) fn persist_unsynced(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let path = resolve(path);
        check_replaceable(&path)?;
        if let Ok(old) = fs::metadata(&path) {
            keep_attributes(&old, temporary.as_file())?;
            // What has the temporary name now, is removed.
            if renameat_with(CWD, temporary.path(), CWD, &path, RenameFlags::EXCHANGE).is_ok() {
                return Ok(());
            }
        }
    }
    persist(temporary, path)
}

/// The folder of a file.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A temporary file in the folder, to be renamed.
pub(super) fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-").suffix(".tmp");
    // Like any new file: other users, of a CI machine for instance, may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
