//! Chooses the worker that gets the next batch, and the size of the batch: each worker has two in
//! flight, which take about the same time. Nothing here sends or waits.

use std::collections::BTreeMap;
use std::time::Duration;

use super::chunker::BatchTarget;

/// The limits of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchSizes {
    /// The time that a worker should need for a batch.
    pub(super) target_time: Duration,
    /// The maximum number of bytes, unless one message is larger.
    pub(super) max_bytes: usize,
}

impl Default for BatchSizes {
    fn default() -> Self {
        Self { target_time: Duration::from_millis(75), max_bytes: 16 << 20 }
    }
}

/// The number of batches that a worker has: one that runs and one that waits.
const MAX_IN_FLIGHT: usize = 2;

/// The number of bytes of the first batch, before a time was measured: so few that the batch has one
/// message per thread, since even a short message may take an hour.
const FIRST_BYTES: usize = 1;

/// Towards the end batches become smaller, so that all workers end together, down to this fraction
/// of the usual size.
const MIN_FRACTION: usize = 16;

/// The factor by which a batch may be larger than the one before it.
const MAX_GROWTH: usize = 8;

/// Distributes batches over the workers.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    sizes: BatchSizes,
    workers: Vec<WorkerLoad>,
    /// The worker that got the last batch.
    last: usize,
}

#[derive(Debug)]
struct WorkerLoad {
    threads: u64,
    /// The number of bytes that take about the target time.
    bytes: usize,
    /// The size of each batch, by its number.
    in_flight: BTreeMap<u64, usize>,
}

impl LoadBalancer {
    /// `threads` has the number of threads of each worker.
    pub(super) fn new(sizes: BatchSizes, threads: &[usize]) -> Self {
        let worker = |&threads: &usize| WorkerLoad {
            threads: threads as u64,
            bytes: FIRST_BYTES,
            in_flight: BTreeMap::new(),
        };
        Self { sizes, workers: threads.iter().map(worker).collect(), last: 0 }
    }

    /// The worker that gets the next batch and the size of the batch, if `left` bytes of the input are
    /// left. Returns `None` while all workers have enough.
    pub(super) fn next(&self, left: u64) -> Option<(usize, BatchTarget)> {
        let count = self.workers.len();
        // The worker with the fewest batches, in turn among equals.
        let turn = |at: usize| (at + count - self.last - 1) % count;
        let at = (0..count).min_by_key(|&at| (self.workers[at].in_flight.len(), turn(at)))?;
        let worker = &self.workers[at];
        if worker.in_flight.len() >= MAX_IN_FLIGHT {
            return None;
        }
        let share = usize::try_from(left / (2 * count as u64)).unwrap_or(usize::MAX);
        let least = worker.bytes.div_ceil(MIN_FRACTION);
        let bytes = worker.bytes.min(share.max(least)).min(self.sizes.max_bytes);
        Some((at, BatchTarget { bytes, messages: worker.threads, max_bytes: self.sizes.max_bytes }))
    }

    /// Records that a worker got a batch.
    pub(super) fn assign(&mut self, worker: usize, number: u64, bytes: usize) {
        self.last = worker;
        self.workers[worker].in_flight.insert(number, bytes);
    }

