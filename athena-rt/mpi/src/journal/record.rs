//! The records of a journal: length, checksum, kind and payload.

use std::io::Read;

use xxhash_rust::xxh3::xxh3_64;

use crate::chunker::BatchSpan;

/// The number of bytes of length and checksum.
pub(super) const HEAD: usize = 16;

pub(super) const HEADER: u8 = b'H';
pub(super) const BATCH: u8 = b'C';
pub(super) const DONE: u8 = b'D';

/// A record of the journal.
pub(crate) enum Record<'a> {
    /// The identity of the job, always the first record.
    Header(&'a [u8]),
    /// A batch was created, and is about to be sent to a worker.
    Batch(BatchSpan),
    /// The number of a batch that is done, and its outcomes.
    Done(u64, JournalSpan),
}

/// The position of a batch's outcomes in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalSpan {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl JournalSpan {
    pub(crate) fn end(self) -> u64 {
        self.offset + self.length
    }
}

/// Appends a record whose payload is in parts.
pub(super) fn write_record(bytes: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; HEAD]);
    bytes.push(kind);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    let record = &bytes[start + HEAD..];
    let (length, sum) = (record.len() as u64, xxh3_64(record));
    bytes[start..start + 8].copy_from_slice(&length.to_le_bytes());
    bytes[start + 8..start + HEAD].copy_from_slice(&sum.to_le_bytes());
}

/// Reads the kind and the payload of the next record. Returns `None` if the record is incomplete. The
/// file has at most `left` more bytes.
pub(super) fn read_record(reader: &mut impl Read, payload: &mut Vec<u8>, left: u64) -> Option<u8> {
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

/// `None` if this version does not know it. The payload starts at this position of the journal.
pub(super) fn parse_record(kind: u8, payload: &[u8], start: u64) -> Option<Record<'_>> {
    let number = |at: usize| Some(u64::from_le_bytes(*payload.get(8 * at..)?.first_chunk()?));
    Some(match kind {
        HEADER => Record::Header(payload),
        BATCH if payload.len() == 32 => Record::Batch(BatchSpan {
            number: number(0)?,
            offset: number(1)?,
            length: number(2)?,
            first: number(3)?,
        }),
        DONE => Record::Done(
            number(0)?,
            JournalSpan { offset: start + 8, length: payload.len() as u64 - 8 },
        ),
        _ => return None,
    })
}
