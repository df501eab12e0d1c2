//! Why files are not read or written.

use std::fmt;
use std::io;
use std::path::Path;

/// Why the files of a command can't be used together, or can't be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// What happened, with the file.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nhelp: {}", self.message, self.help)
    }
}

impl std::error::Error for FileError {}

pub(super) fn failed(doing: &str, path: &Path, error: &io::Error) -> FileError {
    let message = format!("can't {doing} {}: {error}", path.display());
    FileError {
        message,
        help: "correct that and run the command again; nothing was changed".to_owned(),
    }
}

pub(super) fn changed_meanwhile(path: &Path) -> FileError {
    FileError {
        message: format!("{} was written by another process at the same time", path.display()),
        help: "run the command again to see its new contents; nothing was changed".to_owned(),
    }
}
