//! A new content that is written piece by piece to a file of its own: it may be larger than memory should be.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::blocks::block_of;
use super::content::Content;
use super::error::{FileError, failed};

/// Writes a content.
///
/// ```
/// use athena_protocol::files::{ContentWriter, KnownContent, Transaction};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (fixtures, suite) = (folder.path().join("fixtures"), folder.path().join("fixtures/a.jsonl"));
/// let mut transaction = Transaction::begin(&fixtures)?;
/// let old = KnownContent::of(&suite)?;
/// let mut new = ContentWriter::create(&folder.path().join("new"))?;
/// new.write("one\n")?;
/// new.write("two\n")?;
/// transaction.write_stored(&suite, old, new.finish()?);
/// transaction.commit()?;
/// assert_eq!(std::fs::read_to_string(&suite)?, "one\ntwo\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ContentWriter {
    path: PathBuf,
    out: BufWriter<File>,
    content: Content,
}

/// A content in a file, which is needed until the changes are made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredContent {
    path: PathBuf,
    pub(super) content: Content,
}

/// What a file contained when it was read, or that it did not exist.
#[derive(Clone, Copy, Debug)]
pub struct KnownContent(pub(super) Option<Content>);

impl ContentWriter {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// It can't be created.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let create = || {
            let out = BufWriter::with_capacity(block_of(u64::MAX), File::create(path)?);
            Ok(Self { path: std::path::absolute(path)?, out, content: Content::EMPTY })
        };
        create().map_err(|error: io::Error| failed("create", path, &error))
    }

    /// Adds what follows.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn write(&mut self, text: &str) -> Result<(), FileError> {
        self.content.extend(text.as_bytes());
        self.out.write_all(text.as_bytes()).map_err(|error| failed("write", &self.path, &error))
    }

    /// Ends the content.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn finish(mut self) -> Result<StoredContent, FileError> {
        self.out.flush().map_err(|error| failed("write", &self.path, &error))?;
        Ok(StoredContent { path: self.path, content: self.content })
    }
}

impl StoredContent {
    /// The file that it is in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it to another file.
    pub(super) fn copy_to(&self, out: &mut File) -> io::Result<()> {
        let copied = io::copy(&mut File::open(&self.path)?, out)?;
        if self.content.is_of_length(copied) {
            return Ok(());
        }
        Err(io::Error::other(format!("{} was changed", self.path.display())))
    }
}

impl KnownContent {
    /// What a file contains now.
    ///
    /// # Errors
    ///
    /// It exists, but can't be read.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        Content::of_file(path).map(Self).map_err(|error| failed("read", path, &error))
    }

    /// Whether the file exists.
    pub fn exists(self) -> bool {
        self.0.is_some()
    }
}
