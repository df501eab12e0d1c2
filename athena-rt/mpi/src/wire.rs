//! What ranks say to each other: a kind, numbers of eight bytes, then bytes as they are. Messages and outcomes go through as they came: what is large
//! is copied where it is put together with other bytes, and nowhere else.

use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use athena_core::environment::Variables;
use athena_engine::local::Ran;
use athena_engine::rejects::Reject;
use athena_protocol::Format;

/// What a worker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// What runs, as [`Orders`] in JSON. It comes first.
    Begin(&'a [u8]),
    Batch(Job<'a>),
    /// Nothing but that the manager is there.
    Alive,
    /// Nothing more is to be done.
    End,
}

/// Whole messages to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job<'a> {
    pub(super) number: u64,
    /// The line of its first message, from 1.
    pub(super) first: u64,
    pub(super) bytes: &'a [u8],
}

/// What runs, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Orders {
    /// The model's id.
    pub(super) model: String,
    /// Its variables, as they are set where the manager is.
    pub(super) variables: Variables,
    pub(super) input_format: Format,
    pub(super) output_format: Format,
    pub(super) threads: usize,
    /// How often a message may kill its process alone.
    pub(super) crashes: u32,
    /// How long a message may take.
    pub(super) timeout_ms: Option<u64>,
    /// How many bytes of memory a process may take.
    pub(super) memory_limit: Option<u64>,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// It is ready to begin: [`Host`] in JSON.
    Hello(&'a [u8]),
    /// A batch was run. `ran` is a [`Ran`] as [`write_ran`] writes it.
    Done { number: u64, micros: u64, ran: &'a [u8] },
    /// Nothing but that it is there.
    Alive,
    /// It says nothing more.
    Bye,
    /// It can't go on, with an exit code and words.
    Failed { exit: u8, words: &'a str },
}

/// Where a worker is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) name: String,
    /// How many cores it may use.
    pub(super) cores: usize,
    /// Whether these are less than the host has: they are its own then.
    pub(super) is_bound: bool,
    /// The model's id is found by this program's version of the runtime.
    pub(super) version: String,
    /// Which build of the program runs there.
    pub(super) build: u64,
}

/// A stretch of bytes that others have stretches of too.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Slice {
    /// The last so many of these bytes; all where there are less.
    pub(super) fn last(bytes: Vec<u8>, length: usize) -> Self {
        let range = bytes.len().saturating_sub(length)..bytes.len();
        Self { bytes: Arc::new(bytes), range }
    }

    /// Cuts so many bytes, or all, from the front.
    pub(super) fn split_front(&mut self, length: usize) -> Self {
        let end = self.range.end.min(self.range.start + length);
        let front = Self { bytes: Arc::clone(&self.bytes), range: self.range.start..end };
        self.range.start = end;
        front
    }
}

impl Deref for Slice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Told<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes);
        bytes
    }

    /// Writes it into this room.
    pub(super) fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        match self {
            Self::Begin(orders) => append(bytes, b'B', &[], &[orders]),
            Self::Batch(job) => append(bytes, b'M', &[job.number, job.first], &[job.bytes]),
            Self::Alive => append(bytes, b'A', &[], &[]),
            Self::End => append(bytes, b'E', &[], &[]),
        }
    }

    /// None where the bytes are nothing that is told.
    pub(super) fn read(bytes: &[u8]) -> Option<Told<'_>> {
        let (kind, rest) = bytes.split_first()?;
        Some(match kind {
            b'B' => Told::Begin(rest),
            b'M' => {
                let ([number, first], bytes) = numbers(rest)?;
                Told::Batch(Job { number, first, bytes })
            }
            b'A' if rest.is_empty() => Told::Alive,
            b'E' if rest.is_empty() => Told::End,
            _ => return None,
        })
    }
}

impl Said<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Hello(host) => append(&mut bytes, b'H', &[], &[host]),
            Self::Done { number, micros, ran } => {
                append(&mut bytes, b'D', &[*number, *micros], &[ran]);
            }
            Self::Alive => append(&mut bytes, b'A', &[], &[]),
            Self::Bye => append(&mut bytes, b'X', &[], &[]),
            Self::Failed { exit, words } => {
                append(&mut bytes, b'F', &[], &[&[*exit], words.as_bytes()]);
            }
        }
        bytes
    }

    /// [`Said::Done`] of a batch that was run in parts.
    pub(super) fn write_done(number: u64, micros: u64, parts: &[RanRef<'_>]) -> Vec<u8> {
        let messages = parts.iter().map(|part| part.messages).sum();
        let rejects: usize = parts.iter().map(|part| part.rejects.len()).sum();
        let out: usize = parts.iter().map(|part| part.out.len()).sum();
        let mut bytes = Vec::with_capacity(DONE_HEAD + rejects + out);
        append(&mut bytes, b'D', &[number, micros, messages, rejects as u64], &[]);
        for part in parts {
            bytes.extend_from_slice(part.rejects);
        }
        for part in parts {
            bytes.extend_from_slice(part.out);
        }
        bytes
    }

    /// None where the bytes are nothing that a worker says.
    pub(super) fn read(bytes: &[u8]) -> Option<Said<'_>> {
        let (kind, rest) = bytes.split_first()?;
        Some(match kind {
            b'H' => Said::Hello(rest),
            b'D' => {
                let ([number, micros], ran) = numbers(rest)?;
                Said::Done { number, micros, ran }
            }
            b'A' if rest.is_empty() => Said::Alive,
            b'X' if rest.is_empty() => Said::Bye,
            b'F' => {
                let (exit, words) = rest.split_first()?;
                Said::Failed { exit: *exit, words: std::str::from_utf8(words).ok()? }
            }
            _ => return None,
        })
    }
}

