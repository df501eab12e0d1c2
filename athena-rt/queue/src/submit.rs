//! The `submit` command: checks each message as the model would read it, then sends it.

use std::io::{BufRead, IsTerminal as _};
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

use athena_protocol::{Exit, Format, Messages, Submit};

use super::retry::{block_on, retry};
use crate::broker::Producer;
use crate::envelope::Envelope;
use crate::open;
use crate::recording::Recording;
use athena_cases::message_input;
use athena_cases::message_stream;
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::progress::Progress;
use athena_core::random;
use athena_core::registry::{Entry, Registry};
use athena_core::stdio::print_stderr;
use athena_engine::local::{self, Batch};
use athena_engine::rejects::{Reject, Rejects};
use athena_telemetry::Export;

/// The maximum number and approximate size of messages in one request.
const MAX: usize = 512;
const MOST_BYTES: usize = 1 << 20;

/// The maximum number of input batches in memory.
const AHEAD: usize = 4;

/// Submits messages to a queue.
///
/// # Errors
///
/// The model or the queue does not exist, the input can't be read, the broker is unreachable, or a single
/// message is invalid. Of many messages, invalid ones are rejects.
pub fn submit(
    registry: &Registry,
    package_root: &Path,
    quiet: bool,
    request: &Submit,
) -> Result<Exit> {
    let entry = registry.find(&request.model)?;
    let to = open::address(&request.to)?;
    let run = request.run.as_deref().map(check_run).transpose()?;
    let run = run.map_or_else(|| format!("{:016x}", random::random_u64()), str::to_owned);
    let telemetry = Export::start()?;
    let recording = Recording::new(&to);
    let to_model = Submitter { entry, format: request.input_format, run, recording };
    let streams = matches!(request.messages, Messages::Lines(_) | Messages::StdinLines);
    let submitted = if streams {
        let (input, _) = message_input::lines(entry, &request.messages, request.input_format)?;
        let size = match &request.messages {
            Messages::Lines(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            _ => 0,
        };
        let rejects = Rejects::open(request.rejects.as_deref())?;
        if !quiet {
            // At the beginning: who is killed has no end.
            print_stderr(&format!(
                "run {}; if it is interrupted, the same command with --run {} goes on",
                to_model.run, to_model.run
            ));
        }
        let progress = Progress::new(!quiet && std::io::stderr().is_terminal(), size);
        block_on(async {
            let producer = retry(async || open::producer(&to).await).await?;
            to_model.all(&*producer, input, rejects, progress).await
        })
    } else {
        let envelope = to_model.one(package_root, &request.messages)?;
        block_on(async {
            let producer = retry(async || open::producer(&to).await).await?;
            let envelopes = [check_size(&*producer, envelope).map_err(Error::usage)?];
            let began = Instant::now();
            let stored = retry(async || producer.store(&envelopes).await).await;
            to_model.recording.sent(&envelopes, began, stored.is_ok());
            stored.map(|()| Submitted { messages: 1, rejected: 0 })
        })
    };
    telemetry.finish();
    let Submitted { messages, rejected } = submitted?;
    if !quiet {
        print_stderr(&format!("submitted {} to {}", plural(messages, "message"), to.redacted));
    }
    if let (1.., Some(rejects)) = (rejected, &request.rejects) {
        let total = plural(messages + rejected, "message");
        print_stderr(&format!("{rejected} of {total} rejected, written to {}", rejects.display()));
    }
    Ok(if rejected > 0 { Exit::Failure } else { Exit::Success })
}

/// Checks the name of a run, which is part of ids.
fn check_run(name: &str) -> Result<&str> {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=60).contains(&name.len()) && name.bytes().all(is_legal) {
        return Ok(name);
    }
    Err(Error::usage(format!("--run {name:?}: not a name of a run"))
        .help("use at most 60 letters, digits, '.', '_' and '-'"))
}

/// The counts of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Submitted {
    messages: u64,
    rejected: u64,
}

/// Submits messages to one model.
struct Submitter<'a> {
    entry: &'a Entry,
    format: Format,
    /// Distinguishes this run's messages from all others.
    run: String,
    recording: Recording,
}

