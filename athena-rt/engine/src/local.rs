//! The local engine: one message, or a stream of them through all cores.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use athena_protocol::Format;

use super::handler::Handler;
use super::rejects::{Reject, Rejects};
use athena_cases::message_input::unreadable;
use athena_cases::message_stream;
use athena_core::environment::ErasedEnv;
use athena_core::error::{Error, Result};
use athena_core::invoke::{Failure, invoke, set_line};
use athena_core::model::Message;
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_core::progress::Progress;
use athena_core::registry::Entry;
use athena_process::STACK_SIZE;

/// Runs a model on one message and writes its outputs, one per line.
///
/// # Errors
///
/// The message is invalid, or the model fails; earlier outputs are written.
pub fn run_one(
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
            Failure::Message(error) => unreadable(&entry.id, origin, &error),
            _ => Error::failure(format!("{}: {failure}", entry.id)),
        });
    }
    let mut bytes = Vec::new();
    match (format, outcome.single()) {
        // A single message is written as it is; in a stream each follows its length.
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
        // A closed pipe is not an error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failure(format!("can't write outcomes: {error}")))
        }
        _ => Ok(()),
    }
}

/// How many batches per thread a short input is split into.
const BATCHES_PER_THREAD: u64 = 16;

/// The counts of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSummary {
    pub messages: u64,
    pub rejected: u64,
}

/// How a stream is run.
pub struct Stream<'a> {
    pub handler: &'a Handler,
    pub threads: usize,
    pub rejects: Option<&'a Path>,
    pub progress: bool,
    /// The bytes to come, 0 if unknown.
    pub size: u64,
    pub input_format: Format,
    pub output_format: Format,
}

/// Whole messages of the input.
pub struct Batch {
    pub number: u64,
    /// The line of its first message, or the index of that message in the stream, from 1.
    pub first: u64,
    pub bytes: Vec<u8>,
}

/// A batch that was run.
struct Finished {
    number: u64,
    bytes: u64,
    ran: BatchOutcome,
}

/// The results of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// The number of messages; blank lines don't count.
    pub messages: u64,
    /// The outputs, as a stream.
    pub out: Vec<u8>,
    pub rejects: Vec<Reject>,
}

/// Runs whole messages one after another. `first` is the line of the first; `begin` is called with
/// the line of each before it runs.
pub fn run_batch(
    handler: &Handler,
    bytes: &[u8],
    first: u64,
    format: Format,
    outcome: &mut Outcome,
    begin: impl Fn(u64),
) -> BatchOutcome {
    let mut ran = BatchOutcome { out: Vec::with_capacity(bytes.len()), ..BatchOutcome::default() };
    for (message, line) in message_stream::messages(bytes, format).zip(first..) {
        let is_blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
        if format == Format::Json && message.is_ok_and(is_blank) {
            continue;
        }
        ran.messages += 1;
        let reject = |kind: &str, reason: String| {
            Reject::new(line, kind, reason, message.unwrap_or_default(), format)
        };
        begin(line);
        let done = match message {
            Ok(message) => handler.handle(message, format, outcome),
            Err(reason) => {
                ran.rejects.push(reject("message", reason.to_owned()));
                continue;
            }
        };
        if let Err(failure) = done {
            ran.rejects.push(reject(failure.kind(), reason(&failure, format)));
            continue;
        }
        outcome.write_stream(&mut ran.out);
        if let Some(error) = outcome.error.take() {
            ran.rejects.push(reject(&error.kind, error.message));
        }
    }
    ran
}

/// Why a message of a stream failed. A message of JSON is one line, whose number is shown beside the reason.
fn reason(failure: &Failure, format: Format) -> String {
    match failure {
        Failure::Message(error) if format == Format::Json && error.line == 1 => {
            format!("{} (column {})", error.without_place(), error.column)
        }
        _ => failure.to_string(),
    }
}

impl Stream<'_> {
    /// Runs every message. Outcomes are written in the order of the input. A few batches per thread are
    /// held in memory, however long the input is.
    pub fn run(&self, mut input: impl BufRead + Send, out: impl Write) -> Result<StreamSummary> {
        let rejects = Rejects::open(self.rejects)?;
        let (send_batch, batches) = mpsc::channel::<Batch>();
        let batches = Arc::new(Mutex::new(batches));
        let (send_finished, finished) = mpsc::channel::<Finished>();
        // A batch is read only after another has been written.
        let (send_permit, permits) = mpsc::channel::<()>();
        for _ in 0..self.threads * 4 {
            let _ = send_permit.send(());
        }
        let format = self.input_format;
        std::thread::scope(|scope| {
            let max_bytes = self.max_batch_bytes();
            let reader = scope
                .spawn(move || read_batches(&mut input, format, max_bytes, &permits, &send_batch));
            for _ in 0..self.threads {
                let (batches, finished) = (Arc::clone(&batches), send_finished.clone());
                std::thread::Builder::new()
                    .stack_size(STACK_SIZE)
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

    /// The largest batch in bytes. A short input is split so that all threads have work, because its
    /// messages may be slow.
    fn max_batch_bytes(&self) -> usize {
        let batches = self.threads as u64 * BATCHES_PER_THREAD;
        if self.size == 0 {
            usize::MAX
        } else {
            usize::try_from(self.size / batches).unwrap_or(usize::MAX)
        }
    }

    fn work(&self, batches: &Mutex<Receiver<Batch>>, finished: &Sender<Finished>) {
        let mut outcome = Outcome::new(self.output_format);
        loop {
            let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = next else { return };
            let format = self.input_format;
            let ran =
                run_batch(self.handler, &batch.bytes, batch.first, format, &mut outcome, set_line);
            let bytes = batch.bytes.len() as u64;
            if finished.send(Finished { number: batch.number, bytes, ran }).is_err() {
                return;
            }
        }
    }

    /// Writes finished batches in the order of the input.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "dropped with the writer, so that the reader stops waiting for permits"
    )]
    fn write(
        &self,
        finished: &Receiver<Finished>,
        permits: Sender<()>,
        mut out: impl Write,
        mut rejects: Rejects,
    ) -> Result<StreamSummary> {
        let failed =
            |error: std::io::Error| Error::failure(format!("can't write outcomes: {error}"));
        let mut progress = Progress::new(self.progress, self.size);
        let mut waiting: BTreeMap<u64, Finished> = BTreeMap::new();
        let (mut next, mut bytes) = (0, 0);
        let mut streamed = StreamSummary::default();
        'batches: for done in finished {
            waiting.insert(done.number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                match out.write_all(&done.ran.out) {
                    // A closed pipe is not an error; it ends the run.
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
        progress.close(streamed.messages);
        rejects.flush()?;
        Ok(streamed)
    }
}

/// Reads batches of whole messages. A batch is sent as soon as messages arrive, even if it is small; each
/// needs a permit.
pub fn read_batches(
    input: &mut impl BufRead,
    format: Format,
    max_bytes: usize,
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
        let whole = if length == 0 {
            bytes.len()
        } else {
            message_stream::complete_prefix_len(&bytes, searched, format)
        };
        searched = bytes.len();
        if whole > 0 {
            let rest = bytes.split_off(whole);
            let mut whole = std::mem::replace(&mut bytes, rest);
            searched = 0;
            while !whole.is_empty() {
                let rest =
                    whole.split_off(message_stream::batch_prefix_len(&whole, max_bytes, format));
                let batch = Batch { number, first, bytes: std::mem::replace(&mut whole, rest) };
                number += 1;
                first += message_stream::count(&batch.bytes, format);
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
