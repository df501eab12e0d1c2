//! Captures a sample of the messages in production as lines of a suite: equal messages once, up to a
//! number of lines.
//!
//! Engines pass each message after they have run it. A thread (`writer`) formats it as a line
//! ([`line`]) and appends that to the file ([`file`]). No request waits for the file, and none fails
//! because of it.

mod file;
mod line;
mod shared;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, channel, sync_channel};
use std::time::{Duration, Instant};

use athena_protocol::Format;
use athena_protocol::text::plural;

use self::file::CaptureFile;
use self::line::CapturedMessage;
use self::shared::{CaptureStatus, Shared};
use self::writer::Command;
use crate::prometheus::{Exposition, MetricKind};
use athena_core::environment::Variables;
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_core::{display, random};

/// The largest number of lines of the file, by default.
const MAX: u64 = 10_000;

/// The sample per million that takes all messages.
const ALL: u32 = 1_000_000;

/// The largest size of a message together with its outcome, in bytes.
const LONGEST: usize = 1 << 20;

/// How many messages may wait for the writer.
const QUEUE_LENGTH: usize = 1024;

/// How many bytes of messages may wait for the writer.
const QUEUE_BYTES: usize = 64 << 20;

/// How long a flush waits for the writer.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Captures a sample of messages.
pub struct Capture {
    sender: SyncSender<Command>,
    shared: Arc<Shared>,
    per_million: u32,
    seed: u64,
    /// How many messages there were.
    offered: AtomicU64,
    description: String,
}

impl Capture {
    /// Opens or creates the file, and starts the writer. Removes an incomplete last line, which a process
    /// left that died.
    ///
    /// # Errors
    ///
    /// The file can't be read, written or locked, or is not a suite; the sample or the number of lines is
    /// zero.
    pub fn open(request: &athena_protocol::Capture) -> Result<Self> {
        let per_million = request.per_million.unwrap_or(ALL).min(ALL);
        let max = request.max.unwrap_or(MAX);
        if per_million == 0 || max == 0 {
            return Err(Error::usage("the capture would take no message")
                .help("use values above 0 for --sample and --max"));
        }
        let file = CaptureFile::open(&request.file, max)?;
        let description = format!(
            "capturing {}% of the messages to {}, up to {}; it has {}",
            f64::from(per_million) / 10_000.0,
            display::display_path(&request.file),
            plural(max, "line"),
            plural(file.cases(), "line")
        );
        let shared = Arc::new(Shared::new(file.is_full()));
        let (sender, commands) = sync_channel(QUEUE_LENGTH);
        let writer_shared = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("athena-capture".to_owned())
            .spawn(move || writer::write(file, &commands, &writer_shared))
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        let seed = random::random_u64();
        Ok(Self { sender, shared, per_million, seed, offered: AtomicU64::new(0), description })
    }

    /// Describes the capture: the sample, the file, and the models with secrets.
    pub fn describe<'a>(&self, models: impl Iterator<Item = &'a Entry>) -> Vec<String> {
        let mut lines = vec![self.description.clone()];
        lines.extend(models.filter_map(line::describe_secrets));
        lines
    }

    /// Whether the next message is in the sample: at random, independent of earlier messages.
    pub fn should_sample(&self) -> bool {
        if self.per_million == ALL {
            return true;
        }
        let at = self.offered.fetch_add(1, Ordering::Relaxed);
        let random = mix(self.seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (u128::from(random) * u128::from(ALL)) >> 64 < u128::from(self.per_million)
    }

    /// Adds a message that was run with these variables, and its outcome if that is known. Returns at
    /// once. Not for failures: a message that the model can't read is not a case, and a panic is never
    /// recorded.
    pub fn add(
        &self,
        entry: &Entry,
        variables: &Variables,
        message: &[u8],
        format: Format,
        outcome: Option<&Outcome>,
    ) {
        if self.shared.is_full.load(Ordering::Relaxed) {
            return self.shared.count(CaptureStatus::Full, 1);
        }
        let size = message.len() + outcome.map_or(0, Outcome::size);
        if size > LONGEST {
            return self.shared.count(CaptureStatus::Large, 1);
        }
        let waiting = self.shared.waiting.fetch_add(size, Ordering::Relaxed) + size;
        let is_taken = waiting <= QUEUE_BYTES && {
            let captured = CapturedMessage {
                entry: entry.clone(),
                variables: variables.clone(),
                message: message.to_vec(),
                format,
                outcome: outcome.cloned(),
            };
            self.sender.try_send(Command::Add(Box::new(captured))).is_ok()
        };
        if !is_taken {
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            self.shared.count(CaptureStatus::Dropped, 1);
        }
    }

    /// Counts a message whose model panicked.
    pub fn count_panic(&self) {
        self.shared.count(CaptureStatus::Panic, 1);
    }

    /// Waits until all captured messages are in the file, for at most five seconds.
    pub fn flush(&self) {
        let (done, wait) = channel();
        let until = Instant::now() + FLUSH_TIMEOUT;
        let mut command = Command::Flush(done);
        while let Err(TrySendError::Full(back)) = self.sender.try_send(command) {
            if Instant::now() > until {
                return;
            }
            command = back;
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = wait.recv_timeout(until.saturating_duration_since(Instant::now()));
    }

    /// Writes the metrics of the capture.
    pub fn write_metrics(&self, out: &mut Exposition) {
        let help = "Messages of the sample by whether they were kept.";
        let mut captured = out.family("athena_captured_total", MetricKind::Counter, help);
        for (status, count) in self.shared.counts() {
            captured.sample(&[("fate", status)], count);
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The finalizer of `SplitMix64`: every bit depends on every bit of the input.
fn mix(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
