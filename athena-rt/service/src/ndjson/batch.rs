//! Lines that run one after another on a plain model, and their results.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use athena_protocol::Format;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::line_splitter::Lines;
use super::recorder::LineRecorder;
use super::result_line::ResultLine;
use crate::execute::handle_on;
use crate::metrics::MessageCounts;
use crate::models::ServedModel;
use crate::scheduler::RunsOn;
use crate::timers::Timers;
use athena_core::outcome::Outcome;

/// How long the results of a batch are waited for together. Those of a batch that takes longer are sent as they come.
const TOGETHER: Duration = Duration::from_millis(5);

/// The most memory that is reserved for results that are not there yet, in bytes.
const MOST_RESERVED: usize = 64 << 10;

/// A batch that runs.
pub(super) struct Batch {
    lines: Lines,
    results: Mutex<Results>,
    /// Notified when the batch ends, and for each result while somebody waits for it.
    changed: Notify,
}

#[derive(Default)]
struct Results {
    /// Results that were not taken, one per line.
    bytes: Vec<u8>,
    /// The number of results, also of those that were taken.
    count: usize,
    /// Whether each is waited for by itself, since the batch is not quick.
    is_awaited: bool,
    has_ended: bool,
    /// The rest of the batch is not needed any more.
    is_abandoned: bool,
}

/// What came of waiting for a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The results of all lines up to this number of them, without those that were taken before.
    Results(usize, Vec<u8>),
    /// No result came within the limit: the batch is abandoned.
    Late,
    /// The batch ended without a result of each line.
    Ended,
}

/// Tells those who wait that a batch has ended, also if it never ran.
struct End(Arc<Batch>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Batch {
    pub(super) fn new(lines: Lines) -> Arc<Self> {
        Arc::new(Self { lines, results: Mutex::default(), changed: Notify::new() })
    }

    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Ends a batch that could not begin.
    pub(super) fn end(&self) {
        self.lock().has_ended = true;
        self.changed.notify_one();
    }

    /// The work of the batch.
    pub(super) fn work(
        self: &Arc<Self>,
        model: Arc<ServedModel>,
        result_line: ResultLine,
        recorder: Option<LineRecorder>,
    ) -> impl FnOnce(RunsOn) + Send + use<> {
        let end = End(Arc::clone(self));
        move |runs_on| end.0.run(runs_on, &model, &result_line, recorder.as_ref())
    }

    fn run(
        &self,
        runs_on: RunsOn,
        model: &ServedModel,
        result_line: &ResultLine,
        recorder: Option<&LineRecorder>,
    ) {
        let began = Instant::now();
        let mut outcome = Outcome::new(Format::Json);
        let mut counts = MessageCounts::new(&model.metrics);
        for (number, line) in self.lines.iter() {
            let line_began = recorder.map(|_| Instant::now());
            let handled = handle_on(model, runs_on, line, Format::Json, &mut outcome);
            let mut results = self.lock();
            if results.is_abandoned {
                return;
            }
            let status = result_line.write(number, handled, &mut outcome, &mut results.bytes);
            if results.count == 0 {
                // The others are about as long.
                let rest = (self.lines.len() - 1) * (results.bytes.len() + 8);
                results.bytes.reserve(rest.min(MOST_RESERVED));
            }
            results.count += 1;
            let is_awaited = results.is_awaited;
            drop(results);
            counts.add(status);
            if is_awaited {
                counts.flush();
                self.changed.notify_one();
            }
            if let (Some(recorder), Some(began)) = (recorder, line_began) {
                recorder.record(number, began, status);
            }
        }
        let count = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        model.latency.record_many(began.elapsed(), count);
    }

    /// Whether the batch ends soon enough to send its results together with what was there before.
    pub(super) async fn ends_soon(&self, timers: &Timers) -> bool {
        let is_known = |results: &Results| results.has_ended || results.is_awaited;
        if !is_known(&self.lock()) {
            timers.limit(TOGETHER, self.changed.notified()).await;
        }
        self.lock().has_ended
    }

    /// Waits for results behind the first `taken`.
    pub(super) async fn next(&self, taken: usize, limit: Duration) -> Progress {
        let mut is_late = false;
        loop {
            {
                let mut results = self.lock();
                if results.count > taken {
                    return Progress::Results(results.count, std::mem::take(&mut results.bytes));
                }
                if results.has_ended {
                    return Progress::Ended;
                }
                if is_late {
                    results.is_abandoned = true;
                    return Progress::Late;
                }
                results.is_awaited = true;
            }
            is_late = timeout(limit, self.changed.notified()).await.is_err();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
