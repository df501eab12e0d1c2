//! Splits the input into batches of whole messages, without parsing them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use athena_protocol::Format;
use memchr::{memchr, memrchr};

use athena_cases::message_stream;
use athena_core::error::{Error, Result};

/// The desired size of a batch. A batch consists of whole messages, and has at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchTarget {
    /// At least about this number of bytes,
    pub(super) bytes: usize,
    /// and at least this number of messages, so that every core has one,
    pub(super) messages: u64,
    /// but no more bytes than this, unless one message is larger.
    pub(super) max_bytes: usize,
}

/// The position of a batch in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchSpan {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The line of the first message, from 1; the number of the message if messages have no lines.
    pub(super) first: u64,
}

impl BatchSpan {
    /// The line after the batch, which has these bytes.
    pub(super) fn next_line(&self, bytes: &[u8], format: Format) -> u64 {
        self.first + message_stream::count(bytes, format)
    }
}

/// A file of messages, which is read once from start to end.
pub(super) struct Input {
    file: File,
    path: PathBuf,
    format: Format,
    size: u64,
    /// The position of the next batch; its length is not known yet.
    next: BatchSpan,
    /// Bytes of the file, of which the first `used` belong to earlier batches.
    buffer: Vec<u8>,
    used: usize,
    ended: bool,
}

/// The number of bytes that are read at once.
const READ_SIZE: usize = 1 << 20;

/// The maximum size of a message.
const MAX_MESSAGE_SIZE: usize = 1 << 30;

impl Input {
    pub(super) fn open(path: &Path, format: Format) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
        let metadata = file.metadata().map_err(|error| Error::io("read", path, &error))?;
        if !metadata.is_file() {
            return Err(Error::usage(format!("{} is not a regular file", path.display())).help(
                "write the messages to a file first: a job that is resumed reads them again",
            ));
        }
        let next = BatchSpan { number: 0, offset: 0, length: 0, first: 1 };
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

    /// The number of bytes that are not in a batch yet.
    pub(super) fn left(&self) -> u64 {
        if self.ended { 0 } else { self.size.saturating_sub(self.next.offset) }
    }

    /// Continues after a batch of an earlier attempt.
    pub(super) fn seek_past(&mut self, batch: &BatchSpan) -> Result<()> {
        let bytes = self.reread(batch)?;
        self.next = BatchSpan {
            number: batch.number + 1,
            offset: batch.offset + batch.length,
            length: 0,
            first: batch.next_line(&bytes, self.format),
        };
        self.buffer.clear();
        self.used = 0;
        // After an invalid length there are no messages.
        self.ended = self.is_broken(&bytes);
        Ok(())
    }

