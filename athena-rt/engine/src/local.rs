//! The local engine: one message, or a stream of them through all cores.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use athena_protocol::Format;

use super::handler::Handler;
use super::progress::Progress;
use super::rejects::{Reject, Rejects};
use athena_cases::frame;
use athena_core::environment::ErasedEnv;
use athena_core::error::{Error, Result};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_core::registry::Entry;
use athena_process::STACK;

/// Runs a model on one message and writes what it gives, a line each.
///
/// # Errors
///
/// A message that does not read; a model that fails, after what it gave until then.
pub fn one(
    entry: &Entry,
    env: &ErasedEnv,
    message: Message<'_>,
    origin: &str,
    format: Format,
    out: &mut impl Write,
) -> Result<()> {
    let mut outcome = Outcome::new(format);
    if let Err(failure) = invoke(entry.model, env, message, &mut outcome) {
        return Err(match failure {
            Failure::Message(error) => Error::usage(format!("{origin}: {error}")),
            _ => Error::failure(format!("{}: {failure}", entry.id)),
        });
    }
    let mut bytes = Vec::new();
    match (format, outcome.single()) {
        // One message alone is the message's own bytes; in a stream each stands behind its length.
        (Format::Protobuf, Some(single)) if !entry.model.source().many => bytes.extend(single),
        _ => outcome.write_stream(&mut bytes),
    }
    write(out, &bytes)?;
    match outcome.error {
        None => Ok(()),
        Some(ErrorOutcome { kind, message }) => {
            tracing::info!(model = entry.id, kind, "{message}");
            Err(Error::failure(format!("{} returned an error: {kind}: {message}", entry.id)))
        }
    }
}

fn write(out: &mut impl Write, bytes: &[u8]) -> Result<()> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // A reader that has enough is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failure(format!("can't write outcomes: {error}")))
        }
        _ => Ok(()),
    }
}

/// Into how many batches for each thread a short input is cut.
const PARTS: u64 = 16;

/// What a stream came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streamed {
    pub messages: u64,
    pub rejected: u64,
}

/// How a stream is run.
pub struct Stream<'a> {
    pub handler: &'a Handler,
    pub threads: usize,
    pub rejects: Option<&'a Path>,
    pub progress: bool,
    /// The bytes to come, 0 where that is not known.
    pub size: u64,
    pub input_format: Format,
    pub output_format: Format,
}

/// Whole messages of the input.
pub struct Batch {
    pub number: u64,
    /// The line of its first message, or how many messages are before it, from 1.
    pub first: u64,
    pub bytes: Vec<u8>,
}

/// A batch that was run.
struct Finished {
    number: u64,
    bytes: u64,
    ran: Ran,
}

/// What came of whole messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// How many there were; blank lines are none.
    pub messages: u64,
    /// What the model gave, as a stream has it.
    pub out: Vec<u8>,
    pub rejects: Vec<Reject>,
}

/// Runs whole messages one after the other. `first`: the line of the first.
pub fn run(
    handler: &Handler,
    bytes: &[u8],
    first: u64,
    format: Format,
    outcome: &mut Outcome,
) -> Ran {
    let mut ran = Ran { out: Vec::with_capacity(bytes.len()), ..Ran::default() };
    for (message, line) in frame::messages(bytes, format).zip(first..) {
        let is_blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
        if format == Format::Json && message.is_ok_and(is_blank) {
            continue;
        }
        ran.messages += 1;
        let reject = |kind: &str, reason: String| {
            Reject::new(line, kind, reason, message.unwrap_or_default(), format)
        };
        let done = match message {
            Ok(message) => handler.handle(message, format, outcome),
            Err(reason) => {
                ran.rejects.push(reject("message", reason.to_owned()));
                continue;
            }
        };
        if let Err(failure) = done {
            ran.rejects.push(reject(failure.kind(), failure.to_string()));
            continue;
        }
        outcome.write_stream(&mut ran.out);
        if let Some(error) = outcome.error.take() {
            ran.rejects.push(reject(&error.kind, error.message));
        }
    }
    ran
}

