//! The local engine: one message, or a stream of them through all cores.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::progress::Progress;
use crate::environment::Frozen;
use crate::error::{Error, Result};
use crate::harness::STACK;
use crate::invoke::{Failure, invoke};
use crate::model::{ErrorOutcome, Outcome};
use crate::registry::Entry;

/// Runs a model on one message and writes what it gives, a line each.
///
/// # Errors
///
/// A message that does not read; a model that fails, after what it gave until then.
pub(crate) fn one(
    entry: &Entry,
    env: &Frozen,
    message: &str,
    origin: &str,
    out: &mut impl Write,
) -> Result<()> {
    let mut outcome = Outcome::default();
    if let Err(failure) = invoke(entry.model, env, message, &mut outcome) {
        return Err(match failure {
            Failure::Message(error) => Error::usage(format!("{origin}: {error}")),
            _ => Error::failure(format!("{}: {failure}", entry.id)),
        });
    }
    let mut lines = String::new();
    for message in outcome.messages() {
        lines.push_str(message);
        lines.push('\n');
    }
    write(out, lines.as_bytes())?;
    match outcome.error {
        None => Ok(()),
        Some(ErrorOutcome { kind, message }) => {
            Err(Error::failure(format!("{} returned an error: {kind}: {message}", entry.id)))
        }
    }
}

fn write(out: &mut impl Write, bytes: &[u8]) -> Result<()> {
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| Error::failure(format!("can't write outcomes: {error}")))
}

/// A message that has no outcome, as `--rejects` keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Reject {
    /// Its line, from 1.
    line: u64,
    /// The error's kind, or `message`, `panic`, `outcome`.
    kind: String,
    reason: String,
    /// The message as given.
    input: String,
}

/// What a stream came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Streamed {
    pub(crate) messages: u64,
    pub(crate) rejected: u64,
}

/// How a stream is run.
pub(crate) struct Stream<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) env: &'a Frozen,
    pub(crate) threads: usize,
    pub(crate) rejects: Option<&'a Path>,
    pub(crate) progress: bool,
    /// The bytes to come, 0 where that is not known.
    pub(crate) size: u64,
}

/// Whole lines of the input.
struct Batch {
    number: u64,
    first_line: u64,
    lines: Vec<u8>,
}

/// What came of a batch.
struct Finished {
    number: u64,
    bytes: u64,
    messages: u64,
    out: Vec<u8>,
    rejects: Vec<Reject>,
}

