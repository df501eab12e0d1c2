//! The journal of a job: which batches were cut, and what came of those that are done. It is only
//! appended to. A record is its length, a checksum, a kind and what it says; one that is not whole
//! ends the journal, as if it had never been written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64;

use super::cut::Place;
use super::order::Kept;
use athena_core::error::{Error, Result};
use athena_core::stdio::say;

/// What the file begins with.
const MAGIC: &[u8; 16] = b"athena journal 1";

/// Length and checksum.
const HEAD: usize = 16;

const HEADER: u8 = b'H';
const CUT: u8 = b'C';
const DONE: u8 = b'D';

/// How often the disk is made to have what was written.
const SYNC: Duration = Duration::from_millis(20);

/// How long a job before this one may take to end, once it was killed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A journal that is open for writing.
pub(super) struct Journal {
    file: Arc<File>,
    path: PathBuf,
    length: u64,
    syncing: Syncing,
    /// Room for a record.
    record: Vec<u8>,
}

/// What a journal says.
pub(super) enum Record<'a> {
    /// What the job is, as its first record.
    Header(&'a [u8]),
    /// A batch was cut, and is about to be dealt.
    Cut(Place),
    /// A batch is done; its outcomes are there.
    Done(u64, Kept),
}

impl Journal {
    /// Begins a journal.
    ///
    /// # Errors
    ///
    /// There is one already, or the file can't be written.
    pub(super) fn create(path: &Path, header: &[u8]) -> Result<Self> {
        let failed = |error: &io::Error| Error::io("write", path, error);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = file.map_err(|error| failed(&error))?;
        lock(&file, path)?;
        let mut bytes = MAGIC.to_vec();
        write_record(&mut bytes, HEADER, &[header]);
        (&file).write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
        sync_folder(path);
        Self::over(file, path, bytes.len() as u64)
    }