impl Stream<'_> {
    /// Runs every line. Outcomes come in the order of the input; what is held in memory is a few
    /// batches a thread, however long the input is.
    pub fn run(&self, mut input: impl BufRead + Send, out: impl Write) -> Result<Streamed> {
        let rejects = Rejects::open(self.rejects)?;
        let (send_batch, batches) = mpsc::channel::<Batch>();
        let batches = Arc::new(Mutex::new(batches));
        let (send_finished, finished) = mpsc::channel::<Finished>();
        // A batch may be read when one has been written.
        let (send_permit, permits) = mpsc::channel::<()>();
        for _ in 0..self.threads * 4 {
            let _ = send_permit.send(());
        }
        let format = self.input_format;
        std::thread::scope(|scope| {
            let most = self.share();
            let reader = scope.spawn(move || read(&mut input, format, most, &permits, &send_batch));
            for _ in 0..self.threads {
                let (batches, finished) = (Arc::clone(&batches), send_finished.clone());
                std::thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, move || self.work(&batches, &finished))
                    .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
            }
            drop(send_finished);
            let streamed = self.write(&finished, send_permit, out, rejects)?;
            match reader.join() {
                Ok(read) => read.map(|()| streamed),
                Err(_) => Err(Error::failure("reading the messages panicked")),
            }
        })
    }

    /// How many bytes a batch is to have at most, so that a short input keeps all threads at work: its
    /// messages may take long.
    fn share(&self) -> usize {
        let parts = self.threads as u64 * PARTS;
        if self.size == 0 {
            usize::MAX
        } else {
            usize::try_from(self.size / parts).unwrap_or(usize::MAX)
        }
    }

    fn work(&self, batches: &Mutex<Receiver<Batch>>, finished: &Sender<Finished>) {
        let mut outcome = Outcome::new(self.output_format);
        loop {
            let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = next else { return };
            let ran = run(self.handler, &batch.bytes, batch.first, self.input_format, &mut outcome);
            let bytes = batch.bytes.len() as u64;
            if finished.send(Finished { number: batch.number, bytes, ran }).is_err() {
                return;
            }
        }
    }

    /// Writes what is finished, in the order of the input.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "dropped with the writer, so that the reader waits for no permit any more"
    )]
    fn write(
        &self,
        finished: &Receiver<Finished>,
        permits: Sender<()>,
        mut out: impl Write,
        mut rejects: Rejects,
    ) -> Result<Streamed> {
        let failed =
            |error: std::io::Error| Error::failure(format!("can't write outcomes: {error}"));
        let mut progress = Progress::new(self.progress, self.size);
        let mut waiting: BTreeMap<u64, Finished> = BTreeMap::new();
        let (mut next, mut bytes) = (0, 0);
        let mut streamed = Streamed::default();
        'batches: for done in finished {
            waiting.insert(done.number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                match out.write_all(&done.ran.out) {
                    // A reader that has enough is no error, and ends the run.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break 'batches,
                    written => written.map_err(failed)?,
                }
                streamed.messages += done.ran.messages;
                streamed.rejected += done.ran.rejects.len() as u64;
                for reject in &done.ran.rejects {
                    rejects.add(&self.handler.entry.id, reject)?;
                }
                bytes += done.bytes;
                progress.at(bytes, streamed.messages);
                let _ = permits.send(());
            }
            match out.flush() {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                flushed => flushed.map_err(failed)?,
            }
        }
        progress.end();
        rejects.flush()?;
        Ok(streamed)
    }
}

/// Reads whole messages as they come: a pipe that is slow is not waited for to fill a batch. Each
/// needs a permit.
pub fn read(
    input: &mut impl BufRead,
    format: Format,
    most: usize,
    permits: &Receiver<()>,
    batches: &Sender<Batch>,
) -> Result<()> {
    let failed = |error: std::io::Error| Error::usage(format!("can't read messages: {error}"));
    let (mut number, mut first) = (0, 1);
    let mut bytes: Vec<u8> = Vec::new();
    let mut searched = 0;
    loop {
        let available = input.fill_buf().map_err(failed)?;
        let length = available.len();
        bytes.extend_from_slice(available);
        input.consume(length);
        let whole = if length == 0 { bytes.len() } else { frame::whole(&bytes, searched, format) };
        searched = bytes.len();
        if whole > 0 {
            let rest = bytes.split_off(whole);
            let mut whole = std::mem::replace(&mut bytes, rest);
            searched = 0;
            while !whole.is_empty() {
                let rest = whole.split_off(frame::front(&whole, most, format));
                let batch = Batch { number, first, bytes: std::mem::replace(&mut whole, rest) };
                number += 1;
                first += frame::count(&batch.bytes, format);
                if permits.recv().is_err() || batches.send(batch).is_err() {
                    return Ok(());
                }
            }
        }
        if length == 0 {
            return Ok(());
        }
    }
}
