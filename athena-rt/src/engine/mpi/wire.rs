//! What ranks say to each other, and a rank to the process that runs its models: a kind, numbers of
//! eight bytes, then bytes as they are.

use serde::{Deserialize, Serialize};

use crate::engine::local::Ran;
use crate::engine::rejects::Reject;
use crate::environment::Variables;
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
}

impl Told<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        match self {
            Self::Begin(orders) => message(b'B', &[], &[orders]),
            Self::Batch(job) => message(b'M', &[job.number, job.first], &[job.bytes]),
            Self::Alive => message(b'A', &[], &[]),
            Self::End => message(b'E', &[], &[]),
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
        match self {
            Self::Hello(host) => message(b'H', &[], &[host]),
            Self::Done { number, micros, ran } => message(b'D', &[*number, *micros], &[ran]),
            Self::Alive => message(b'A', &[], &[]),
            Self::Bye => message(b'X', &[], &[]),
            Self::Failed { exit, words } => message(b'F', &[], &[&[*exit], words.as_bytes()]),
        }
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

/// Writes what came of messages: how many, the length of the rejects, the rejects as lines of JSON,
/// then what the model gave.
pub(super) fn write_ran(ran: &Ran) -> Vec<u8> {
    let mut rejects = Vec::new();
    for reject in &ran.rejects {
        // Numbers and texts: nothing in them can't be written.
        let _ = serde_json::to_writer(&mut rejects, reject);
        rejects.push(b'\n');
    }
    let mut bytes = Vec::with_capacity(16 + rejects.len() + ran.out.len());
    bytes.extend_from_slice(&ran.messages.to_le_bytes());
    bytes.extend_from_slice(&(rejects.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&rejects);
    bytes.extend_from_slice(&ran.out);
    bytes
}

/// How many messages something is about that [`write_ran`] has written.
pub(super) fn messages_of(ran: &[u8]) -> u64 {
    numbers(ran).map_or(0, |([messages], _)| messages)
}

/// None where the bytes are not what [`write_ran`] writes.
pub(super) fn read_ran(bytes: &[u8]) -> Option<Ran> {
    let ([messages, length], rest) = numbers(bytes)?;
    let (rejects, out) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let rejects = serde_json::Deserializer::from_slice(rejects).into_iter::<Reject>();
    let rejects = rejects.collect::<Result<_, _>>().ok()?;
    Some(Ran { messages, rejects, out: out.to_vec() })
}

fn message(kind: u8, numbers: &[u64], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(1 + 8 * numbers.len() + length);
    bytes.push(kind);
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
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
            prop_assert_eq!(read_ran(&write_ran(&ran)), Some(ran));
        }

        #[test]
        fn no_bytes_are_too_odd_to_read(bytes: Vec<u8>) {
            let _ = (Told::read(&bytes), Said::read(&bytes), read_ran(&bytes));
        }
    }
}
