//! What a job was like: the rate of each rank, and the slowest batches.

use std::time::{Duration, Instant};

use super::cut::Place;

/// How many batches are named.
const SLOWEST: usize = 5;

/// How many ranks are named one by one.
const RANKS: usize = 16;

#[derive(Debug)]
pub(super) struct Summary {
    began: Instant,
    workers: Vec<Worker>,
    slowest: Vec<Slow>,
}

#[derive(Clone, Debug)]
struct Worker {
    name: String,
    messages: u64,
    batches: u64,
    busy: Duration,
}

#[derive(Clone, Debug)]
struct Slow {
    took: Duration,
    place: Place,
    messages: u64,
    worker: usize,
}

impl Summary {
    /// `names`: what the workers are called.
    pub(super) fn new(names: Vec<String>) -> Self {
        let worker = |name| Worker { name, messages: 0, batches: 0, busy: Duration::ZERO };
        Self {
            began: Instant::now(),
            workers: names.into_iter().map(worker).collect(),
            slowest: Vec::new(),
        }
    }

    /// What a worker is called.
    pub(super) fn name(&self, worker: usize) -> &str {
        &self.workers[worker].name
    }

    /// A worker has run a batch.
    pub(super) fn add(&mut self, worker: usize, place: Place, messages: u64, took: Duration) {
        let at = &mut self.workers[worker];
        at.messages += messages;
        at.batches += 1;
        at.busy += took;
        self.slowest.push(Slow { took, place, messages, worker });
        self.slowest.sort_by_key(|slow| std::cmp::Reverse(slow.took));
        self.slowest.truncate(SLOWEST);
    }

    /// In words, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-9);
        #[allow(clippy::cast_precision_loss, reason = "for the eye")]
        let rate = |messages: u64| format!("{:.0}/s", messages as f64 / seconds);
        let mut lines = Vec::new();
        let mut ranked: Vec<&Worker> = self.workers.iter().collect();
        let total: u64 = ranked.iter().map(|worker| worker.messages).sum();
        lines.push(format!("{total} messages in {seconds:.1} s, {}", rate(total)));
        if ranked.len() > RANKS {
            ranked.sort_by_key(|worker| worker.messages);
            let some = [0, ranked.len() / 2, ranked.len() - 1].map(|at| ranked[at]);
            lines.push(format!(
                "of {} ranks that run models, the least, the middle and the most:",
                ranked.len()
            ));
            ranked = some.to_vec();
        }
        for worker in ranked {
            lines.push(format!(
                "{}: {} messages in {} batches, {}, at work {:.0} % of the time",
                worker.name,
                worker.messages,
                worker.batches,
                rate(worker.messages),
                // Two batches that overlap count twice.
                (100.0 * worker.busy.as_secs_f64() / seconds).min(100.0)
            ));
        }
        if !self.slowest.is_empty() {
            lines.push("the slowest batches:".to_owned());
        }
        for slow in &self.slowest {
            lines.push(format!(
                "  {:.3} s for {} messages from line {} on, by {}",
                slow.took.as_secs_f64(),
                slow.messages,
                slow.place.first,
                self.workers[slow.worker].name
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_named_and_many_ranks_are_three() {
        let mut summary = Summary::new((1..=40).map(|rank| format!("rank {rank}")).collect());
        for number in 0..20 {
            let place = Place { number, offset: 0, length: 1, first: number + 1 };
            summary.add(7, place, 2, Duration::from_millis(number));
        }
        let lines = summary.lines();
        assert!(lines[0].starts_with("40 messages in "), "{lines:?}");
        assert_eq!(lines.len(), 1 + 1 + 3 + 1 + SLOWEST);
        assert!(lines[4].starts_with("rank 8: 40 messages in 20 batches, "), "{lines:?}");
        assert_eq!(lines[6], "  0.019 s for 2 messages from line 20 on, by rank 8");
    }
}