    /// Records that a worker has run a batch. Returns whether the worker had it.
    pub(super) fn complete(&mut self, worker: usize, number: u64, took: Duration) -> bool {
        let BatchSizes { target_time, max_bytes } = self.sizes;
        let Some(worker) = self.workers.get_mut(worker) else { return false };
        let Some(bytes) = worker.in_flight.remove(&number) else { return false };
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size that is about right; a cast saturates"
        )]
        let ideal =
            (bytes as f64 * target_time.as_secs_f64() / took.as_secs_f64().max(1e-6)) as usize;
        // Half-way, so that one unusual batch changes little, but quickly up from the small first one.
        let middle = worker.bytes / 2 + ideal / 2;
        let grown = worker.bytes.max(bytes).saturating_mul(MAX_GROWTH);
        worker.bytes = middle.clamp(1, grown).min(max_bytes);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: u64 = 1 << 40;

    #[test]
    fn two_batches_are_in_flight_and_idle_workers_come_first() {
        let mut balancer = LoadBalancer::new(BatchSizes::default(), &[1, 1, 1]);
        let mut got = Vec::new();
        let mut number = 0;
        while let Some((worker, target)) = balancer.next(LONG) {
            got.push(worker);
            balancer.assign(worker, number, target.bytes);
            number += 1;
        }
        let mut each = got[..3].to_vec();
        each.sort_unstable();
        assert_eq!((got.len(), each), (6, vec![0, 1, 2]));
        let number = got.iter().position(|&worker| worker == 1).unwrap() as u64;
        assert!(balancer.complete(1, number, Duration::from_millis(1)));
        assert_eq!(balancer.next(LONG).map(|(worker, _)| worker), Some(1));
        assert!(
            !balancer.complete(1, number, Duration::from_millis(1)),
            "the worker no longer has the batch"
        );
        assert!(!balancer.complete(7, 0, Duration::ZERO), "the worker does not exist");
    }

    #[test]
    fn batches_approach_the_target_time() {
        for (nanos_per_byte, wanted) in [(10.0, 7_500_000), (1_000.0, 75_000), (1e8, 1)] {
            let mut balancer = LoadBalancer::new(BatchSizes::default(), &[1]);
            for number in 0..40 {
                let (worker, target) = balancer.next(LONG).unwrap();
                balancer.assign(worker, number, target.bytes);
                let bytes = f64::from(u32::try_from(target.bytes).unwrap());
                let took = Duration::from_secs_f64(bytes * nanos_per_byte / 1e9);
                assert!(balancer.complete(worker, number, took));
            }
            let (_, target) = balancer.next(LONG).unwrap();
            assert!(target.bytes.abs_diff(wanted) <= wanted / 10, "{} of {wanted}", target.bytes);
        }
    }

    #[test]
    fn a_batch_is_limited_in_size_and_small_at_the_end() {
        let mut balancer = LoadBalancer::new(
            BatchSizes { max_bytes: 1_000_000, ..BatchSizes::default() },
            &[3, 3],
        );
        for number in 0..40 {
            balancer.assign(0, number, 1_000_000);
            assert!(balancer.complete(0, number, Duration::ZERO));
        }
        let target = |balancer: &LoadBalancer, left| balancer.next(left).unwrap().1;
        balancer.assign(1, 99, 1);
        assert_eq!(
            target(&balancer, LONG),
            BatchTarget { bytes: 1_000_000, messages: 3, max_bytes: 1_000_000 }
        );
        assert_eq!(target(&balancer, 400_000).bytes, 100_000);
        assert_eq!(target(&balancer, 10).bytes, 1_000_000 / MIN_FRACTION);
    }

    #[test]
    fn few_short_messages_that_take_long_go_to_all_workers() {
        let workers = 16;
        let mut balancer = LoadBalancer::new(BatchSizes::default(), &vec![2; workers]);
        let (mut left, mut number) = (1_000 * 13, 0);
        let mut assigned = vec![0; workers];
        while left > 0 {
            while let Some((worker, target)) = balancer.next(left)
                && left > 0
            {
                // As the input is split: enough bytes, and at least one message per thread.
                let bytes = target.bytes.div_ceil(13).max(2) * 13;
                left = left.saturating_sub(bytes as u64);
                assigned[worker] += bytes / 13;
                balancer.assign(worker, number, bytes);
                number += 1;
            }
            for worker in 0..workers {
                let oldest = balancer.workers[worker].in_flight.first_key_value();
                let Some((&done, _)) = oldest else { continue };
                assert!(balancer.complete(worker, done, Duration::from_secs(10)));
            }
        }
        let (least, most) = (assigned.iter().min().unwrap(), assigned.iter().max().unwrap());
        assert!(most - least <= 4, "{assigned:?}");
    }
}
