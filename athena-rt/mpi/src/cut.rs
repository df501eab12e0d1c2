//! The input, cut into batches of whole messages. Nothing here parses.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use athena_protocol::Format;
use memchr::{memchr, memrchr};

use athena_cases::frame;
use athena_core::error::{Error, Result};

/// How large a batch is to be. Whole messages come out: one at least, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want {
    /// About so many bytes..
    pub(super) bytes: usize,
    /// ..and so many messages, so that every core has one..
    pub(super) messages: u64,
    /// ..but not more bytes than this.
    pub(super) most: usize,
}

/// Where a batch is in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The line of its first message, or how many messages are before it, from 1.
    pub(super) first: u64,
}

impl Place {
    /// How many lines or messages these bytes of it have.
    pub(super) fn after(&self, bytes: &[u8], format: Format) -> u64 {
        self.first + frame::count(bytes, format)
    }
}

/// A file of messages, which is read from the front to the end once.
pub(super) struct Input {
    file: File,
    path: PathBuf,
    format: Format,
    size: u64,
    /// What comes next.
    next: Place,
    /// Bytes from there on.
    buffer: Vec<u8>,
    used: usize,
    ended: bool,
}

/// How much is read at once.
const READ: usize = 1 << 20;

/// No message is larger.
const LARGEST: usize = 1 << 30;

impl Input {
    pub(super) fn open(path: &Path, format: Format) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
        let metadata = file.metadata().map_err(|error| Error::io("read", path, &error))?;
        if !metadata.is_file() {
            return Err(Error::usage(format!("{} is no regular file", path.display()))
                .help("a job that goes on after a crash reads its messages again: write them to a file first"));
        }
        let next = Place { number: 0, offset: 0, length: 0, first: 1 };
        let (buffer, size) = (Vec::new(), metadata.len());
        Ok(Self { file, path: path.to_owned(), format, size, next, buffer, used: 0, ended: false })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The number of the next batch.
    pub(super) fn number(&self) -> u64 {
        self.next.number
    }

    /// How many bytes are still to be cut.
    pub(super) fn left(&self) -> u64 {
        if self.ended { 0 } else { self.size.saturating_sub(self.next.offset) }
    }

    /// Goes on behind a batch that was cut before.
    pub(super) fn skip(&mut self, place: &Place) -> Result<()> {
        let bytes = self.again(place)?;
        self.next = Place {
            number: place.number + 1,
            offset: place.offset + place.length,
            length: 0,
            first: place.after(&bytes, self.format),
        };
        self.buffer.clear();
        self.used = 0;
        // What follows a length that is none is no message.
        self.ended = self.is_broken(&bytes);
        Ok(())
    }