    /// Opens the journal of a job that ended early, tells what it says, and cuts off a torn end; none
    /// where the job has ended meanwhile, or was killed before it had begun.
    ///
    /// # Errors
    ///
    /// It is no journal, another job is at work on it, or `each` says so.
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
            return Err(none(path));
        }
        let clone = file.try_clone().map_err(|error| failed(&error))?;
        let mut journal = Self::over(clone, path, MAGIC.len() as u64)?;
        let mut payload = Vec::new();
        let start = journal.length;
        while let Some(kind) =
            read_record(&mut reader, &mut payload, size.saturating_sub(journal.length))
        {
            let start = journal.length + (HEAD + 1) as u64;
            journal.length = start + payload.len() as u64;
            let record = read(kind, &payload, start);
            let record = record.ok_or_else(|| {
                Error::usage(format!(
                    "{} has a record that is none of this version",
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
        journal.syncing.is_due(journal.length);
        Ok(Some(journal))
    }

    fn over(file: File, path: &Path, length: u64) -> Result<Self> {
        let file = Arc::new(file);
        let syncing = Syncing::start(Arc::clone(&file), length)?;
        Ok(Self { file, path: path.to_owned(), length, syncing, record: Vec::new() })
    }

    /// A batch is about to be dealt. This survives the process, though not the machine: then it is
    /// cut anew.
    pub(super) fn cut(&mut self, place: &Place) -> Result<()> {
        let numbers = [place.number, place.offset, place.length, place.first];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.append(CUT, &[&bytes]).map(|_| ())
    }

    /// A batch is done. It counts once the journal is [durable](Self::durable) up to its end.
    pub(super) fn done(&mut self, number: u64, ran: &[u8]) -> Result<Kept> {
        let end = self.append(DONE, &[&number.to_le_bytes(), ran])?;
        self.syncing.is_due(end);
        Ok(Kept { offset: end - ran.len() as u64, length: ran.len() as u64 })
    }

    /// Up to where the disk has it.
    pub(super) fn durable(&self) -> Result<u64> {
        let error = self.syncing.error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match error {
            Some(words) => Err(self.full(&words)),
            None => Ok(self.syncing.durable.load(Ordering::Acquire)),
        }
    }

    /// The outcomes of a batch.
    pub(super) fn read(&self, kept: Kept, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.resize(usize::try_from(kept.length).unwrap_or(usize::MAX), 0);
        self.file
            .read_exact_at(bytes, kept.offset)
            .map_err(|error| Error::io("read", &self.path, &error))
    }

    /// The job is done.
    pub(super) fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).map_err(|error| Error::io("remove", &self.path, &error))
    }

    fn append(&mut self, kind: u8, parts: &[&[u8]]) -> Result<u64> {
        self.record.clear();
        write_record(&mut self.record, kind, parts);
        // A part of it may be written when the disk is full: it is torn then, and cut off later.
        self.file
            .write_all_at(&self.record, self.length)
            .map_err(|error| self.full(&error.to_string()))?;
        self.length += self.record.len() as u64;
        Ok(self.length)
    }

    fn full(&self, words: &str) -> Error {
        Error::failure(format!("can't write {}: {words}", self.path.display()))
            .help("what is done so far is kept: once that is mended, the same command with --resume goes on")
    }
}

/// What is wrong with a file that is there where a journal is to begin. One that is no journal is
/// not for us to have removed.
pub(super) fn left(path: &Path) -> Error {
    let mut magic = Vec::new();
    let begins = |file: File| file.take(MAGIC.len() as u64).read_to_end(&mut magic);
    match File::open(path).and_then(begins) {
        Err(error) => Error::io("read", path, &error),
        Ok(_) if !MAGIC.starts_with(&magic) => none(path),
        Ok(_) => Error::usage(format!(
            "{} is the journal of a job that has not ended well",
            path.display()
        ))
        .help("--resume goes on with it; remove the file to begin anew"),
    }
}

fn none(path: &Path) -> Error {
    Error::usage(format!("{} is there, and is no journal of a job", path.display()))
        .help("name another file with --journal")
}

/// Two jobs at once would spoil it. One that was killed may take a moment to end.
fn lock(file: &File, path: &Path) -> Result<()> {
    let began = Instant::now();
    let mut told = false;
    loop {
        match file.try_lock() {
            // Not every file system has locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                if !told && began.elapsed() > Duration::from_secs(1) {
                    say(&format!("another job is at work on {}: waiting for it", path.display()));
                    told = true;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::usage(format!("another job is at work on {}", path.display())));
            }
        }
    }
}

/// A new or renamed file is not durable before its folder is.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        // Not every file system can.
        let _ = folder.sync_all();
    }
}

fn write_record(bytes: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; HEAD]);
    bytes.push(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    let said = &bytes[start + HEAD..];
    let (length, sum) = (said.len() as u64, xxh3_64(said));
    bytes[start..start + 8].copy_from_slice(&length.to_le_bytes());
    bytes[start + 8..start + HEAD].copy_from_slice(&sum.to_le_bytes());
}

/// The kind of the next record and what it says; none where it is not whole. At most `left` bytes
/// are there.
fn read_record(reader: &mut impl Read, payload: &mut Vec<u8>, left: u64) -> Option<u8> {
    let mut head = [0; HEAD];
    reader.read_exact(&mut head).ok()?;
    let (length, rest) = head.split_first_chunk()?;
    let sum = u64::from_le_bytes(*rest.first_chunk()?);
    let length = u64::from_le_bytes(*length);
    if length == 0 || length > left.saturating_sub(HEAD as u64) {
        return None;
    }
    payload.clear();
    payload.resize(usize::try_from(length).ok()?, 0);
    reader.read_exact(payload).ok()?;
    if xxh3_64(payload) != sum {
        return None;
    }
    Some(payload.remove(0))
}

