//! What goes through the pipes between a worker and the processes that run its models: frames, each
//! behind its length.

use std::time::Duration;

use athena_protocol::Format;
use serde::{Deserialize, Serialize};

use crate::letter::Kind;
use athena_core::environment::Variables;

/// Says to a process that it is one, and how it begins what it says.
pub const PROCESS_VARIABLE: &str = "ATHENA_PROCESS";

/// What a process is told first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Orders {
    /// Each model's id, and its variables as they were set when the worker began.
    pub(super) models: Vec<(String, Variables)>,
    pub(super) overridable: bool,
    pub(super) timeout: Duration,
    pub(super) memory_limit: Option<u64>,
}

/// A message on its way to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job<'a> {
    pub(super) number: u64,
    /// Its place in the orders.
    pub(super) model: u16,
    pub(super) format: Format,
    /// `traceparent`; one that is longer than 255 bytes is none.
    pub(super) trace: &'a str,
    pub(super) message: &'a [u8],
}

/// What a process says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) number: u64,
    pub(super) took: Duration,
    pub(super) what: What,
    /// The outcome, or words.
    pub(super) bytes: Vec<u8>,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing yet: the process is ready.
    Ready,
    Outcome(Kind),
    /// It can't be read: trying again is of no use.
    Unreadable,
    /// The model panicked, or gave what can't be written.
    Failed,
    /// It takes too long; the process ends.
    Late,
    /// The process has taken too much memory, and ends.
    Large,
}

const WHATS: [What; 8] = [
    What::Ready,
    What::Outcome(Kind::Output),
    What::Outcome(Kind::Outputs),
    What::Outcome(Kind::Error),
    What::Unreadable,
    What::Failed,
    What::Late,
    What::Large,
];

/// The bytes of a length.
const LENGTH: usize = 4;

/// No frame is longer: what comes is not what a process says.
const LONGEST: usize = 1 << 30;

impl Job<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let trace = if self.trace.len() > 255 { "" } else { self.trace };
        frame(out, |out| {
            out.extend_from_slice(&self.number.to_le_bytes());
            out.extend_from_slice(&self.model.to_le_bytes());
            out.push(u8::from(self.format == Format::Protobuf));
            out.push(u8::try_from(trace.len()).unwrap_or_default());
            out.extend_from_slice(trace.as_bytes());
            out.extend_from_slice(self.message);
        });
    }

    /// None where the bytes are no job.
    pub(super) fn read(bytes: &[u8]) -> Option<Job<'_>> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (model, rest) = rest.split_first_chunk()?;
        let ([format, length], rest) = rest.split_first_chunk()?;
        let (trace, message) = rest.split_at_checked(usize::from(*length))?;
        Some(Job {
            number: u64::from_le_bytes(*number),
            model: u16::from_le_bytes(*model),
            format: if *format == 0 { Format::Json } else { Format::Protobuf },
            trace: std::str::from_utf8(trace).ok()?,
            message,
        })
    }
}

/// Writes what came of a message.
pub(super) fn write_done(
    number: u64,
    took: Duration,
    what: What,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>),
) {
    frame(out, |out| {
        out.extend_from_slice(&number.to_le_bytes());
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        out.extend_from_slice(&micros.to_le_bytes());
        let at = WHATS.iter().position(|known| *known == what).unwrap_or_default();
        out.push(u8::try_from(at).unwrap_or_default());
        write(out);
    });
}

impl Done {
    /// None where the bytes are not what a process says.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (micros, rest) = rest.split_first_chunk()?;
        let (what, rest) = rest.split_first()?;
        Some(Self {
            number: u64::from_le_bytes(*number),
            took: Duration::from_micros(u32::from_le_bytes(*micros).into()),
            what: *WHATS.get(usize::from(*what))?,
            bytes: rest.to_vec(),
        })
    }
}

/// Writes a frame: its length, then what is written.
pub(super) fn frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; LENGTH]);
    write(out);
    // Longer ones are refused where they are read.
    let length = u32::try_from(out.len() - start - LENGTH).unwrap_or(u32::MAX);
    out[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
}

/// Cuts what comes through a pipe into frames.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    /// How much of the bytes was given out.
    given: usize,
}

impl Frames {
    pub(super) fn fill(&mut self, more: &[u8]) {
        if self.given == self.bytes.len() {
            self.bytes.clear();
        } else if self.given > 0 {
            self.bytes.drain(..self.given);
        }
        self.given = 0;
        self.bytes.extend_from_slice(more);
    }

    /// The next whole frame.
    ///
    /// # Errors
    ///
    /// It is too long to be one.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, &'static str> {
        let rest = &self.bytes[self.given..];
        let Some((length, rest)) = rest.split_first_chunk::<LENGTH>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err("what came through the pipe is no frame");
        }
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        self.given += LENGTH + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_however_it_is_cut() {
        let job = Job {
            number: 7,
            model: 3,
            format: Format::Protobuf,
            trace: "00-1-2-01",
            message: b"abc",
        };
        let mut bytes = Vec::new();
        job.write(&mut bytes);
        let took = Duration::from_micros(12);
        for what in WHATS {
            write_done(8, took, what, &mut bytes, |out| out.extend_from_slice(b"{}"));
        }
        for step in 1..=bytes.len() {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for part in bytes.chunks(step) {
                frames.fill(part);
                while let Some(frame) = frames.next().unwrap() {
                    found.push(frame.to_vec());
                }
            }
            assert_eq!(Job::read(&found[0]), Some(job), "in steps of {step}");
            let done: Vec<_> = found[1..].iter().map(|frame| Done::read(frame).unwrap()).collect();
            assert!(done.iter().all(|done| done.number == 8 && done.took == took));
            assert!(done.iter().map(|done| done.what).eq(WHATS));
        }
    }

    #[test]
    fn what_is_no_frame_is_told() {
        let mut frames = Frames::default();
        frames.fill(b"Hello, world");
        assert!(frames.next().is_err());
        assert_eq!(Done::read(b"short"), None);
        assert_eq!(Job::read(b"short"), None);
    }
}