impl Submitter<'_> {
    /// Sends a stream of messages. A few batches of the input are in memory at a time.
    async fn all(
        &self,
        producer: &dyn Producer,
        mut input: impl BufRead + Send + 'static,
        mut rejects: Rejects,
        mut progress: Progress,
    ) -> Result<Submitted> {
        let (send_batch, batches) = mpsc::channel::<Batch>();
        let (send_permit, permits) = mpsc::channel();
        for _ in 0..AHEAD {
            let _ = send_permit.send(());
        }
        let format = self.format;
        // Not joined on failure: it may wait for the next line of a terminal.
        let reader = std::thread::spawn(move || {
            local::read_batches(&mut input, format, usize::MAX, &permits, &send_batch)
        });
        let mut submitted = Submitted::default();
        let mut ready = PendingBatch::default();
        let mut bytes = 0;
        for batch in batches {
            for (message, line) in message_stream::messages(&batch.bytes, format).zip(batch.first..)
            {
                if format == Format::Json && message.is_ok_and(is_blank) {
                    continue;
                }
                let envelope = self.envelope(message, line);
                match envelope.and_then(|envelope| check_size(producer, envelope)) {
                    Ok(envelope) => ready.add(envelope, line),
                    Err(reason) => {
                        let given = message.unwrap_or_default();
                        let reject = Reject::new(line, "message", reason, given, format);
                        rejects.add(&self.entry.id, &reject)?;
                        submitted.rejected += 1;
                    }
                }
                if ready.is_full() {
                    ready.send(producer, &self.recording, &mut submitted).await?;
                }
            }
            // Messages of a slow pipe are sent at once.
            ready.send(producer, &self.recording, &mut submitted).await?;
            bytes += batch.bytes.len() as u64;
            progress.at(bytes, submitted.messages);
            let _ = send_permit.send(());
        }
        progress.end();
        rejects.flush()?;
        match reader.join() {
            Ok(read) => read.map(|()| submitted),
            Err(_) => Err(Error::failure("reading the messages panicked")),
        }
    }

    /// Reads a single message.
    fn one(&self, package_root: &Path, messages: &Messages) -> Result<Envelope> {
        let (bytes, origin) = match self.format {
            Format::Protobuf => message_input::bytes(messages)?,
            Format::Json => {
                // Recorded cases, which may be several, cannot be requested here.
                let mut all =
                    message_input::all(self.entry, Path::new(""), package_root, messages)?;
                let message = all.swap_remove(0);
                (message.text.into_bytes(), message.origin)
            }
        };
        self.envelope(Ok(&bytes), 1).map_err(|reason| Error::usage(format!("{origin}: {reason}")))
    }

    /// A hash of the model and a message that is the same in every process (FNV-1a).
    fn hash(&self, message: &[u8]) -> u32 {
        let bytes = self.entry.id.bytes().chain([0]).chain(message.iter().copied());
        bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// The envelope of a message.
    ///
    /// # Errors
    ///
    /// Why the model can't read the message.
    fn envelope(&self, given: Result<&[u8], &str>, line: u64) -> Result<Envelope, String> {
        let bytes = given?;
        let (message, bytes) = match self.format {
            Format::Protobuf => (Message::Protobuf(bytes), bytes),
            Format::Json => {
                let text = std::str::from_utf8(bytes)
                    .map_err(|error| format!("not valid UTF-8: {error}"))?
                    .trim();
                (Message::Json(text), text.as_bytes())
            }
        };
        self.entry.model.check(message).map_err(|error| error.to_string())?;
        let mut envelope = Envelope {
            // The same for each attempt and for the same command again, so that the message is stored
            // once. Another message in this line has another id.
            id: format!("{}-{line}-{:08x}", self.run, self.hash(bytes)),
            model: self.entry.id.clone(),
            format: self.format,
            bytes: bytes.to_vec(),
            ..Envelope::default()
        };
        self.recording.create(&mut envelope);
        Ok(envelope)
    }
}

/// Messages that are collected for one request.
#[derive(Default)]
struct PendingBatch {
    envelopes: Vec<Envelope>,
    bytes: usize,
    /// The line numbers of the first and the last message.
    lines: Option<(u64, u64)>,
}

impl PendingBatch {
    fn add(&mut self, envelope: Envelope, line: u64) {
        self.bytes += envelope.bytes.len();
        self.envelopes.push(envelope);
        self.lines = Some((self.lines.map_or(line, |(first, _)| first), line));
    }

    fn is_full(&self) -> bool {
        self.envelopes.len() >= MAX || self.bytes >= MOST_BYTES
    }

    async fn send(
        &mut self,
        producer: &dyn Producer,
        recording: &Recording,
        submitted: &mut Submitted,
    ) -> Result<()> {
        let Some((first, last)) = self.lines else { return Ok(()) };
        let began = Instant::now();
        let stored = retry(async || producer.store(&self.envelopes).await).await;
        recording.sent(&self.envelopes, began, stored.is_ok());
        stored.map_err(|error| {
            error.context(format!(
                "submitted all messages before line {first}, possibly some up to line {last}, none after"
            ))
        })?;
        submitted.messages += self.envelopes.len() as u64;
        *self = Self::default();
        Ok(())
    }
}

