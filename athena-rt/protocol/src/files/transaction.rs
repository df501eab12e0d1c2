//! Writes of several files that are complete or not begun, whenever the program ends.
//!
//! The new contents are first written to temporary files beside the files that they replace. When all
//! are on disk, the journal says so; from then on the write will be finished, by this program or by
//! the next that opens the folder. Until then it will be undone.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::change::{FileChange, NewContent};
use super::content::Content;
use super::disk;
use super::error::{FileError, changed_meanwhile, failed};
use super::identity::resolve;
use super::journal::{Journal, JournalFile};
use super::parallel::for_each;
use super::recovery::{Recovery, lock, settle};
use super::replacement::{check_replaceable, is_hard_linked, keep_attributes};
use super::rewrite::Rewritten;
use super::stored::{KnownContent, StoredContent};

/// Files of one folder that are written together. The folder is locked until it is dropped.
#[derive(Debug)]
pub struct Transaction {
    folder: PathBuf,
    changes: Vec<FileChange>,
    recovery: Option<Recovery>,
    _lock: Option<File>,
}

impl Transaction {
    /// Creates and locks a folder, and deals with an interrupted write in it. Waits for other programs
    /// that write there.
    ///
    /// # Errors
    ///
    /// The folder can't be created, or an interrupted write can't be finished.
    pub fn begin(folder: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(folder).map_err(|error| failed("create", folder, &error))?;
        let lock = lock(folder);
        let recovery = settle(folder)?;
        let folder = folder.to_path_buf();
        Ok(Self { folder, changes: Vec::new(), recovery, _lock: lock })
    }

    /// What became of an interrupted write.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// Adds a file. `old` is what it must still contain; `None` for a file that must not exist. A
    /// content that does not change is left out.
    pub fn write(&mut self, path: &Path, old: Option<&str>, new: &str) {
        if old != Some(new) {
            self.add(path, old, Some(new), None);
        }
    }

    /// Adds a file that gets new texts in some places, and must still be what it was when they were found.
    /// The file of the [`Edits`](super::Edits) is needed until the changes are made.
    pub fn rewrite(&mut self, file: Rewritten) {
        let (path, old) = (file.path.clone(), Some(file.old));
        self.changes.push(FileChange {
            path,
            old,
            new: Some(NewContent::Rewritten(file)),
            like: None,
        });
    }

    /// Adds a file with a content that memory does not hold. `old` is what it must still contain.
    pub fn write_stored(&mut self, path: &Path, old: KnownContent, new: StoredContent) {
        let KnownContent(old) = old;
        if old != Some(new.content) {
            let (path, new) = (path.to_path_buf(), Some(NewContent::Stored(new)));
            self.changes.push(FileChange { path, old, new, like: None });
        }
    }

    /// Adds a new file that has the content and the mode of another.
    pub fn write_like(&mut self, path: &Path, new: &str, like: &Path) {
        self.add(path, None, Some(new), Some(like));
    }

    /// Adds a file that is removed.
    pub fn remove(&mut self, path: &Path, old: &str) {
        self.add(path, Some(old), None, None);
    }

    fn add(&mut self, path: &Path, old: Option<&str>, new: Option<&str>, like: Option<&Path>) {
        self.changes.push(FileChange {
            path: path.to_path_buf(),
            old: old.map(|text| Content::of(text.as_bytes())),
            new: new.map(|text| NewContent::Text(text.to_owned())),
            like: like.map(Path::to_path_buf),
        });
    }

