//! The failures of a report in the order of their names, read from where they are.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use athena_protocol::Failure;
use tempfile::SpooledTempFile;

/// How much is read at once of failures that follow each other.
const BLOCK: usize = 256 << 10;

/// The most bytes between failures that follow each other: to read them, too, takes less than to call the system again.
const GAP: u64 = 2 << 10;

/// How much is written at once, and held by each reader twice.
const PART: usize = 1 << 20;

/// The most threads that read failures: they are as fast as the one that writes.
const READERS: usize = 2;

/// Failures to be read by name, or in the order of their names.
pub(super) struct SortedFailures {
    names: String,
    places: Vec<StoredFailure>,
    files: FailureFiles,
}

/// Where a failure is.
#[derive(Clone, Copy)]
pub(super) struct StoredFailure {
    /// The name's position and length in all names.
    pub(super) name: u64,
    pub(super) name_length: u32,
    /// The file: 0 is the spool's own, the others are numbered from 1.
    pub(super) file: u32,
    pub(super) offset: u64,
    pub(super) length: u32,
    /// The bytes from here that are left out, and their number.
    pub(super) cut: u32,
    pub(super) cut_length: u32,
}

impl StoredFailure {
    pub(super) fn name(self, names: &str) -> &str {
        let start = usize::try_from(self.name).unwrap_or(usize::MAX);
        &names[start..start + self.name_length as usize]
    }
}

/// The files that failures are in.
pub(super) struct FailureFiles {
    own: Mutex<SpooledTempFile>,
    parts: Vec<File>,
}

impl FailureFiles {
    /// The file of the number 0, and those from 1.
    pub(super) fn new(own: SpooledTempFile, parts: Vec<File>) -> Self {
        Self { own: Mutex::new(own), parts }
    }
}

impl SortedFailures {
    pub(super) fn new(names: String, places: Vec<StoredFailure>, files: FailureFiles) -> Self {
        Self { names, places, files }
    }

