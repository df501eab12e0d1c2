//! What becomes of a write that a crash has interrupted: it is finished or undone.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::journal::Journal;

/// What became of a write that a crash had interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It had not begun to change files.
    Undone {
        /// The number of files it was to change.
        files: usize,
    },
    /// The rest of it was done.
    Finished {
        /// The number of files it has changed.
        files: usize,
    },
    /// A file was changed since, so that the rest of it was dropped.
    Dropped {
        /// The number of files it was to change.
        files: usize,
        /// The file that was changed since.
        changed: PathBuf,
    },
}

impl Recovery {
    /// What happened, in a sentence.
    pub fn text(&self, folder: &Path) -> String {
        let folder = folder.display();
        let files = |count: &usize| crate::text::plural(*count, "file");
        match self {
            Self::Undone { files: count } => {
                format!("an interrupted write of {} in {folder} was undone", files(count))
            }
            Self::Finished { files: count } => {
                format!("an interrupted write of {} in {folder} was finished", files(count))
            }
            Self::Dropped { files: count, changed } => format!(
                "an interrupted write of {} in {folder} was dropped: {} was changed since",
                files(count),
                changed.display()
            ),
        }
    }
}

/// Deals with a write in this folder that a crash has interrupted. Costs one look if there is none.
///
/// # Errors
///
/// It can't be finished.
pub fn recover(folder: &Path) -> Result<Option<Recovery>, FileError> {
    if !Journal::path(folder).exists() {
        return Ok(None);
    }
    // A program that is writing holds the lock; then the journal is gone afterwards.
    let _lock = lock(folder);
    settle(folder)
}

pub(super) fn settle(folder: &Path) -> Result<Option<Recovery>, FileError> {
    let path = Journal::path(folder);
    let failed = |error: &io::Error| FileError {
        message: format!("{}: an interrupted write can't be finished: {error}", path.display()),
        help: "make the folder writable and run the command again, or remove the file".to_owned(),
    };
    let Some(journal) = Journal::read(folder).map_err(|error| failed(&error))? else {
        return Ok(None);
    };
    let files = journal.files.len();
    if !journal.is_complete {
        journal.undo(folder).map_err(|error| failed(&error))?;
        return Ok(Some(Recovery::Undone { files }));
    }
    if let Some(changed) = journal.changed_since(folder).map_err(|error| failed(&error))? {
        let changed = changed.to_path_buf();
        journal.undo(folder).map_err(|error| failed(&error))?;
        return Ok(Some(Recovery::Dropped { files, changed }));
    }
    journal.finish(folder).map_err(|error| failed(&error))?;
    Ok(Some(Recovery::Finished { files }))
}

/// Locks a folder until the handle is dropped. Some systems can't open or lock folders: there, writes
/// of two programs at once are found out by the content of each file.
pub(super) fn lock(folder: &Path) -> Option<File> {
    let handle = File::open(folder).ok()?;
    handle.lock().ok()?;
    Some(handle)
}
