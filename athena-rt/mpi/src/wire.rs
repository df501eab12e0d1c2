//! The messages between ranks: a kind, numbers of eight bytes, and then bytes. The model's messages and
//! outcomes are not changed on their way, and copied only to combine them with other bytes.

use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use athena_core::environment::Variables;
use athena_engine::local::BatchOutcome;
use athena_engine::rejects::Reject;
use athena_protocol::Format;

/// A message to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ToWorker<'a> {
    /// The [`JobConfig`] in JSON, which comes first.
    Begin(&'a [u8]),
    Batch(Batch<'a>),
    /// A heartbeat.
    Alive,
    /// The worker ends.
    End,
}

/// Whole messages to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch<'a> {
    pub(super) number: u64,
    /// The line of the first message, from 1.
    pub(super) first: u64,
    pub(super) bytes: &'a [u8],
}

/// The configuration of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JobConfig {
    /// The model's id.
    pub(super) model: String,
    /// Its variables, as the manager has them.
    pub(super) variables: Variables,
    pub(super) input_format: Format,
    pub(super) output_format: Format,
    pub(super) threads: usize,
    /// The number of crashes, alone in its process, after which a message is rejected.
    pub(super) crashes: u32,
    /// The maximum time of a message.
    pub(super) timeout_ms: Option<u64>,
    /// The maximum memory of a model process, in bytes.
    pub(super) memory_limit: Option<u64>,
}

/// A message from a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FromWorker<'a> {
    /// The worker has started: its [`Host`] in JSON.
    Hello(&'a [u8]),
    /// A batch was run. `outcomes` is written by [`encode_outcomes`].
    Done { number: u64, micros: u64, outcomes: &'a [u8] },
    /// A heartbeat.
    Alive,
    /// The last message of the worker.
    Goodbye,
    /// The worker failed, with an exit code and an error message.
    Failed { exit: u8, message: &'a str },
}

/// The host of a worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) name: String,
    /// The number of cores that the worker may use.
    pub(super) cores: usize,
    /// Whether the host has more cores, so that these are the worker's own.
    pub(super) is_bound: bool,
    /// The version of the runtime.
    pub(super) version: String,
    /// The build of the program.
    pub(super) build: u64,
}

/// A range of bytes that are shared with other ranges.
#[derive(Clone, Debug)]
pub(super) struct SharedBytes {
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl SharedBytes {
    /// The last bytes, at most `length` of them.
    pub(super) fn from_end(bytes: Vec<u8>, length: usize) -> Self {
        let range = bytes.len().saturating_sub(length)..bytes.len();
        Self { bytes: Arc::new(bytes), range }
    }

    /// Splits off the first bytes, at most `length` of them.
    pub(super) fn split_front(&mut self, length: usize) -> Self {
        let end = self.range.end.min(self.range.start + length);
        let front = Self { bytes: Arc::clone(&self.bytes), range: self.range.start..end };
        self.range.start = end;
        front
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl ToWorker<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes);
        bytes
    }

    /// Writes the message to `bytes`, after clearing them.
    pub(super) fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        match self {
            Self::Begin(config) => append(bytes, b'B', &[], &[config]),
            Self::Batch(batch) => {
                append(bytes, b'M', &[batch.number, batch.first], &[batch.bytes]);
            }
            Self::Alive => append(bytes, b'A', &[], &[]),
            Self::End => append(bytes, b'E', &[], &[]),
        }
    }

    /// Returns `None` if the bytes are not a message to a worker.
    pub(super) fn read(bytes: &[u8]) -> Option<ToWorker<'_>> {
        let (kind, rest) = bytes.split_first()?;
        Some(match kind {
            b'B' => ToWorker::Begin(rest),
            b'M' => {
                let ([number, first], bytes) = numbers(rest)?;
                ToWorker::Batch(Batch { number, first, bytes })
            }
            b'A' if rest.is_empty() => ToWorker::Alive,
            b'E' if rest.is_empty() => ToWorker::End,
            _ => return None,
        })
    }
}

impl FromWorker<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Hello(host) => append(&mut bytes, b'H', &[], &[host]),
            Self::Done { number, micros, outcomes } => {
                append(&mut bytes, b'D', &[*number, *micros], &[outcomes]);
            }
            Self::Alive => append(&mut bytes, b'A', &[], &[]),
            Self::Goodbye => append(&mut bytes, b'X', &[], &[]),
            Self::Failed { exit, message } => {
                append(&mut bytes, b'F', &[], &[&[*exit], message.as_bytes()]);
            }
        }
        bytes
    }

    /// [`FromWorker::Done`] for a batch that was run in parts.
    pub(super) fn write_done(number: u64, micros: u64, parts: &[EncodedOutcomes<'_>]) -> Vec<u8> {
        let messages = parts.iter().map(|part| part.messages).sum();
        let rejects: usize = parts.iter().map(|part| part.rejects.len()).sum();
        let out: usize = parts.iter().map(|part| part.out.len()).sum();
        let mut bytes = Vec::with_capacity(DONE_HEADER_SIZE + rejects + out);
        append(&mut bytes, b'D', &[number, micros, messages, rejects as u64], &[]);
        for part in parts {
            bytes.extend_from_slice(part.rejects);
        }
        for part in parts {
            bytes.extend_from_slice(part.out);
        }
        bytes
    }

    /// Returns `None` if the bytes are not a message from a worker.
    pub(super) fn read(bytes: &[u8]) -> Option<FromWorker<'_>> {
        let (kind, rest) = bytes.split_first()?;
        Some(match kind {
            b'H' => FromWorker::Hello(rest),
            b'D' => {
                let ([number, micros], outcomes) = numbers(rest)?;
                FromWorker::Done { number, micros, outcomes }
            }
            b'A' if rest.is_empty() => FromWorker::Alive,
            b'X' if rest.is_empty() => FromWorker::Goodbye,
            b'F' => {
                let (exit, message) = rest.split_first()?;
                FromWorker::Failed { exit: *exit, message: std::str::from_utf8(message).ok()? }
            }
            _ => return None,
        })
    }
}

