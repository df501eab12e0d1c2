//! Changes parts of a file that memory need not hold: the new texts are on disk, and the rest is copied when
//! the file is written.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::blocks::{block_of, buffered, each_block};
use super::content::Content;
use super::error::{FileError, changed_meanwhile, failed};

/// A file with the new texts of other files.
///
/// ```
/// use athena_protocol::files::{Edits, Rewrite, Transaction};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (fixtures, suite) = (folder.path().join("fixtures"), folder.path().join("fixtures/a.jsonl"));
/// # std::fs::create_dir(&fixtures)?;
/// std::fs::write(&suite, "one\ntwo\nthree\n")?;
/// let mut edits = Edits::create(&folder.path().join("edits"))?;
/// let mut rewrite = Rewrite::open(&suite)?;
/// rewrite.replace(4, "two", "2", &mut edits)?;
/// let mut transaction = Transaction::begin(&fixtures)?;
/// transaction.rewrite(rewrite.finish(&mut edits)?);
/// transaction.commit()?;
/// assert_eq!(std::fs::read_to_string(&suite)?, "one\n2\nthree\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Edits {
    path: PathBuf,
    out: BufWriter<File>,
    length: u64,
}

/// A file that is read once, and gets new texts in some places.
#[derive(Debug)]
pub struct Rewrite {
    path: PathBuf,
    reader: BufReader<File>,
    /// The position in the file.
    at: u64,
    old: Content,
    new: Content,
    /// Where its first new text is among the edits.
    first: Option<u64>,
}

/// A file with new texts in some places, which is not written yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rewritten {
    pub(super) path: PathBuf,
    pub(super) old: Content,
    pub(super) new: Content,
    /// The file of the edits, and those of this file.
    edits: PathBuf,
    range: Range<u64>,
}

/// The numbers before each new text: the position and the length of the old one, and its own length.
const HEAD: usize = 3 * size_of::<u64>();

impl Edits {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// It can't be created.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let create = || {
            let out = BufWriter::with_capacity(block_of(u64::MAX), File::create(path)?);
            Ok(Self { path: std::path::absolute(path)?, out, length: 0 })
        };
        create().map_err(|error: io::Error| failed("create", path, &error))
    }

    fn push(&mut self, start: u64, old: &str, new: &str) -> io::Result<()> {
        for number in [start, old.len() as u64, new.len() as u64] {
            self.out.write_all(&number.to_le_bytes())?;
        }
        self.length += (HEAD + new.len()) as u64;
        self.out.write_all(new.as_bytes())
    }
}

impl Rewrite {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// It can't be opened.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let reader = buffered(path).map_err(|error| failed("read", path, &error))?;
        let (path, old) = (path.to_path_buf(), Content::EMPTY);
        Ok(Self { path, reader, at: 0, old, new: old, first: None })
    }

    /// Replaces the text at a position, which is behind those of the replacements before.
    ///
    /// # Errors
    ///
    /// The file has another text there, can't be read, or the new text can't be written.
    pub fn replace(
        &mut self,
        start: u64,
        old: &str,
        new: &str,
        edits: &mut Edits,
    ) -> Result<(), FileError> {
        let mut found = vec![0; old.len()];
        let is_there =
            self.keep_until(start).and_then(|()| match self.reader.read_exact(&mut found) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
                read => read.map(|()| self.at == start && found == old.as_bytes()),
            });
        if !is_there.map_err(|error| failed("read", &self.path, &error))? {
            return Err(changed_meanwhile(&self.path));
        }
        self.at += old.len() as u64;
        self.old.extend(old.as_bytes());
        self.new.extend(new.as_bytes());
        self.first.get_or_insert(edits.length);
        edits.push(start, old, new).map_err(|error| failed("write", &edits.path, &error))
    }

    /// Reads the rest of the file.
    ///
    /// # Errors
    ///
    /// It can't be read, or the edits can't be written.
    pub fn finish(mut self, edits: &mut Edits) -> Result<Rewritten, FileError> {
        self.keep_until(u64::MAX).map_err(|error| failed("read", &self.path, &error))?;
        edits.out.flush().map_err(|error| failed("write", &edits.path, &error))?;
        let Self { path, old, new, first, .. } = self;
        let range = first.unwrap_or(edits.length)..edits.length;
        Ok(Rewritten { path, old, new, edits: edits.path.clone(), range })
    }

    fn keep_until(&mut self, end: u64) -> io::Result<()> {
        let (old, new) = (&mut self.old, &mut self.new);
        self.at += each_block(&mut self.reader, end.saturating_sub(self.at), |block| {
            Content::extend_both(old, new, block);
            Ok(())
        })?;
        Ok(())
    }
}

impl Rewritten {
    /// Writes the new content, made from that of the file `old`, and returns what was written.
    pub(super) fn write(&self, old: &Path, out: &mut impl Write) -> io::Result<Content> {
        let (mut old, mut edits) = (buffered(old)?, File::open(&self.edits)?);
        edits.seek(SeekFrom::Start(self.range.start))?;
        let mut left = self.range.end - self.range.start;
        let mut edits = BufReader::with_capacity(block_of(left), edits);
        let (mut content, mut at, mut text) = (Content::EMPTY, 0, Vec::new());
        let mut out = BufWriter::with_capacity(old.capacity(), out);
        let mut put = |bytes: &[u8]| {
            content.extend(bytes);
            out.write_all(bytes)
        };
        while left > 0 {
            let [start, length, new] = numbers(&mut edits)?;
            text.resize(usize::try_from(new).map_err(io::Error::other)?, 0);
            edits.read_exact(&mut text)?;
            left = left.saturating_sub(HEAD as u64 + new);
            at += each_block(&mut old, start.saturating_sub(at), &mut put)?;
            at += each_block(&mut old, length, |_| Ok(()))?;
            put(&text)?;
        }
        each_block(&mut old, u64::MAX, &mut put)?;
        out.flush()?;
        Ok(content)
    }
}

fn numbers(reader: &mut impl io::Read) -> io::Result<[u64; 3]> {
    let mut numbers = [0; 3];
    for number in &mut numbers {
        let mut bytes = [0; size_of::<u64>()];
        reader.read_exact(&mut bytes)?;
        *number = u64::from_le_bytes(bytes);
    }
    Ok(numbers)
}