    /// Reads an earlier batch again.
    pub(super) fn reread(&self, batch: &BatchSpan) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(batch.length).unwrap_or(usize::MAX)];
        self.file
            .read_exact_at(&mut bytes, batch.offset)
            .map_err(|error| self.read_error(&error))?;
        Ok(bytes)
    }

    /// Splits off the next batch. Returns `None` at the end.
    pub(super) fn next_batch(&mut self, target: BatchTarget) -> Result<Option<(BatchSpan, &[u8])>> {
        if self.ended {
            return Ok(None);
        }
        let mut needed = target.bytes.max(1);
        loop {
            let is_last = self.fill(needed)?;
            let bytes = &self.buffer[self.used..];
            let length = match self.batch_end(bytes, target, is_last) {
                Some(length) => length,
                None if is_last => bytes.len(),
                None => {
                    // Twice as much each time, since the bytes in the buffer are searched again.
                    needed = 2 * bytes.len() + READ_SIZE;
                    if bytes.len() > MAX_MESSAGE_SIZE {
                        return Err(Error::usage(format!(
                            "{}:{}: a message is larger than {MAX_MESSAGE_SIZE} bytes",
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
            let range = self.used..self.used + length;
            self.used = range.end;
            let bytes = &self.buffer[range];
            let batch = BatchSpan { length: length as u64, ..self.next };
            self.next = BatchSpan {
                number: batch.number + 1,
                offset: batch.offset + batch.length,
                length: 0,
                first: batch.next_line(bytes, self.format),
            };
            self.ended = self.is_broken(bytes);
            return Ok(Some((batch, bytes)));
        }
    }

    /// Reads until the buffer has this number of unused bytes. Returns whether they are the last.
    fn fill(&mut self, needed: usize) -> Result<bool> {
        if self.buffer.len() - self.used < needed {
            self.buffer.drain(..self.used);
            self.used = 0;
        }
        loop {
            let had = self.buffer.len();
            let offset = self.next.offset + (had - self.used) as u64;
            // Bytes that are appended meanwhile belong to another job.
            let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
            if left == 0 {
                return Ok(true);
            }
            if had - self.used >= needed {
                return Ok(false);
            }
            self.buffer.resize(had + READ_SIZE.min(left), 0);
            let read = match self.file.read_at(&mut self.buffer[had..], offset) {
                Ok(0) => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "it became shorter while it was read",
                )),
                read => read,
            };
            let read = read.map_err(|error| self.read_error(&error))?;
            self.buffer.truncate(had + read);
        }
    }

    /// Where the batch ends. Returns `None` if that takes more bytes.
    fn batch_end(&self, bytes: &[u8], target: BatchTarget, is_last: bool) -> Option<usize> {
        let mut end = 0;
        let mut messages = 0;
        if self.format == Format::Json {
            let ahead = &bytes[..target.bytes.min(bytes.len()).min(target.max_bytes)];
            end = memrchr(b'\n', ahead).map_or(0, |at| at + 1);
            messages = message_stream::count(&bytes[..end], self.format);
        }
        while end < target.bytes || messages < target.messages {
            let Some(length) = self.first_length(&bytes[end..]) else {
                // The last line needs no newline.
                let fits = end == 0 || bytes.len() <= target.max_bytes;
                let is_whole = is_last && self.format == Format::Json && fits;
                return if is_whole { Some(bytes.len()) } else { (end > 0).then_some(end) };
            };
            if end > 0 && end + length > target.max_bytes {
                break;
            }
            end += length;
            messages += 1;
            // Nothing follows a broken message.
            if self.is_broken(&bytes[end - length..end]) {
                break;
            }
        }
        Some(end)
    }

    /// The length of the first message. Returns `None` if it does not end within the bytes.
    fn first_length(&self, bytes: &[u8]) -> Option<usize> {
        match self.format {
            Format::Json => memchr(b'\n', bytes).map(|at| at + 1),
            Format::Protobuf => match message_stream::declared(bytes)? {
                // These bytes show that the length is invalid.
                Err(_) => Some(message_stream::LONGEST_LENGTH),
                Ok(declared) => {
                    let at =
                        self.next.offset + (self.buffer.len() - self.used - bytes.len()) as u64;
                    let whole = declared.header.saturating_add(declared.message);
                    // A message beyond the end of the file is broken: its length shows that.
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

    /// Whether the bytes end with a broken message.
    fn is_broken(&self, bytes: &[u8]) -> bool {
        self.format == Format::Protobuf
            && message_stream::messages(bytes, self.format).last().is_some_and(|last| last.is_err())
    }

    fn read_error(&self, error: &io::Error) -> Error {
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

    fn all(input: &mut Input, target: BatchTarget) -> Vec<(BatchSpan, Vec<u8>)> {
        let mut next =
            || input.next_batch(target).unwrap().map(|(batch, bytes)| (batch, bytes.to_vec()));
        std::iter::from_fn(&mut next).collect()
    }

    /// The lines of messages, and each message or its error.
    fn messages_of(
        bytes: &[u8],
        first: u64,
        format: Format,
    ) -> Vec<(u64, Result<Vec<u8>, String>)> {
        let owned =
            |message: Result<&[u8], &str>| message.map(<[u8]>::to_vec).map_err(str::to_owned);
        (first..).zip(message_stream::messages(bytes, format).map(owned)).collect()
    }

    proptest! {
        #[test]
        fn messages_and_lines_are_the_same_for_all_batch_sizes(
            text in "[a\n]{0,60}", bytes in 1_usize..30, messages in 0_u64..5, max_bytes in 1_usize..40,
            is_json: bool, resume_at in 0_usize..10,
        ) {
            let format = if is_json { Format::Json } else { Format::Protobuf };
            // In Protocol Buffers each byte is a length; the last message is likely to be incomplete.
            let raw = if is_json { text.clone().into_bytes() } else {
                text.bytes().map(|byte| if byte == b'a' { 2 } else { 0 }).collect()
            };
            let (_file, mut whole) = input(&raw, format);
            let target = BatchTarget { bytes, messages, max_bytes };
            let batches = all(&mut whole, target);
            let split: Vec<_> = batches.iter()
                .flat_map(|(batch, bytes)| messages_of(bytes, batch.first, format)).collect();
            prop_assert_eq!(&split, &messages_of(&raw, 1, format));
            for (batch, bytes) in &batches {
                prop_assert_eq!(&whole.reread(batch).unwrap(), bytes);
                let one = message_stream::messages(bytes, format).count() == 1;
                prop_assert!(one || bytes.len() <= max_bytes, "{}", bytes.len());
            }
            if let Some((batch, _)) = batches.get(resume_at) {
                let (_file, mut again) = input(&raw, format);
                again.seek_past(batch).unwrap();
                let rest = all(&mut again, target);
                prop_assert_eq!(&rest[..], &batches[resume_at + 1..]);
            }
        }
    }

    #[test]
    fn an_invalid_length_ends_the_stream_without_reading_the_rest() {
        let mut raw = vec![1, b'a'];
        raw.extend(vec![0xff; 5_000_000]);
        let (_file, mut input) = input(&raw, Format::Protobuf);
        let batches = all(&mut input, BatchTarget { bytes: 1, messages: 1, max_bytes: 100 });
        assert_eq!(batches.len(), 2);
        assert_eq!(batches[1].1, [0xff; 10]);
        assert!(input.buffer.len() <= 2 * READ_SIZE);
    }

    #[test]
    fn a_message_beyond_the_end_is_not_read() {
        let (_file, mut input) = input(&[1, b'a', 0xff, 0xff, 0xff, 0x7f, 1, 2], Format::Protobuf);
        let batches = all(&mut input, BatchTarget { bytes: 100, messages: 9, max_bytes: 100 });
        assert_eq!(
            batches,
            [(
                BatchSpan { number: 0, offset: 0, length: 6, first: 1 },
                vec![1, b'a', 0xff, 0xff, 0xff, 0x7f]
            )]
        );
    }
}