impl Stream<'_> {
    /// Runs every line. Outcomes come in the order of the input; what is held in memory is a few
    /// batches a thread, however long the input is.
    pub(crate) fn run(&self, mut input: impl BufRead + Send, out: impl Write) -> Result<Streamed> {
        let mut rejects = match self.rejects {
            Some(path) => Some(BufWriter::new(
                File::create(path).map_err(|error| Error::io("write", path, &error))?,
            )),
            None => None,
        };
        let (send_batch, batches) = mpsc::channel::<Batch>();
        let batches = Arc::new(Mutex::new(batches));
        let (send_finished, finished) = mpsc::channel::<Finished>();
        // A batch may be read when one has been written.
        let (send_permit, permits) = mpsc::channel::<()>();
        for _ in 0..self.threads * 4 {
            let _ = send_permit.send(());
        }
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || read(&mut input, &permits, &send_batch));
            for _ in 0..self.threads {
                let (batches, finished) = (Arc::clone(&batches), send_finished.clone());
                std::thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, move || self.work(&batches, &finished))
                    .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
            }
            drop(send_finished);
            let streamed = self.write(&finished, send_permit, out, rejects.as_mut())?;
            match reader.join() {
                Ok(read) => read.map(|()| streamed),
                Err(_) => Err(Error::failure("reading the messages panicked")),
            }
        })
    }

    fn work(&self, batches: &Mutex<Receiver<Batch>>, finished: &Sender<Finished>) {
        let mut outcome = Outcome::default();
        loop {
            let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = next else { return };
            let mut done = Finished {
                number: batch.number,
                bytes: batch.lines.len() as u64,
                messages: 0,
                out: Vec::with_capacity(batch.lines.len()),
                rejects: Vec::new(),
            };
            for (line, number) in batch.lines.split(|&byte| byte == b'\n').zip(batch.first_line..) {
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                done.messages += 1;
                done.rejects.extend(self.message(line, number, &mut outcome, &mut done.out));
            }
            if finished.send(done).is_err() {
                return;
            }
        }
    }

    fn message(
        &self,
        line: &[u8],
        number: u64,
        outcome: &mut Outcome,
        out: &mut Vec<u8>,
    ) -> Option<Reject> {
        let reject = |kind: &str, reason: String| Reject {
            line: number,
            kind: kind.to_owned(),
            reason,
            input: String::from_utf8_lossy(line).trim().to_owned(),
        };
        let text = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(error) => return Some(reject("message", format!("not valid UTF-8: {error}"))),
        };
        if let Err(failure) = invoke(self.entry.model, self.env, text, outcome) {
            return Some(reject(failure.kind(), failure.to_string()));
        }
        for message in outcome.messages() {
            out.extend_from_slice(message.as_bytes());
            out.push(b'\n');
        }
        let error = outcome.error.take()?;
        Some(reject(&error.kind, error.message))
    }

    /// Writes what is finished, in the order of the input.
    fn write(
        &self,
        finished: &Receiver<Finished>,
        permits: Sender<()>,
        mut out: impl Write,
        mut rejects: Option<&mut BufWriter<File>>,
    ) -> Result<Streamed> {
        let failed =
            |error: std::io::Error| Error::failure(format!("can't write outcomes: {error}"));
        let mut progress = Progress::new(self.progress, self.size);
        let mut waiting: BTreeMap<u64, Finished> = BTreeMap::new();
        let (mut next, mut bytes) = (0, 0);
        let mut streamed = Streamed::default();
        for done in finished {
            waiting.insert(done.number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                out.write_all(&done.out).map_err(failed)?;
                streamed.messages += done.messages;
                streamed.rejected += done.rejects.len() as u64;
                for reject in &done.rejects {
                    self.reject(reject, rejects.as_deref_mut())?;
                }
                bytes += done.bytes;
                progress.at(bytes, streamed.messages);
                let _ = permits.send(());
            }
            out.flush().map_err(failed)?;
        }
        progress.end();
        if let Some(rejects) = rejects {
            rejects.flush().map_err(failed)?;
        }
        Ok(streamed)
    }

    fn reject(&self, reject: &Reject, file: Option<&mut BufWriter<File>>) -> Result<()> {
        tracing::debug!(
            model = self.entry.id,
            line = reject.line,
            kind = reject.kind,
            "{}",
            reject.reason
        );
        let Some(file) = file else {
            eprintln!("line {}: {}: {}", reject.line, reject.kind, reject.reason);
            return Ok(());
        };
        let text = serde_json::to_string(reject).unwrap_or_default();
        writeln!(file, "{text}")
            .map_err(|error| Error::failure(format!("can't write rejects: {error}")))
    }
}

/// Reads whole lines as they come: a pipe that is slow is not waited for to fill a batch.
fn read(input: &mut impl BufRead, permits: &Receiver<()>, batches: &Sender<Batch>) -> Result<()> {
    let failed = |error: std::io::Error| Error::usage(format!("can't read messages: {error}"));
    let mut number = 0;
    let mut line = 1;
    let mut partial: Vec<u8> = Vec::new();
    loop {
        let available = input.fill_buf().map_err(failed)?;
        let ended = available.is_empty();
        let length = available.len();
        let whole = available.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let mut lines = Vec::new();
        if whole > 0 || ended {
            lines = std::mem::take(&mut partial);
            lines.extend_from_slice(&available[..whole]);
        }
        partial.extend_from_slice(&available[whole..]);
        input.consume(length);
        if !lines.is_empty() {
            if permits.recv().is_err() {
                return Ok(());
            }
            let count = lines.iter().filter(|&&byte| byte == b'\n').count() as u64;
            if batches.send(Batch { number, first_line: line, lines }).is_err() {
                return Ok(());
            }
            number += 1;
            line += count;
        }
        if ended {
            return Ok(());
        }
    }
}