fn read(kind: u8, said: &[u8], start: u64) -> Option<Record<'_>> {
    let number = |at: usize| Some(u64::from_le_bytes(*said.get(8 * at..)?.first_chunk()?));
    Some(match kind {
        HEADER => Record::Header(said),
        CUT if said.len() == 32 => Record::Cut(Place {
            number: number(0)?,
            offset: number(1)?,
            length: number(2)?,
            first: number(3)?,
        }),
        DONE => Record::Done(number(0)?, Kept { offset: start + 8, length: said.len() as u64 - 8 }),
        _ => return None,
    })
}

/// A thread that makes the disk have what was written, so that nobody waits for it.
struct Syncing {
    due: Sender<u64>,
    durable: Arc<AtomicU64>,
    error: Arc<Mutex<Option<String>>>,
}

impl Syncing {
    fn start(file: Arc<File>, length: u64) -> Result<Self> {
        let (due, asked) = mpsc::channel();
        let durable = Arc::new(AtomicU64::new(length));
        let error = Arc::new(Mutex::new(None));
        let (reached, failed) = (Arc::clone(&durable), Arc::clone(&error));
        std::thread::Builder::new()
            .spawn(move || sync(&file, &asked, &reached, &failed))
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        Ok(Self { due, durable, error })
    }

    /// It is written up to there.
    fn is_due(&self, end: u64) {
        // The thread ends only with an error, which it has left.
        let _ = self.due.send(end);
    }
}

fn sync(file: &File, asked: &Receiver<u64>, durable: &AtomicU64, failed: &Mutex<Option<String>>) {
    while let Ok(first) = asked.recv() {
        let end = asked.try_iter().last().unwrap_or(first);
        if let Err(error) = file.sync_data() {
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            return;
        }
        durable.store(end, Ordering::Release);
        std::thread::sleep(SYNC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u64) -> Place {
        Place { number, offset: number * 100, length: 100, first: number * 5 + 1 }
    }

    fn all(path: &Path) -> Result<(Journal, Vec<String>)> {
        let mut found = Vec::new();
        let journal = Journal::resume(path, |journal, record| {
            found.push(match record {
                Record::Header(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Record::Cut(place) => format!("{place:?}"),
                Record::Done(number, kept) => {
                    let mut bytes = Vec::new();
                    journal.read(kept, &mut bytes)?;
                    format!("{number}: {}", String::from_utf8_lossy(&bytes))
                }
            });
            Ok(())
        })?;
        Ok((journal.unwrap(), found))
    }

    #[test]
    fn what_is_written_is_there_later_and_a_torn_end_is_cut_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, b"head").unwrap();
        journal.cut(&place(0)).unwrap();
        let kept = journal.done(0, b"first").unwrap();
        let before = journal.length;
        journal.cut(&place(1)).unwrap();
        journal.done(1, b"second").unwrap();
        let mut bytes = Vec::new();
        journal.read(kept, &mut bytes).unwrap();
        assert_eq!(bytes, b"first");
        while journal.durable().unwrap() < journal.length {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let wanted = [
            "head",
            &format!("{:?}", place(0)),
            "0: first",
            &format!("{:?}", place(1)),
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
            // It goes on as if the torn record had never been.
            journal.done(9, b"more").unwrap();
            drop(journal);
            let found_before = found.len();
            let (_, found) = all(&path).unwrap();
            assert_eq!(found.last().map(String::as_str), Some("9: more"));
            assert_eq!(found.len(), found_before + 1);
        }
        assert!(torn > 60);
    }

    #[test]
    fn what_is_no_journal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "something else, long enough").unwrap();
        let error = all(&path).err().unwrap().to_string();
        assert!(error.contains("is no journal of a job"), "{error}");
        let error = all(folder.path()).err().unwrap().to_string();
        assert!(error.starts_with("can't write "), "{error}");
        // Nobody is told to remove what is no journal.
        let error = left(&path).to_string();
        assert!(error.contains("is no journal of a job") && !error.contains("remove"), "{error}");
        for journal in [&b""[..], &MAGIC[..3], b"athena journal 1, and more"] {
            std::fs::write(&path, journal).unwrap();
            assert!(left(&path).to_string().contains("--resume goes on with it"));
        }
    }
}
