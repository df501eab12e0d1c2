//! The thread that writes the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::file::CaptureFile;
use super::line::{CaptureLine, CapturedMessage, LineFormatter};
use super::shared::{CaptureStatus, Shared};
use athena_core::error::Error;

/// How many lines are written at once, at most.
const BATCH: usize = 256;

/// How often a full file is checked: somebody may have moved it away.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// A command to the writer.
pub(super) enum Command {
    Add(Box<CapturedMessage>),
    /// Reports when all earlier commands are done.
    Flush(Sender<()>),
}

struct Writer<'a> {
    file: CaptureFile,
    formatter: LineFormatter,
    shared: &'a Shared,
    /// Whether the last message failed; only the first failure in a row is logged.
    is_failing: bool,
}

/// Writes until the capture is dropped.
pub(super) fn write(file: CaptureFile, commands: &Receiver<Command>, shared: &Shared) {
    let mut writer =
        Writer { file, formatter: LineFormatter::default(), shared, is_failing: false };
    loop {
        let first = match commands.recv_timeout(CHECK_INTERVAL) {
            Ok(command) => command,
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
        for command in std::iter::once(first).chain(commands.try_iter().take(BATCH)) {
            match command {
                Command::Add(message) => batch.extend(writer.format(&message)),
                Command::Flush(done) => waiting.push(done),
            }
        }
        writer.add(&batch);
        for done in waiting {
            // The caller may have stopped waiting.
            let _ = done.send(());
        }
    }
}

impl Writer<'_> {
    fn format(&mut self, message: &CapturedMessage) -> Option<CaptureLine> {
        self.shared.waiting.fetch_sub(message.size(), Ordering::Relaxed);
        // The description of a type runs its defaults, which are the user's code.
        let formatter = &mut self.formatter;
        let line = catch_unwind(AssertUnwindSafe(|| formatter.format(message)));
        let line = line.unwrap_or_else(|_| Err(Error::failure("a default of its type panics")));
        line.inspect_err(|error| self.fail(1, error)).ok()
    }

    fn add(&mut self, batch: &[CaptureLine]) {
        match self.file.add(batch) {
            Ok(added) => {
                self.is_failing = false;
                self.shared.count(CaptureStatus::Kept, added.kept);
                self.shared.count(CaptureStatus::Duplicate, added.duplicate);
                self.shared.count(CaptureStatus::Full, added.full);
                let is_full = self.file.is_full();
                let was_full = self.shared.is_full.swap(is_full, Ordering::Relaxed);
                if is_full && !was_full {
                    tracing::warn!(
                        "{} is full; further messages are not captured",
                        self.file.display_path()
                    );
                }
            }
            Err(error) => self.fail(batch.len() as u64, &error),
        }
    }

    fn fail(&mut self, many: u64, error: &Error) {
        self.shared.count(CaptureStatus::Failed, many);
        if !std::mem::replace(&mut self.is_failing, true) {
            tracing::warn!("can't capture a message: {error}");
        }
    }
}