    /// The failure of this name, if there is one.
    pub(super) fn get(&self, name: &str) -> io::Result<Option<Failure>> {
        let Self { names, places, files } = self;
        let at = places.partition_point(|place| place.name(names) < name);
        let Some(place) = places.get(at).filter(|place| place.name(names) == name) else {
            return Ok(None);
        };
        let text = FailureTexts::new(files).parts_of(*place)?.concat();
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Writes the failures, one per line.
    pub(super) fn copy(&self, out: &mut impl Write) -> io::Result<()> {
        let blocks = self.blocks();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let readers = cores.min(READERS).min(blocks.len());
        if readers < 2 {
            let mut texts = FailureTexts::new(&self.files);
            let mut lines = Vec::new();
            for block in blocks {
                let length = self.read_lines(block, &mut texts, &mut lines)?;
                out.write_all(&lines[..length])?;
            }
            return Ok(());
        }
        // Each reads every second block: failures are in another order in their files than here.
        std::thread::scope(|scope| {
            let turns: Vec<_> = (0..readers)
                .map(|first| {
                    let (send, lines) = sync_channel(0);
                    let (give_back, emptied) = channel();
                    let own: Vec<Range<usize>> =
                        blocks.iter().skip(first).step_by(readers).cloned().collect();
                    scope.spawn(move || self.send_lines(own, &send, &emptied));
                    (lines, give_back)
                })
                .collect();
            for (lines, give_back) in turns.iter().cycle().take(blocks.len()) {
                let ended = |_| io::Error::other("a thread panicked");
                let (lines, length): (Vec<u8>, usize) = lines.recv().map_err(ended)??;
                out.write_all(&lines[..length])?;
                let _ = give_back.send(lines);
            }
            Ok(())
        })
    }

    /// Sends the lines of blocks, in memory that comes back.
    fn send_lines(
        &self,
        blocks: Vec<Range<usize>>,
        send: &SyncSender<io::Result<(Vec<u8>, usize)>>,
        emptied: &Receiver<Vec<u8>>,
    ) {
        let mut texts = FailureTexts::new(&self.files);
        for block in blocks {
            let mut lines = emptied.try_recv().unwrap_or_default();
            let read = self.read_lines(block, &mut texts, &mut lines);
            let read = read.map(|length| (lines, length));
            // Nobody takes what comes behind an error.
            if send.send(read).is_err() {
                return;
            }
        }
    }

    /// Parts of the failures, of about as many bytes each.
    fn blocks(&self) -> Vec<Range<usize>> {
        let mut blocks = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for (at, place) in self.places.iter().enumerate() {
            bytes += place.length as usize;
            if bytes >= PART || at + 1 == self.places.len() {
                blocks.push(start..at + 1);
                (start, bytes) = (at + 1, 0);
            }
        }
        blocks
    }

    /// Reads the lines of a block into `lines`, in the order in which they are in their files. Returns their length:
    /// behind it is what was there before.
    fn read_lines(
        &self,
        block: Range<usize>,
        texts: &mut FailureTexts<'_>,
        lines: &mut Vec<u8>,
    ) -> io::Result<usize> {
        let end = |at: usize| if at + 1 == self.places.len() { &b"\n"[..] } else { b",\n" };
        let mut length = 0;
        let mut order: Vec<(u32, u64, usize, usize)> = Vec::with_capacity(block.len());
        for at in block {
            let place = self.places[at];
            order.push((place.file, place.offset, at, length));
            length += (place.length - place.cut_length) as usize + end(at).len();
        }
        order.sort_unstable();
        if lines.len() < length {
            lines.resize(length, 0);
        }
        for (_, _, at, mut to) in order {
            let [head, tail] = texts.parts_of(self.places[at])?;
            for part in [head, tail, end(at)] {
                lines[to..to + part.len()].copy_from_slice(part);
                to += part.len();
            }
        }
        Ok(length)
    }
}

/// Reads stretches of files.
struct FailureTexts<'f> {
    files: &'f FailureFiles,
    /// The file whose bytes from `start` were read last.
    file: u32,
    start: u64,
    bytes: Vec<u8>,
}

impl<'f> FailureTexts<'f> {
    fn new(files: &'f FailureFiles) -> Self {
        Self { files, file: 0, start: 0, bytes: Vec::new() }
    }

    /// The JSON of a failure, on both sides of what is left out.
    fn parts_of(&mut self, place: StoredFailure) -> io::Result<[&[u8]; 2]> {
        let (length, cut) = (place.length as usize, place.cut as usize);
        let read = self.start + self.bytes.len() as u64;
        let is_same = self.file == place.file && self.start <= place.offset;
        if !is_same || place.offset + u64::from(place.length) > read {
            let is_next = is_same && place.offset <= read + GAP;
            self.load(place, if is_next { BLOCK.saturating_sub(length) } else { 0 })?;
        }
        let at = usize::try_from(place.offset - self.start).map_err(io::Error::other)?;
        let text = &self.bytes[at..at + length];
        Ok([&text[..cut], &text[cut + place.cut_length as usize..]])
    }

    /// Reads a failure, and up to `more` bytes behind it.
    fn load(&mut self, place: StoredFailure, more: usize) -> io::Result<()> {
        (self.file, self.start) = (place.file, place.offset);
        let length = place.length as usize;
        self.bytes.resize(length + more, 0);
        let mut filled = 0;
        while filled < length {
            let offset = place.offset + filled as u64;
            let read = if let Some(part) = place.file.checked_sub(1) {
                read_at(&self.files.parts[part as usize], &mut self.bytes[filled..], offset)
            } else {
                let mut own = self.files.own.lock().unwrap_or_else(PoisonError::into_inner);
                own.seek(SeekFrom::Start(offset))?;
                own.read(&mut self.bytes[filled..])
            };
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.truncate(filled);
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}