/// A envelope that the queue takes.
fn check_size(producer: &dyn Producer, envelope: Envelope) -> Result<Envelope, String> {
    producer.rejection(&envelope).map_or(Ok(envelope), Err)
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::test_support::memory_broker::MemoryBroker;
    use crate::test_support::models::registry;

    /// Sends a stream; gives what came of it, and what was rejected.
    fn send(to: &MemoryBroker, input: &[u8], format: Format) -> (Result<Submitted>, String) {
        let registry = registry();
        let to_model = Submitter {
            entry: registry.find("double").unwrap(),
            format,
            run: "nightly".to_owned(),
            recording: Recording::for_queue("memory", "tasks"),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.jsonl");
        let rejects = Rejects::open(Some(&path)).unwrap();
        let input = Cursor::new(input.to_vec());
        let sent = block_on(to_model.all(to, input, rejects, Progress::new(false, 0)));
        (sent, std::fs::read_to_string(path).unwrap())
    }

    #[test]
    fn each_message_is_read_as_the_model_would_and_only_then_sent() {
        let to = MemoryBroker::new();
        let lines = b"{\"value\":1}\r\n\n{\"valeu\":2}\n{\"value\":3} \nnonsense";
        let (sent, rejects) = send(&to, lines, Format::Json);
        assert_eq!(sent, Ok(Submitted { messages: 2, rejected: 2 }));
        let envelopes = to.envelopes();
        let bytes: Vec<&[u8]> = envelopes.iter().map(|envelope| &*envelope.bytes).collect();
        assert_eq!(bytes, [br#"{"value":1}"#, br#"{"value":3}"#]);
        let ids: Vec<&str> = envelopes.iter().map(|envelope| &*envelope.id).collect();
        assert!(ids[0].starts_with("nightly-1-") && ids[1].starts_with("nightly-4-"), "{ids:?}");
        // The same command again: nothing is stored twice. Another message in a line is stored.
        send(&to, lines, Format::Json).0.unwrap();
        assert_eq!(to.envelopes(), envelopes);
        send(&to, b"{\"value\":9}\n", Format::Json).0.unwrap();
        assert_eq!(to.envelopes().len(), 3);
        assert!(envelopes.iter().all(|envelope| envelope.model.ends_with("::double")));
        let (first, second) = rejects.split_once('\n').unwrap();
        assert!(first.contains(r#""line":3"#) && first.contains("valeu"), "{first}");
        assert!(second.contains(r#""line":5"#) && second.contains("nonsense"), "{second}");
    }

    #[test]
    fn protocol_buffers_are_sent_without_their_length() {
        let to = MemoryBroker::new();
        let (sent, rejects) = send(&to, &[2, 0x08, 1, 1, 0xff, 9], Format::Protobuf);
        assert_eq!(sent, Ok(Submitted { messages: 1, rejected: 2 }));
        let envelopes = to.envelopes();
        assert_eq!((&*envelopes[0].bytes, envelopes[0].format), (&[0x08, 1][..], Format::Protobuf));
        assert!(rejects.contains("ends inside a message"), "{rejects}");
    }

    #[test]
    fn an_unconfirmed_message_is_not_stored_twice() {
        let to = MemoryBroker::new();
        to.lose_next(2);
        let lines = "{\"value\":1}\n".repeat(MAX + 1);
        let (sent, _) = send(&to, lines.as_bytes(), Format::Json);
        let all = MAX as u64 + 1;
        assert_eq!(sent, Ok(Submitted { messages: all, rejected: 0 }));
        assert_eq!(to.envelopes().len() as u64, all);
    }

    #[test]
    fn an_unreachable_broker_is_an_error_that_says_what_was_sent() {
        let to = MemoryBroker::new();
        to.fail_next(u32::MAX);
        let (sent, _) = send(&to, b"\n{\"value\":1}\n{\"value\":2}\n", Format::Json);
        let error = sent.unwrap_err();
        assert_eq!(error.exit(), Exit::Failure);
        let message = "submitted all messages before line 2, possibly some up to line 3, none after: \
                       the broker is away";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_stream_without_messages_is_submitted_as_it_is_run() {
        let to = MemoryBroker::new();
        let (sent, rejects) = send(&to, b"\n  \n", Format::Json);
        assert_eq!((sent, &*rejects), (Ok(Submitted::default()), ""));
    }

    #[test]
    fn a_single_invalid_message_is_a_usage_error() {
        let registry = registry();
        let entry = registry.find("double").unwrap();
        let recording = Recording::for_queue("memory", "tasks");
        let run = "nightly".to_owned();
        let to_model = Submitter { entry, format: Format::Json, run, recording };
        let one = |text: &str| to_model.one(Path::new(""), &Messages::Text(text.to_owned()));
        assert_eq!(one(" {\"value\":1}\n").unwrap().bytes, br#"{"value":1}"#);
        let error = one("{}").unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
        assert!(error.to_string().starts_with("--message: "), "{error}");
    }
}
