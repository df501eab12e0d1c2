//! Messages that come in production, kept as lines of a suite: a sample of them, each content once,
//! up to a number of lines.
//!
//! Whoever has run a model hands over its message; a thread of our own ([`writer`]) makes a line of
//! it ([`line`]) and adds that to the file ([`file`]). No request waits for that, and none fails by
//! it.

mod file;
mod line;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, channel, sync_channel};
use std::time::{Duration, Instant};

use athena_protocol::Format;

use self::file::File;
use self::line::Job;
use self::writer::Order;
use crate::prometheus::head;
use athena_core::environment::Variables;
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_core::{display, random};

/// How many lines the file may have, by default.
const MAX: u64 = 10_000;

/// All messages, where so many of a million are kept.
const ALL: u32 = 1_000_000;

/// How many bytes a message and its outcome may have together, to be kept.
const LONGEST: usize = 1 << 20;

/// How many messages, and how many bytes of them, may wait to be written.
const WAITING: (usize, usize) = (1024, 64 << 20);

/// How long the end waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What becomes of a message that the sample has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    /// The file has it.
    Duplicate,
    /// Too many wait to be written.
    Dropped,
    /// The file has as many lines as it may.
    Full,
    /// It is too long for a line.
    Large,
    /// The model panicked: that is no outcome.
    Panic,
    /// The file can't be written.
    Failed,
}

const FATES: [&str; 7] = ["kept", "duplicate", "dropped", "full", "large", "panic", "failed"];

/// Keeps some of what comes as lines of a suite.
pub struct Capture {
    sender: SyncSender<Order>,
    shared: Arc<Shared>,
    per_million: u32,
    seed: u64,
    /// How many messages the sample was asked about.
    asked: AtomicU64,
    about: String,
}

/// What the writer and those who offer messages both see.
struct Shared {
    counts: [AtomicU64; FATES.len()],
    /// Bytes that wait to be written.
    waiting: AtomicUsize,
    /// Nothing more fits into the file.
    is_full: AtomicBool,
}

impl Shared {
    fn count(&self, fate: Fate, many: u64) {
        self.counts[fate as usize].fetch_add(many, Ordering::Relaxed);
    }
}

impl Capture {
    /// Opens the file, or creates it, and starts the thread that writes to it. A last line that was
    /// not written to its end, by a process that died, is taken away.
    ///
    /// # Errors
    ///
    /// A file that can't be read, written or locked, or is no suite; a sample or a number of lines
    /// that keeps nothing.
    pub fn open(request: &athena_protocol::Capture) -> Result<Self> {
        let per_million = request.per_million.unwrap_or(ALL).min(ALL);
        let max = request.max.unwrap_or(MAX);
        if per_million == 0 || max == 0 {
            return Err(Error::usage("a capture of no message: give --sample and --max above 0"));
        }
        let file = File::open(&request.file, max)?;
        let about = format!(
            "capturing {}% of the messages to {}, at most {max} lines, {} are there",
            f64::from(per_million) / 10_000.0,
            display::display_path(&request.file),
            file.lines()
        );
        let shared = Arc::new(Shared {
            counts: Default::default(),
            waiting: AtomicUsize::new(0),
            is_full: AtomicBool::new(file.is_full()),
        });
        let (sender, orders) = sync_channel(WAITING.0);
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("athena-capture".to_owned())
            .spawn(move || writer::write(file, &orders, &theirs))
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        let seed = random::random_u64();
        Ok(Self { sender, shared, per_million, seed, asked: AtomicU64::new(0), about })
    }

    /// What is to be said at the start: what is kept where, and which models have secrets.
    pub fn about<'a>(&self, models: impl Iterator<Item = &'a Entry>) -> Vec<String> {
        let mut about = vec![self.about.clone()];
        about.extend(models.filter_map(line::about));
        about
    }

    /// Whether the sample takes the next message: each by chance, whatever came before.
    pub fn wants(&self) -> bool {
        if self.per_million == ALL {
            return true;
        }
        let at = self.asked.fetch_add(1, Ordering::Relaxed);
        let drawn = mixed(self.seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (u128::from(drawn) * u128::from(ALL)) >> 64 < u128::from(self.per_million)
    }

    /// Keeps a message that a model was run on, under these variables, with its outcome where that
    /// is known. Returns at once. A message that no outcome came of is not for here: what a model
    /// can't read is no case, and a panic is never recorded.
    pub fn keep(
        &self,
        entry: &Entry,
        variables: &Variables,
        message: &[u8],
        format: Format,
        outcome: Option<&Outcome>,
    ) {
        if self.shared.is_full.load(Ordering::Relaxed) {
            return self.shared.count(Fate::Full, 1);
        }
        let size = message.len() + outcome.map_or(0, Outcome::size);
        if size > LONGEST {
            return self.shared.count(Fate::Large, 1);
        }
        let waiting = self.shared.waiting.fetch_add(size, Ordering::Relaxed) + size;
        let is_taken = waiting <= WAITING.1 && {
            let job = Job {
                entry: entry.clone(),
                variables: variables.clone(),
                message: message.to_vec(),
                format,
                outcome: outcome.cloned(),
            };
            self.sender.try_send(Order::Keep(Box::new(job))).is_ok()
        };
        if !is_taken {
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            self.shared.count(Fate::Dropped, 1);
        }
    }

    /// Counts a message that made its model panic.
    pub fn panicked(&self) {
        self.shared.count(Fate::Panic, 1);
    }

    /// Waits until what was kept so far is in the file, or for five seconds.
    pub fn flush(&self) {
        let (done, wait) = channel();
        let until = Instant::now() + PATIENCE;
        let mut order = Order::Flush(done);
        while let Err(TrySendError::Full(back)) = self.sender.try_send(order) {
            if Instant::now() > until {
                return;
            }
            order = back;
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = wait.recv_timeout(until.saturating_duration_since(Instant::now()));
    }

    /// Appends the counts, as Prometheus reads them.
    pub fn write_metrics(&self, out: &mut String) {
        const NAME: &str = "athena_captured_total";
        head(NAME, "counter", "Messages of the sample by what became of them.", out);
        for (fate, count) in FATES.iter().zip(&self.shared.counts) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(out, "{NAME}{{fate=\"{fate}\"}} {count}");
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.flush();
    }
}

/// A number in which every bit hangs on every bit of another: the end of `SplitMix64`.
fn mixed(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
