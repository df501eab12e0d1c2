//! The journal of a write: what is written where, and whether it is certain to be finished. It is in
//! the folder that is locked, and is there only while a write is going on or after a crash.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::disk;
use super::parallel::for_each;

/// The name of the journal. It is not the name of a case.
const NAME: &str = ".athena-journal";

/// The name under which it is written.
const UNFINISHED: &str = ".athena-journal.tmp";

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    /// Whether all temporary files are complete. From then on the write is finished, before it is
    /// undone.
    pub(super) is_complete: bool,
    /// The folders that it creates, outer ones first.
    pub(super) folders: Vec<PathBuf>,
    pub(super) files: Vec<JournalFile>,
}

/// A file that is written or removed. Paths are relative to the folder of the journal, if they are in
/// there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JournalFile {
    pub(super) path: PathBuf,
    /// The file with the new content; none if the file is removed.
    pub(super) temporary: Option<PathBuf>,
    /// The hash of the content before; none if the file is new.
    pub(super) old: Option<u64>,
    /// The hash of the content after.
    pub(super) new: Option<u64>,
}

impl Journal {
    pub(super) fn new(folders: Vec<PathBuf>, files: Vec<JournalFile>) -> Self {
        Self { version: VERSION, is_complete: false, folders, files }
    }

    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// Reads the journal of a folder. `None` if there is none.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read(Self::path(folder)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A crash before its rename left no more than this.
                let _ = fs::remove_file(folder.join(UNFINISHED));
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let journal: Self = serde_json::from_slice(&text)?;
        if journal.version != VERSION {
            let version = journal.version;
            return Err(io::Error::other(format!("it has version {version}, not {VERSION}")));
        }
        Ok(Some(journal))
    }

    /// Writes the journal, and returns when it is on disk.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let unfinished = folder.join(UNFINISHED);
        disk::remove(&unfinished)?;
        let text = serde_json::to_vec(self)?;
        let written = disk::create(&unfinished, |file| file.write_all(&text))
            .and_then(|()| disk::rename(&unfinished, &Self::path(folder)));
        if written.is_err() {
            let _ = disk::remove(&unfinished);
        }
        written.and_then(|()| disk::sync_folder(folder))
    }

    /// Removes the temporary files, the folders that are empty, and the journal.
    pub(super) fn undo(&self, folder: &Path) -> io::Result<()> {
        for_each(&self.files, |file| match &file.temporary {
            Some(temporary) => disk::remove(&folder.join(temporary)),
            None => Ok(()),
        })?;
        for created in self.folders.iter().rev() {
            // It may be missing, or have other files by now.
            let _ = disk::remove_folder(&folder.join(created));
        }
        Self::close(folder)
    }

    /// The first file that is neither as it was nor as it is to be.
    pub(super) fn changed_since(&self, folder: &Path) -> io::Result<Option<&Path>> {
        for file in &self.files {
            let now = Content::of_file(&folder.join(&file.path))?.map(|content| content.hash);
            let waits = match &file.temporary {
                Some(temporary) => folder.join(temporary).try_exists()?,
                None => true,
            };
            if now != file.new && !(waits && now == file.old) {
                return Ok(Some(&file.path));
            }
        }
        Ok(None)
    }

    /// Gives every file its final name, and removes the journal.
    pub(super) fn finish(&self, folder: &Path) -> io::Result<()> {
        // Some file systems take milliseconds to free what a file had before.
        for_each(&self.files, |file| {
            let path = folder.join(&file.path);
            match &file.temporary {
                Some(temporary) => match disk::rename(&folder.join(temporary), &path) {
                    // It was renamed before a crash.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    done => done,
                },
                None => disk::remove(&path),
            }
        })?;
        let mut folders: Vec<PathBuf> = Vec::new();
        for file in &self.files {
            folders.extend(folder.join(&file.path).parent().map(Path::to_path_buf));
        }
        folders.sort_unstable();
        folders.dedup();
        for_each(&folders, |folder| disk::sync_folder(folder))?;
        Self::close(folder)
    }

    fn close(folder: &Path) -> io::Result<()> {
        disk::remove(&folder.join(UNFINISHED))?;
        disk::remove(&Self::path(folder))?;
        disk::sync_folder(folder)
    }
}