/// The number of bytes of [`FromWorker::Done`] before rejects and outcomes.
const DONE_HEADER_SIZE: usize = 1 + 4 * 8;

/// The outcomes of messages, as they are sent between ranks and stored in the journal: the number of
/// messages, the length of the rejects, the rejects as lines of JSON, and the model's outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EncodedOutcomes<'a> {
    pub(super) messages: u64,
    rejects: &'a [u8],
    pub(super) out: &'a [u8],
}

impl<'a> EncodedOutcomes<'a> {
    /// Returns `None` if the bytes are not encoded outcomes.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let ([messages, length], rest) = numbers(bytes)?;
        let (rejects, out) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some(Self { messages, rejects, out })
    }

    /// Returns `None` if the rejects can't be read.
    pub(super) fn rejects(&self) -> Option<Vec<Reject>> {
        let rejects = serde_json::Deserializer::from_slice(self.rejects).into_iter();
        rejects.collect::<Result<_, _>>().ok()
    }
}

/// Encodes everything but the model's outcomes, which follow.
pub(super) fn encode_outcomes_head(ran: &BatchOutcome) -> Vec<u8> {
    let mut rejects = Vec::new();
    for reject in &ran.rejects {
        // Numbers and strings can always be written.
        let _ = serde_json::to_writer(&mut rejects, reject);
        rejects.push(b'\n');
    }
    let mut bytes = Vec::with_capacity(16 + rejects.len());
    bytes.extend_from_slice(&ran.messages.to_le_bytes());
    bytes.extend_from_slice(&(rejects.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&rejects);
    bytes
}

/// Encodes outcomes for [`EncodedOutcomes`].
pub(super) fn encode_outcomes(ran: &BatchOutcome) -> Vec<u8> {
    let mut bytes = encode_outcomes_head(ran);
    bytes.extend_from_slice(&ran.out);
    bytes
}

/// The number of messages of encoded outcomes.
pub(super) fn message_count(outcomes: &[u8]) -> u64 {
    numbers(outcomes).map_or(0, |([messages], _)| messages)
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
        fn messages_to_workers_are_read_back(number: u64, first: u64, bytes: Vec<u8>) {
            for message in [
                ToWorker::Begin(&bytes),
                ToWorker::Batch(Batch { number, first, bytes: &bytes }),
                ToWorker::Alive,
                ToWorker::End,
            ] {
                let written = message.write();
                prop_assert_eq!(ToWorker::read(&written), Some(message));
            }
        }

        #[test]
        fn messages_from_workers_are_read_back(
            number: u64, micros: u64, exit: u8, bytes: Vec<u8>, text: String,
        ) {
            for message in [
                FromWorker::Hello(&bytes),
                FromWorker::Done { number, micros, outcomes: &bytes },
                FromWorker::Alive,
                FromWorker::Goodbye,
                FromWorker::Failed { exit, message: &text },
            ] {
                let written = message.write();
                prop_assert_eq!(FromWorker::read(&written), Some(message));
            }
        }

        #[test]
        fn outcomes_are_read_back(
            messages: u64, out: Vec<u8>, rejects: Vec<(u64, String, String, Vec<u8>)>,
        ) {
            let reject = |(line, kind, reason, given): (u64, String, String, Vec<u8>)| {
                Reject::new(line, &kind, reason, &given, Format::Protobuf)
            };
            let ran = BatchOutcome { messages, out, rejects: rejects.into_iter().map(reject).collect() };
            let written = encode_outcomes(&ran);
            let read = EncodedOutcomes::read(&written).unwrap();
            prop_assert_eq!((read.messages, read.out), (ran.messages, &ran.out[..]));
            prop_assert_eq!(read.rejects(), Some(ran.rejects));
            // Parts are encoded like the whole.
            let none = encode_outcomes(&BatchOutcome::default());
            let parts = [EncodedOutcomes::read(&none).unwrap(), read];
            let done = FromWorker::Done { number: 7, micros: 9, outcomes: &written }.write();
            prop_assert_eq!(FromWorker::write_done(7, 9, &parts), done);
        }

        #[test]
        fn shared_bytes_are_those_they_are_split_from(bytes: Vec<u8>, last in 0_usize..99, cut in 0_usize..99) {
            let mut back = SharedBytes::from_end(bytes.clone(), last);
            let whole = bytes[bytes.len().saturating_sub(last)..].to_vec();
            prop_assert_eq!(&back[..], &whole[..]);
            let front = back.split_front(cut);
            prop_assert_eq!(front.len(), cut.min(whole.len()));
            prop_assert_eq!([&front[..], &back[..]].concat(), whole);
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let ran = EncodedOutcomes::read(&bytes).map(|ran| ran.rejects());
            let _ = (ToWorker::read(&bytes), FromWorker::read(&bytes), ran);
        }
    }
}
