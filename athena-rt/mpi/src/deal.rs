//! Which worker gets the next batch, and how large it is: two in flight a worker, each of about the
//! same time. Nothing here sends or waits.

use std::collections::BTreeMap;
use std::time::Duration;

use super::cut::Want;

/// How batches are sized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    /// How long a batch is to take a worker.
    pub(super) time: Duration,
    /// How many bytes it may have at most, unless one message has more.
    pub(super) most: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { time: Duration::from_millis(75), most: 16 << 20 }
    }
}

/// How many batches a worker has: one that runs and one that waits.
const IN_FLIGHT: usize = 2;

/// How many bytes the first batch has, before any time was measured: none, so a message a thread. A
/// short message may take an hour.
const START: usize = 1;

/// Towards the end batches become smaller, so that all workers end together; not smaller than this
/// part of what takes the time that a batch is to take.
const LEAST: usize = 16;

/// How much larger a batch may be than the one before it.
const GROWTH: usize = 8;

#[derive(Debug)]
pub(super) struct Dealer {
    sizes: Sizes,
    workers: Vec<Worker>,
    /// The worker that was dealt to last.
    last: usize,
}

#[derive(Debug)]
struct Worker {
    threads: u64,
    /// How many bytes are to be dealt.
    bytes: usize,
    in_flight: BTreeMap<u64, usize>,
}

impl Dealer {
    /// `threads`: of each worker.
    pub(super) fn new(sizes: Sizes, threads: &[usize]) -> Self {
        let worker = |&threads: &usize| Worker {
            threads: threads as u64,
            bytes: START,
            in_flight: BTreeMap::new(),
        };
        Self { sizes, workers: threads.iter().map(worker).collect(), last: 0 }
    }

    /// Who gets the next batch, and how large it is to be, with so many bytes left in the input;
    /// none while all have enough.
    pub(super) fn next(&self, left: u64) -> Option<(usize, Want)> {
        let count = self.workers.len();
        // Those with nothing first; among equals, in turn.
        let turn = |at: usize| (at + count - self.last - 1) % count;
        let at = (0..count).min_by_key(|&at| (self.workers[at].in_flight.len(), turn(at)))?;
        let worker = &self.workers[at];
        if worker.in_flight.len() >= IN_FLIGHT {
            return None;
        }
        let share = usize::try_from(left / (2 * count as u64)).unwrap_or(usize::MAX);
        let least = worker.bytes.div_ceil(LEAST);
        let bytes = worker.bytes.min(share.max(least)).min(self.sizes.most);
        Some((at, Want { bytes, messages: worker.threads, most: self.sizes.most }))
    }

    /// A worker has got a batch.
    pub(super) fn dealt(&mut self, worker: usize, number: u64, bytes: usize) {
        self.last = worker;
        self.workers[worker].in_flight.insert(number, bytes);
    }

    /// A worker has run a batch; whether it had it.
    pub(super) fn finished(&mut self, worker: usize, number: u64, took: Duration) -> bool {
        let most = self.sizes.most;
        let time = self.sizes.time.as_secs_f64();
        let Some(worker) = self.workers.get_mut(worker) else { return false };
        let Some(bytes) = worker.in_flight.remove(&number) else { return false };
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size that is about right; a cast saturates"
        )]
        let ideal = (bytes as f64 * time / took.as_secs_f64().max(1e-6)) as usize;
        // Half-way, so that one odd batch changes little; but quickly up from the small first one.
        let middle = worker.bytes / 2 + ideal / 2;
        let grown = worker.bytes.max(bytes).saturating_mul(GROWTH);
        worker.bytes = middle.clamp(1, grown).min(most);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: u64 = 1 << 40;

    #[test]
    fn two_are_in_flight_and_who_has_nothing_comes_first() {
        let mut dealer = Dealer::new(Sizes::default(), &[1, 1, 1]);
        let mut got = Vec::new();
        let mut number = 0;
        while let Some((worker, want)) = dealer.next(LONG) {
            got.push(worker);
            dealer.dealt(worker, number, want.bytes);
            number += 1;
        }
        let mut each = got[..3].to_vec();
        each.sort_unstable();
        assert_eq!((got.len(), each), (6, vec![0, 1, 2]));
        let number = got.iter().position(|&worker| worker == 1).unwrap() as u64;
        assert!(dealer.finished(1, number, Duration::from_millis(1)));
        assert_eq!(dealer.next(LONG).map(|(worker, _)| worker), Some(1));
        assert!(
            !dealer.finished(1, number, Duration::from_millis(1)),
            "it has not had it any more"
        );
        assert!(!dealer.finished(7, 0, Duration::ZERO), "there is no such worker");
    }

    #[test]
    fn batches_come_to_take_the_time_they_are_to_take() {
        for (nanos_a_byte, wanted) in [(10.0, 7_500_000), (1_000.0, 75_000), (1e8, 1)] {
            let mut dealer = Dealer::new(Sizes::default(), &[1]);
            for number in 0..40 {
                let (worker, want) = dealer.next(LONG).unwrap();
                dealer.dealt(worker, number, want.bytes);
                let bytes = f64::from(u32::try_from(want.bytes).unwrap());
                let took = Duration::from_secs_f64(bytes * nanos_a_byte / 1e9);
                assert!(dealer.finished(worker, number, took));
            }
            let (_, want) = dealer.next(LONG).unwrap();
            assert!(want.bytes.abs_diff(wanted) <= wanted / 10, "{} of {wanted}", want.bytes);
        }
    }

    #[test]
    fn a_batch_is_no_larger_than_it_may_be_and_small_at_the_end() {
        let mut dealer = Dealer::new(Sizes { most: 1_000_000, ..Sizes::default() }, &[3, 3]);
        for number in 0..40 {
            dealer.dealt(0, number, 1_000_000);
            assert!(dealer.finished(0, number, Duration::ZERO));
        }
        let want = |dealer: &Dealer, left| dealer.next(left).unwrap().1;
        dealer.dealt(1, 99, 1);
        assert_eq!(want(&dealer, LONG), Want { bytes: 1_000_000, messages: 3, most: 1_000_000 });
        assert_eq!(want(&dealer, 400_000).bytes, 100_000);
        assert_eq!(want(&dealer, 10).bytes, 1_000_000 / LEAST);
    }

    #[test]
    fn few_short_messages_that_take_long_go_to_all_workers() {
        let workers = 16;
        let mut dealer = Dealer::new(Sizes::default(), &vec![2; workers]);
        let (mut left, mut number) = (1_000 * 13, 0);
        let mut given = vec![0; workers];
        while left > 0 {
            while let Some((worker, want)) = dealer.next(left)
                && left > 0
            {
                // As the input is cut: enough bytes, and a message a thread at least.
                let bytes = want.bytes.div_ceil(13).max(2) * 13;
                left = left.saturating_sub(bytes as u64);
                given[worker] += bytes / 13;
                dealer.dealt(worker, number, bytes);
                number += 1;
            }
            for worker in 0..workers {
                let oldest = dealer.workers[worker].in_flight.first_key_value();
                let Some((&done, _)) = oldest else { continue };
                assert!(dealer.finished(worker, done, Duration::from_secs(10)));
            }
        }
        let (least, most) = (given.iter().min().unwrap(), given.iter().max().unwrap());
        assert!(most - least <= 4, "{given:?}");
    }
}