    /// Writes the changes to a file, from which another program makes them.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn save(mut self, path: &Path) -> Result<(), FileError> {
        for change in &mut self.changes {
            // The other program may have another working directory.
            let absolute = std::path::absolute(&change.path);
            change.path = absolute.map_err(|error| failed("write", &change.path, &error))?;
        }
        serde_json::to_vec(&self.changes)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(path, text))
            .map_err(|error| failed("write", path, &error))
    }

    /// Adds the changes that another program has saved. Without a file there are none: a program of an
    /// older version has made them itself. Returns false, and adds none, if one of the files is changed
    /// already, to something else.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn load(&mut self, path: &Path) -> Result<bool, FileError> {
        let changes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.and_then(|text| serde_json::from_slice(&text).map_err(io::Error::from)),
        };
        let changes: Vec<FileChange> = changes.map_err(|error| failed("read", path, &error))?;
        let known: BTreeMap<&Path, Option<Content>> =
            self.changes.iter().map(|change| (&*change.path, change.content())).collect();
        let collides = |change: &FileChange| {
            known.get(&*change.path).is_some_and(|new| *new != change.content())
        };
        if changes.iter().any(collides) {
            return Ok(false);
        }
        self.changes.extend(changes);
        Ok(true)
    }

    /// Writes all files. Returns what the user should know: files that had a second name.
    ///
    /// # Errors
    ///
    /// A file is not what it was, is read-only, or can't be written. Nothing is changed then.
    pub fn commit(self) -> Result<Vec<String>, FileError> {
        let prepared = self.prepare()?;
        if prepared.changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut journal = prepared.journal;
        let (folder, path) = (&self.folder, Journal::path(&self.folder));
        let begun = journal.write(folder).map_err(|error| failed("write", &path, &error));
        let staged = begun.and_then(|()| self.stage(&journal, &prepared.changes)).and_then(|()| {
            journal.is_complete = true;
            journal.write(folder).map_err(|error| failed("write", &path, &error))
        });
        if let Err(error) = staged {
            let _ = journal.undo(folder);
            return Err(error);
        }
        journal.finish(folder).map_err(|error| FileError {
            message: format!("can't finish the write in {}: {error}", folder.display()),
            help: "the next command that reads the cases finishes it".to_owned(),
        })?;
        Ok(prepared.notes)
    }

    /// Checks every file, and plans the write.
    fn prepare(&self) -> Result<Prepared, FileError> {
        let (mut targets, mut folders) = (BTreeMap::new(), Vec::new());
        let mut prepared = Prepared::default();
        let base = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let relative = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_path_buf();
        let mut files = Vec::new();
        for (at, change) in self.changes.iter().enumerate() {
            // A link that is replaced stays; one that is removed goes, and its target stays.
            let target = match change.new {
                Some(_) => resolve(&change.path),
                None => change
                    .path
                    .parent()
                    .map(resolve)
                    .unwrap_or_default()
                    .join(change.path.file_name().unwrap_or_default()),
            };
            let failed = |error: &io::Error| failed("write", &change.path, error);
            check_replaceable(&target).map_err(|error| failed(&error))?;
            let now = Content::of_file(&target).map_err(|error| failed(&error))?;
            let new = change.content();
            if now == new {
                // Another program wrote the same at the same time.
                continue;
            }
            if now != change.old {
                return Err(changed_meanwhile(&change.path));
            }
            match targets.insert(target.clone(), new) {
                None => {}
                // Two links lead to one file.
                Some(known) if known == new => continue,
                Some(_) => {
                    return Err(FileError {
                        message: format!("{} would be written twice", change.path.display()),
                        help: "remove one of the links that lead to the file; nothing was changed"
                            .to_owned(),
                    });
                }
            }
            let old = fs::metadata(change.like.as_deref().unwrap_or(&target)).ok();
            if change.new.is_some()
                && change.like.is_none()
                && old.as_ref().is_some_and(is_hard_linked)
            {
                prepared.notes.push(format!(
                    "{} had a second name (a hard link), which keeps the old content",
                    change.path.display()
                ));
            }
            prepared.changes.push((at, old));
            let parent = target.parent().unwrap_or(Path::new("."));
            let missing = parent.ancestors().take_while(|folder| !folder.exists());
            let missing: Vec<&Path> = missing.collect();
            for folder in missing.into_iter().rev() {
                if !folders.contains(&relative(folder)) {
                    folders.push(relative(folder));
                }
            }
            let temporary = format!(".athena-{}-{at}.tmp", std::process::id());
            files.push(JournalFile {
                temporary: change.new.is_some().then(|| relative(&parent.join(temporary))),
                path: relative(&target),
                old: change.old.map(|content| content.hash),
                new: new.map(|content| content.hash),
            });
        }
        prepared.journal.folders = folders;
        prepared.journal.files = files;
        Ok(prepared)
    }

    /// Writes the temporary files.
    fn stage(
        &self,
        journal: &Journal,
        changes: &[(usize, Option<Metadata>)],
    ) -> Result<(), FileError> {
        for created in &journal.folders {
            let path = self.folder.join(created);
            disk::create_folder(&path).map_err(|error| failed("create", &path, &error))?;
        }
        let files: Vec<_> = journal.files.iter().zip(changes).collect();
        for_each(&files, |(file, (at, old))| self.stage_file(file, *at, old.as_ref()))
    }

    /// Writes the temporary file of a change, with the attributes of `old`.
    fn stage_file(
        &self,
        file: &JournalFile,
        at: usize,
        old: Option<&Metadata>,
    ) -> Result<(), FileError> {
        let change = &self.changes[at];
        let (Some(temporary), Some(new)) = (&file.temporary, &change.new) else { return Ok(()) };
        let temporary = self.folder.join(temporary);
        let put = |out: &mut File| {
            let written = match new {
                NewContent::Text(text) => out.write_all(text.as_bytes()).map(|()| None)?,
                NewContent::Rewritten(rewritten) => {
                    Some(rewritten.write(&self.folder.join(&file.path), out)?)
                }
                NewContent::Stored(stored) => stored.copy_to(out).map(|()| None)?,
            };
            old.map_or(Ok(()), |old| keep_attributes(old, out))?;
            Ok(written)
        };
        let written = disk::remove(&temporary)
            .and_then(|()| disk::create(&temporary, put))
            .map_err(|error| failed("write", &change.path, &error))?;
        // The old content is read once more while it is written.
        if written.is_some_and(|written| Some(written) != change.content()) {
            return Err(changed_meanwhile(&change.path));
        }
        Ok(())
    }
}

/// A write that was checked.
#[derive(Debug)]
struct Prepared {
    journal: Journal,
    /// The positions of the changes that are still to be made, each with the attributes to keep.
    changes: Vec<(usize, Option<Metadata>)>,
    notes: Vec<String>,
}

impl Default for Prepared {
    fn default() -> Self {
        let journal = Journal::new(Vec::new(), Vec::new());
        Self { journal, changes: Vec::new(), notes: Vec::new() }
    }
}