    /// A batch that was cut before.
    pub(super) fn again(&self, place: &Place) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut bytes, place.offset).map_err(|error| self.failed(&error))?;
        Ok(bytes)
    }

    /// The next batch; none at the end.
    pub(super) fn next(&mut self, want: Want) -> Result<Option<(Place, &[u8])>> {
        if self.ended {
            return Ok(None);
        }
        let mut needed = want.bytes.max(1);
        loop {
            let is_last = self.fill(needed)?;
            let bytes = &self.buffer[self.used..];
            let length = match self.cut(bytes, want, is_last) {
                Some(length) => length,
                None if is_last => bytes.len(),
                None => {
                    // Twice as much each time: what is there is looked at again.
                    needed = 2 * bytes.len() + READ;
                    if bytes.len() > LARGEST {
                        return Err(Error::usage(format!(
                            "{}:{}: a message is larger than {LARGEST} bytes",
                            self.path.display(),
                            self.next.first
                        )));
                    }
                    continue;
                }
            };
            if length == 0 {
                self.ended = true;
                return Ok(None);
            }
            let batch = self.used..self.used + length;
            self.used = batch.end;
            let batch = &self.buffer[batch];
            let place = Place { length: length as u64, ..self.next };
            self.next = Place {
                number: place.number + 1,
                offset: place.offset + place.length,
                length: 0,
                first: place.after(batch, self.format),
            };
            self.ended = self.is_broken(batch);
            return Ok(Some((place, batch)));
        }
    }

    /// Reads until so many bytes are there; whether these are the last.
    fn fill(&mut self, needed: usize) -> Result<bool> {
        if self.buffer.len() - self.used < needed {
            self.buffer.drain(..self.used);
            self.used = 0;
        }
        loop {
            let had = self.buffer.len();
            let offset = self.next.offset + (had - self.used) as u64;
            // What is appended while it is read belongs to another run.
            let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
            if left == 0 {
                return Ok(true);
            }
            if had - self.used >= needed {
                return Ok(false);
            }
            self.buffer.resize(had + READ.min(left), 0);
            let read = match self.file.read_at(&mut self.buffer[had..], offset) {
                Ok(0) => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it has become shorter while it was read",
                )),
                read => read,
            };
            let read = read.map_err(|error| self.failed(&error))?;
            self.buffer.truncate(had + read);
        }
    }

    /// Where to cut; none where more bytes are needed to tell.
    fn cut(&self, bytes: &[u8], want: Want, is_last: bool) -> Option<usize> {
        let mut end = 0;
        let mut messages = 0;
        if self.format == Format::Json {
            let ahead = &bytes[..want.bytes.min(bytes.len()).min(want.most)];
            end = memrchr(b'\n', ahead).map_or(0, |at| at + 1);
            messages = frame::count(&bytes[..end], self.format);
        }
        while end < want.bytes || messages < want.messages {
            let Some(length) = self.first(&bytes[end..]) else {
                // A last line needs no end.
                let fits = end == 0 || bytes.len() <= want.most;
                let is_whole = is_last && self.format == Format::Json && fits;
                return if is_whole { Some(bytes.len()) } else { (end > 0).then_some(end) };
            };
            if end > 0 && end + length > want.most {
                break;
            }
            end += length;
            messages += 1;
            // Nothing comes after what is broken.
            if self.is_broken(&bytes[end - length..end]) {
                break;
            }
        }
        Some(end)
    }

    /// The length of the first message; none where it does not end here.
    fn first(&self, bytes: &[u8]) -> Option<usize> {
        match self.format {
            Format::Json => memchr(b'\n', bytes).map(|at| at + 1),
            Format::Protobuf => match frame::declared(bytes)? {
                // As much as it takes to see that it is none.
                Err(_) => Some(frame::LONGEST_LENGTH),
                Ok(declared) => {
                    let at =
                        self.next.offset + (self.buffer.len() - self.used - bytes.len()) as u64;
                    let whole = declared.header.saturating_add(declared.message);
                    // One that goes on behind the end is broken: its length is enough to see that.
                    let fits = at.saturating_add(whole as u64) <= self.size;
                    if fits {
                        (whole <= bytes.len()).then_some(whole)
                    } else {
                        Some(declared.header)
                    }
                }
            },
        }
    }

    /// Whether the bytes end with a message that has no end.
    fn is_broken(&self, bytes: &[u8]) -> bool {
        self.format == Format::Protobuf
            && frame::messages(bytes, self.format).last().is_some_and(|last| last.is_err())
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::io("read", &self.path, error)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn input(bytes: &[u8], format: Format) -> (tempfile::NamedTempFile, Input) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let input = Input::open(file.path(), format).unwrap();
        (file, input)
    }

    fn all(input: &mut Input, want: Want) -> Vec<(Place, Vec<u8>)> {
        let mut next = || input.next(want).unwrap().map(|(place, bytes)| (place, bytes.to_vec()));
        std::iter::from_fn(&mut next).collect()
    }

    /// What a run over the whole finds: lines, and messages or why they are none.
    fn found(bytes: &[u8], first: u64, format: Format) -> Vec<(u64, Result<Vec<u8>, String>)> {
        let owned =
            |message: Result<&[u8], &str>| message.map(<[u8]>::to_vec).map_err(str::to_owned);
        (first..).zip(frame::messages(bytes, format).map(owned)).collect()
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_messages_and_their_lines_are_the_same(
            text in "[a\n]{0,60}", bytes in 1_usize..30, messages in 0_u64..5, most in 1_usize..40,
            is_json: bool, resume_at in 0_usize..10,
        ) {
            let format = if is_json { Format::Json } else { Format::Protobuf };
            // As Protocol Buffers: 97 and 10 are lengths, and the last is likely to be cut short.
            let raw = if is_json { text.clone().into_bytes() } else {
                text.bytes().map(|byte| if byte == b'a' { 2 } else { 0 }).collect()
            };
            let (_file, mut whole) = input(&raw, format);
            let want = Want { bytes, messages, most };
            let batches = all(&mut whole, want);
            let cut: Vec<_> = batches.iter()
                .flat_map(|(place, bytes)| found(bytes, place.first, format)).collect();
            prop_assert_eq!(&cut, &found(&raw, 1, format));
            for (place, bytes) in &batches {
                prop_assert_eq!(&whole.again(place).unwrap(), bytes);
                let one = frame::messages(bytes, format).count() == 1;
                prop_assert!(one || bytes.len() <= most, "{}", bytes.len());
            }
            if let Some((place, _)) = batches.get(resume_at) {
                let (_file, mut again) = input(&raw, format);
                again.skip(place).unwrap();
                let rest = all(&mut again, want);
                prop_assert_eq!(&rest[..], &batches[resume_at + 1..]);
            }
        }
    }

    #[test]
    fn a_length_that_is_none_ends_the_stream_without_reading_the_rest() {
        let mut raw = vec![1, b'a'];
        raw.extend(vec![0xff; 5_000_000]);
        let (_file, mut input) = input(&raw, Format::Protobuf);
        let batches = all(&mut input, Want { bytes: 1, messages: 1, most: 100 });
        assert_eq!(batches.len(), 2);
        assert_eq!(batches[1].1, [0xff; 10]);
        assert!(input.buffer.len() <= 2 * READ);
    }

    #[test]
    fn a_message_that_ends_behind_the_end_is_not_read_to_find_out() {
        let (_file, mut input) = input(&[1, b'a', 0xff, 0xff, 0xff, 0x7f, 1, 2], Format::Protobuf);
        let batches = all(&mut input, Want { bytes: 100, messages: 9, most: 100 });
        assert_eq!(
            batches,
            [(
                Place { number: 0, offset: 0, length: 6, first: 1 },
                vec![1, b'a', 0xff, 0xff, 0xff, 0x7f]
            )]
        );
    }
}
