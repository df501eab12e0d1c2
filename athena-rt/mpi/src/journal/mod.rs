//! The journal of a job: an append-only file of the batches that were created, and of the outcomes of
//! those that are done. A record has a length, a checksum, a kind and a payload. An incomplete record
//! ends the journal, as if it had never been written.

mod record;
mod sync_thread;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Write as _};
use std::num::NonZeroU64;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise};

use self::record::{BATCH, DONE, HEAD, HEADER, parse_record, read_record, write_record};
pub(super) use self::record::{JournalSpan, Record};
use self::sync_thread::SyncThread;
use super::chunker::BatchSpan;
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;

/// The first bytes of the file.
const MAGIC: &[u8; 16] = b"athena journal 1";

/// The time that an earlier job has to end after it was killed.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) const RESUME_HELP: &str = "finished batches are kept: fix the problem, then run the same command with --resume to continue";

/// A journal that is open for writing.
pub(super) struct Journal {
    file: Arc<File>,
    path: PathBuf,
    length: u64,
    sync_thread: SyncThread,
    /// A reused buffer for a record.
    record: Vec<u8>,
}

impl Journal {
    /// Creates a journal.
    ///
    /// # Errors
    ///
    /// The file exists or can't be written.
    pub(super) fn create(path: &Path, header: &[u8]) -> Result<Self> {
        let failed = |error: &io::Error| Error::io("write", path, error);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = file.map_err(|error| failed(&error))?;
        lock(&file, path)?;
        let mut bytes = MAGIC.to_vec();
        write_record(&mut bytes, HEADER, &[header]);
        (&file).write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
        sync_folder(path);
        Self::with_file(file, path, bytes.len() as u64)
    }

    /// Opens the journal of a job that ended early, calls `each` for every record, and cuts off an
    /// incomplete end. Returns `None` if the job has ended meanwhile, or was killed before it started.
    ///
    /// # Errors
    ///
    /// The file is not a journal, another job uses it, or `each` fails.
    pub(super) fn resume(
        path: &Path,
        mut each: impl FnMut(&Self, Record<'_>) -> Result<()>,
    ) -> Result<Option<Self>> {
        let failed = |error: &io::Error| Error::io("read", path, error);
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| Error::io("write", path, &error))?;
        lock(&file, path)?;
        let metadata = file.metadata().map_err(|error| failed(&error))?;
        if std::fs::metadata(path).map_or(true, |there| there.ino() != metadata.ino()) {
            return Ok(None);
        }
        let size = metadata.len();
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let mut magic = Vec::new();
        let looked = reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic);
        looked.map_err(|error| failed(&error))?;
        if !MAGIC.starts_with(&magic) {
            return Err(not_a_journal_error(path));
        }
        let clone = file.try_clone().map_err(|error| failed(&error))?;
        let mut journal = Self::with_file(clone, path, MAGIC.len() as u64)?;
        let mut payload = Vec::new();
        let start = journal.length;
        while let Some(kind) =
            read_record(&mut reader, &mut payload, size.saturating_sub(journal.length))
        {
            let start = journal.length + (HEAD + 1) as u64;
            journal.length = start + payload.len() as u64;
            let record = parse_record(kind, &payload, start);
            let record = record.ok_or_else(|| {
                Error::usage(format!(
                    "{} has a record that this version can't read",
                    path.display()
                ))
            })?;
            each(&journal, record)?;
        }
        drop(reader);
        if journal.length == start {
            journal.remove()?;
            return Ok(None);
        }
        file.set_len(journal.length).map_err(|error| failed(&error))?;
        journal.sync_thread.request(journal.length);
        Ok(Some(journal))
    }

    fn with_file(file: File, path: &Path, length: u64) -> Result<Self> {
        let file = Arc::new(file);
        let sync_thread = SyncThread::start(Arc::clone(&file), length)?;
        Ok(Self { file, path: path.to_owned(), length, sync_thread, record: Vec::new() })
    }

    /// Records a batch that is about to be sent to a worker. The record survives a crash of the process
    /// but not a power failure; the batch is then created again.
    pub(super) fn record_batch(&mut self, batch: &BatchSpan) -> Result<()> {
        let numbers = [batch.number, batch.offset, batch.length, batch.first];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.append(BATCH, &[&bytes]).map(|_| ())
    }

    /// Records the outcomes of a batch. The batch is done once the journal is
    /// [durable](Self::durable_length) up to the end of the record.
    pub(super) fn record_done(&mut self, number: u64, outcomes: &[u8]) -> Result<JournalSpan> {
        let end = self.append(DONE, &[&number.to_le_bytes(), outcomes])?;
        self.sync_thread.request(end);
        Ok(JournalSpan { offset: end - outcomes.len() as u64, length: outcomes.len() as u64 })
    }

    /// The length of the journal that is on disk.
    pub(super) fn durable_length(&self) -> Result<u64> {
        self.sync_thread.durable_length().map_err(|error| self.write_error(&error))
    }

    /// Reads the outcomes of a batch.
    pub(super) fn read(&self, span: JournalSpan, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize(usize::try_from(span.length).unwrap_or(usize::MAX), 0);
        self.file
            .read_exact_at(bytes, span.offset)
            .map_err(|error| Error::io("read", &self.path, &error))?;
        // Only a later attempt reads it again. To find new memory takes the system longer than the copy into it.
        let _ = fadvise(&self.file, span.offset, NonZeroU64::new(span.length), Advice::DontNeed);
        Ok(())
    }

    /// Removes the file, since the job is done.
    pub(super) fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).map_err(|error| Error::io("remove", &self.path, &error))
    }

    fn append(&mut self, kind: u8, parts: &[&[u8]]) -> Result<u64> {
        self.record.clear();
        write_record(&mut self.record, kind, parts);
        // If the disk is full, a part of the record may be written. It is cut off later.
        self.file
            .write_all_at(&self.record, self.length)
            .map_err(|error| self.write_error(&error.to_string()))?;
        self.length += self.record.len() as u64;
        Ok(self.length)
    }

    fn write_error(&self, error: &str) -> Error {
        Error::failure(format!("can't write {}: {error}", self.path.display())).help(RESUME_HELP)
    }
}

