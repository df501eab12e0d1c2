//! The summary of a job: the rate of each rank, and the slowest batches.

use std::time::{Duration, Instant};

use super::chunker::BatchSpan;
use athena_core::display::plural;

/// The number of batches that are listed.
const MAX_SLOWEST: usize = 5;

/// The number of ranks up to which all are listed.
const MAX_RANKS: usize = 16;

/// The measurements of a running job.
#[derive(Debug)]
pub(super) struct Summary {
    began: Instant,
    workers: Vec<WorkerStats>,
    slowest: Vec<SlowBatch>,
}

#[derive(Clone, Debug)]
struct WorkerStats {
    name: String,
    messages: u64,
    batches: u64,
    busy: Duration,
}

#[derive(Clone, Debug)]
struct SlowBatch {
    took: Duration,
    batch: BatchSpan,
    messages: u64,
    worker: usize,
}

impl Summary {
    /// `names` has the names of the workers.
    pub(super) fn new(names: Vec<String>) -> Self {
        let worker = |name| WorkerStats { name, messages: 0, batches: 0, busy: Duration::ZERO };
        Self {
            began: Instant::now(),
            workers: names.into_iter().map(worker).collect(),
            slowest: Vec::new(),
        }
    }

    /// The name of a worker.
    pub(super) fn name(&self, worker: usize) -> &str {
        &self.workers[worker].name
    }

    /// Adds a batch that a worker has run.
    pub(super) fn add(&mut self, worker: usize, batch: BatchSpan, messages: u64, took: Duration) {
        let stats = &mut self.workers[worker];
        stats.messages += messages;
        stats.batches += 1;
        stats.busy += took;
        self.slowest.push(SlowBatch { took, batch, messages, worker });
        self.slowest.sort_by_key(|slow| std::cmp::Reverse(slow.took));
        self.slowest.truncate(MAX_SLOWEST);
    }

    /// The lines of the printed summary.
    pub(super) fn lines(&self) -> Vec<String> {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-9);
        #[allow(clippy::cast_precision_loss, reason = "shown to people")]
        let rate = |messages: u64| format!("{:.0}/s", messages as f64 / seconds);
        let mut lines = Vec::new();
        let mut ranked: Vec<&WorkerStats> = self.workers.iter().collect();
        let total: u64 = ranked.iter().map(|worker| worker.messages).sum();
        lines.push(format!("{} in {seconds:.1} s, {}", plural(total, "message"), rate(total)));
        if ranked.len() > MAX_RANKS {
            ranked.sort_by_key(|worker| worker.messages);
            let shown = [0, ranked.len() / 2, ranked.len() - 1].map(|at| ranked[at]);
            lines.push(format!(
                "{} ranks ran messages; those with the fewest, the median and the most:",
                ranked.len()
            ));
            ranked = shown.to_vec();
        }
        for worker in ranked {
            lines.push(format!(
                "{}: {} in {}, {}, busy {:.0} % of the time",
                worker.name,
                plural(worker.messages, "message"),
                batches(worker.batches),
                rate(worker.messages),
                // Two batches that overlap count twice.
                (100.0 * worker.busy.as_secs_f64() / seconds).min(100.0)
            ));
        }
        if !self.slowest.is_empty() {
            lines.push("slowest batches:".to_owned());
        }
        for slow in &self.slowest {
            lines.push(format!(
                "  {:.3} s for {} from line {}, by {}",
                slow.took.as_secs_f64(),
                plural(slow.messages, "message"),
                slow.batch.first,
                self.workers[slow.worker].name
            ));
        }
        lines
    }
}

fn batches(count: u64) -> String {
    if count == 1 { "1 batch".to_owned() } else { format!("{count} batches") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_batches_and_three_of_many_ranks_are_listed() {
        let mut summary = Summary::new((1..=40).map(|rank| format!("rank {rank}")).collect());
        for number in 0..20 {
            let batch = BatchSpan { number, offset: 0, length: 1, first: number + 1 };
            summary.add(7, batch, 2, Duration::from_millis(number));
        }
        let lines = summary.lines();
        assert!(lines[0].starts_with("40 messages in "), "{lines:?}");
        assert_eq!(lines.len(), 1 + 1 + 3 + 1 + MAX_SLOWEST);
        assert!(lines[4].starts_with("rank 8: 40 messages in 20 batches, "), "{lines:?}");
        assert_eq!(lines[6], "  0.019 s for 2 messages from line 20, by rank 8");
    }
}
