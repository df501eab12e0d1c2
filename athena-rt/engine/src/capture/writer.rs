//! The one thread that writes what is kept.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::file::File;
use super::line::{Job, Line, Lines};
use super::{Fate, Shared};
use athena_core::error::Error;

/// How many lines are written at once.
const BATCH: usize = 256;

/// How often a file that is full is looked at again: somebody may have moved it away.
const AGAIN: Duration = Duration::from_secs(10);

/// What the writer is to do.
pub(super) enum Order {
    Keep(Box<Job>),
    /// Say when all that came before is done.
    Flush(Sender<()>),
}

struct Writer<'a> {
    file: File,
    lines: Lines,
    shared: &'a Shared,
    /// That it fails is said once, until it works again.
    failing: bool,
}

/// Writes until nobody is left to give orders.
pub(super) fn write(file: File, orders: &Receiver<Order>, shared: &Shared) {
    let mut writer = Writer { file, lines: Lines::default(), shared, failing: false };
    loop {
        let first = match orders.recv_timeout(AGAIN) {
            Ok(order) => order,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if shared.is_full.load(Ordering::Relaxed) {
                    writer.add(&[]);
                }
                continue;
            }
        };
        let mut batch = Vec::new();
        let mut waiting = Vec::new();
        for order in std::iter::once(first).chain(orders.try_iter().take(BATCH)) {
            match order {
                Order::Keep(job) => batch.extend(writer.line(&job)),
                Order::Flush(done) => waiting.push(done),
            }
        }
        writer.add(&batch);
        for done in waiting {
            // Who asked may have lost patience.
            let _ = done.send(());
        }
    }
}

impl Writer<'_> {
    fn line(&mut self, job: &Job) -> Option<Line> {
        self.shared.waiting.fetch_sub(job.size(), Ordering::Relaxed);
        // Defaults, which describe a type, are the user's code.
        let lines = &mut self.lines;
        let line = catch_unwind(AssertUnwindSafe(|| lines.line(job)));
        let line = line.unwrap_or_else(|_| Err(Error::failure("a default of its type panics")));
        line.inspect_err(|error| self.fail(1, error)).ok()
    }

    fn add(&mut self, batch: &[Line]) {
        match self.file.add(batch) {
            Ok(added) => {
                self.failing = false;
                self.shared.count(Fate::Kept, added.kept);
                self.shared.count(Fate::Duplicate, added.duplicate);
                self.shared.count(Fate::Full, added.full);
                let is_full = self.file.is_full();
                let was_full = self.shared.is_full.swap(is_full, Ordering::Relaxed);
                if is_full && !was_full {
                    tracing::warn!("{} is full: nothing more is captured", self.file.place());
                }
            }
            Err(error) => self.fail(batch.len() as u64, &error),
        }
    }

    fn fail(&mut self, many: u64, error: &Error) {
        self.shared.count(Fate::Failed, many);
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!("a message is not captured: {error}");
        }
    }
}