/// The error of a new job whose journal exists. It suggests to remove the file only if the file is a
/// journal.
pub(super) fn exists_error(path: &Path) -> Error {
    let mut magic = Vec::new();
    let read_magic = |file: File| file.take(MAGIC.len() as u64).read_to_end(&mut magic);
    match File::open(path).and_then(read_magic) {
        Err(error) => Error::io("read", path, &error),
        Ok(_) if !MAGIC.starts_with(&magic) => not_a_journal_error(path),
        Ok(_) => Error::usage(format!("{} is the journal of an unfinished job", path.display()))
            .help("use --resume to continue the job, or remove the file to start again"),
    }
}

fn not_a_journal_error(path: &Path) -> Error {
    Error::usage(format!("{} exists and is not the journal of a job", path.display()))
        .help("use another file with --journal")
}

/// Locks the journal, which two jobs must not write at once. A killed job may take a moment to end.
fn lock(file: &File, path: &Path) -> Result<()> {
    let began = Instant::now();
    let mut has_reported = false;
    loop {
        match file.try_lock() {
            // Not every file system supports locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_TIMEOUT => {
                if !has_reported && began.elapsed() > Duration::from_secs(1) {
                    print_stderr(&format!(
                        "another job uses {}: waiting for it to end",
                        path.display()
                    ));
                    has_reported = true;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::usage(format!("another job uses {}", path.display())));
            }
        }
    }
}

/// Syncs the folder of a new or renamed file, which is not durable before.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        // Not every file system supports it.
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    fn batch(number: u64) -> BatchSpan {
        BatchSpan { number, offset: number * 100, length: 100, first: number * 5 + 1 }
    }

    fn all(path: &Path) -> Result<(Journal, Vec<String>)> {
        let mut found = Vec::new();
        let journal = Journal::resume(path, |journal, record| {
            found.push(match record {
                Record::Header(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Record::Batch(batch) => format!("{batch:?}"),
                Record::Done(number, span) => {
                    let mut bytes = Vec::new();
                    journal.read(span, &mut bytes)?;
                    format!("{number}: {}", String::from_utf8_lossy(&bytes))
                }
            });
            Ok(())
        })?;
        Ok((journal.unwrap(), found))
    }

    #[test]
    fn records_are_read_back_and_an_incomplete_end_is_cut_off_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, b"head").unwrap();
        journal.record_batch(&batch(0)).unwrap();
        let span = journal.record_done(0, b"first").unwrap();
        let before = journal.length;
        journal.record_batch(&batch(1)).unwrap();
        journal.record_done(1, b"second").unwrap();
        let mut bytes = Vec::new();
        journal.read(span, &mut bytes).unwrap();
        assert_eq!(bytes, b"first");
        while journal.durable_length().unwrap() < journal.length {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let wanted = [
            "head",
            &format!("{:?}", batch(0)),
            "0: first",
            &format!("{:?}", batch(1)),
            "1: second",
        ];
        assert_eq!(all(&path).unwrap().1, wanted);
        let mut torn = 0;
        for length in usize::try_from(before).unwrap()..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, found) = all(&path).unwrap();
            assert_eq!(found, wanted[..found.len()]);
            assert!(found.len() == 3 || found.len() == 4);
            torn += 1;
            // The journal continues as if the incomplete record had never been written.
            journal.record_done(9, b"more").unwrap();
            drop(journal);
            let found_before = found.len();
            let (_, found) = all(&path).unwrap();
            assert_eq!(found.last().map(String::as_str), Some("9: more"));
            assert_eq!(found.len(), found_before + 1);
        }
        assert!(torn > 60);
    }

    #[test]
    fn the_format_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, b"head").unwrap();
        journal.record_batch(&BatchSpan { number: 1, offset: 2, length: 3, first: 4 }).unwrap();
        journal.record_done(1, b"outcomes").unwrap();
        let mut wanted = b"athena journal 1".to_vec();
        let batch = [1_u64, 2, 3, 4].map(u64::to_le_bytes).concat();
        let done = [&1_u64.to_le_bytes()[..], b"outcomes"].concat();
        for (kind, payload) in [(b"H", &b"head"[..]), (b"C", &batch), (b"D", &done)] {
            let record = [&kind[..], payload].concat();
            wanted.extend((record.len() as u64).to_le_bytes());
            wanted.extend(xxh3_64(&record).to_le_bytes());
            wanted.extend(record);
        }
        assert_eq!(std::fs::read(&path).unwrap(), wanted);
    }

    #[test]
    fn other_files_are_not_taken_for_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "something else, long enough").unwrap();
        let error = all(&path).err().unwrap().to_string();
        assert!(error.contains("is not the journal of a job"), "{error}");
        let error = all(folder.path()).err().unwrap().to_string();
        assert!(error.starts_with("can't write "), "{error}");
        // The help does not suggest to remove a file that is not a journal.
        let error = exists_error(&path).to_string();
        assert!(
            error.contains("is not the journal of a job") && !error.contains("remove"),
            "{error}"
        );
        for journal in [&b""[..], &MAGIC[..3], b"athena journal 1, and more"] {
            std::fs::write(&path, journal).unwrap();
            assert!(exists_error(&path).to_string().contains("use --resume to continue"));
        }
    }
}