/// Bytes of [`Said::Done`] before rejects and outcomes.
const DONE_HEAD: usize = 1 + 4 * 8;

/// What came of messages, as it goes between ranks and into the journal: how many they were, the
/// length of the rejects, the rejects as lines of JSON, then what the model gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RanRef<'a> {
    pub(super) messages: u64,
    rejects: &'a [u8],
    pub(super) out: &'a [u8],
}

impl<'a> RanRef<'a> {
    /// None where the bytes are not what was written.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let ([messages, length], rest) = numbers(bytes)?;
        let (rejects, out) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some(Self { messages, rejects, out })
    }

    /// None where they can't be read.
    pub(super) fn rejects(&self) -> Option<Vec<Reject>> {
        let rejects = serde_json::Deserializer::from_slice(self.rejects).into_iter();
        rejects.collect::<Result<_, _>>().ok()
    }
}

/// What comes before the outcomes themselves.
pub(super) fn ran_head(ran: &Ran) -> Vec<u8> {
    let mut rejects = Vec::new();
    for reject in &ran.rejects {
        // Numbers and texts: nothing in them can't be written.
        let _ = serde_json::to_writer(&mut rejects, reject);
        rejects.push(b'\n');
    }
    let mut bytes = Vec::with_capacity(16 + rejects.len());
    bytes.extend_from_slice(&ran.messages.to_le_bytes());
    bytes.extend_from_slice(&(rejects.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&rejects);
    bytes
}

/// Writes what [`RanRef`] reads.
pub(super) fn write_ran(ran: &Ran) -> Vec<u8> {
    let mut bytes = ran_head(ran);
    bytes.extend_from_slice(&ran.out);
    bytes
}

/// How many messages something is about that [`write_ran`] has written.
pub(super) fn messages_of(ran: &[u8]) -> u64 {
    numbers(ran).map_or(0, |([messages], _)| messages)
}

fn append(bytes: &mut Vec<u8>, kind: u8, numbers: &[u64], parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    bytes.reserve(1 + 8 * numbers.len() + length);
    bytes.push(kind);
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
}

fn numbers<const N: usize>(bytes: &[u8]) -> Option<([u64; N], &[u8])> {
    let mut rest = bytes;
    let mut numbers = [0; N];
    for number in &mut numbers {
        let (first, after) = rest.split_first_chunk()?;
        *number = u64::from_le_bytes(*first);
        rest = after;
    }
    Some((numbers, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_told_is_read_back(number: u64, first: u64, bytes: Vec<u8>) {
            for told in [
                Told::Begin(&bytes),
                Told::Batch(Job { number, first, bytes: &bytes }),
                Told::Alive,
                Told::End,
            ] {
                let written = told.write();
                prop_assert_eq!(Told::read(&written), Some(told));
            }
        }

        #[test]
        fn what_is_said_is_read_back(number: u64, micros: u64, exit: u8, bytes: Vec<u8>, words: String) {
            for said in [
                Said::Hello(&bytes),
                Said::Done { number, micros, ran: &bytes },
                Said::Alive,
                Said::Bye,
                Said::Failed { exit, words: &words },
            ] {
                let written = said.write();
                prop_assert_eq!(Said::read(&written), Some(said));
            }
        }

        #[test]
        fn what_came_of_messages_is_read_back(
            messages: u64, out: Vec<u8>, rejects: Vec<(u64, String, String, Vec<u8>)>,
        ) {
            let reject = |(line, kind, reason, given): (u64, String, String, Vec<u8>)| {
                Reject::new(line, &kind, reason, &given, Format::Protobuf)
            };
            let ran = Ran { messages, out, rejects: rejects.into_iter().map(reject).collect() };
            let written = write_ran(&ran);
            let read = RanRef::read(&written).unwrap();
            prop_assert_eq!((read.messages, read.out), (ran.messages, &ran.out[..]));
            prop_assert_eq!(read.rejects(), Some(ran.rejects));
            // In parts it is the same as whole.
            let none = write_ran(&Ran::default());
            let parts = [RanRef::read(&none).unwrap(), read];
            let done = Said::Done { number: 7, micros: 9, ran: &written }.write();
            prop_assert_eq!(Said::write_done(7, 9, &parts), done);
        }

        #[test]
        fn slices_are_what_they_are_cut_from(bytes: Vec<u8>, last in 0_usize..99, cut in 0_usize..99) {
            let mut back = Slice::last(bytes.clone(), last);
            let whole = bytes[bytes.len().saturating_sub(last)..].to_vec();
            prop_assert_eq!(&back[..], &whole[..]);
            let front = back.split_front(cut);
            prop_assert_eq!(front.len(), cut.min(whole.len()));
            prop_assert_eq!([&front[..], &back[..]].concat(), whole);
        }

        #[test]
        fn no_bytes_are_too_odd_to_read(bytes: Vec<u8>) {
            let ran = RanRef::read(&bytes).map(|ran| ran.rejects());
            let _ = (Told::read(&bytes), Said::read(&bytes), ran);
        }
    }
}
