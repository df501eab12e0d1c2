//! The switch of a rewritten program. Its crates are linked with a small crate of atomics, which the
//! rewritten code reads (`cargo-athena/src/mutants/switch.rs`); the runner's root registers them here.

use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};

use crate::threads::ThreadCount;

/// The stack of a thread that runs models under mutants: a site stops a recursion before its end.
pub const STACK_SIZE: usize = 64 << 20;

/// The atomics that rewritten code reads. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub struct Switch {
    active: &'static AtomicU32,
    fuel: &'static AtomicU64,
    stopped: &'static AtomicU32,
    stack: &'static AtomicUsize,
    hits: &'static [AtomicU32],
    reached: &'static [AtomicU32],
    count: &'static AtomicUsize,
    other_threads: &'static AtomicU32,
}

/// The threads of this process. A switch is registered as a constant, which can't hold it.
static THREADS: ThreadCount = ThreadCount::new();

/// Another thread than the call's has run rewritten code.
const OTHERS_RAN: u32 = 1;
/// From now on the code of other threads does not count.
const OTHERS_IGNORED: u32 = 2;

inventory::collect!(Switch);

/// Why a site has stopped a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It has run more sites than it may.
    Fuel,
    /// Its recursion is too deep.
    Stack,
}

impl Switch {
    /// The atomics of the crate that rewritten code is linked with.
    #[allow(clippy::too_many_arguments, reason = "generated code calls it")]
    pub const fn new(
        active: &'static AtomicU32,
        fuel: &'static AtomicU64,
        stopped: &'static AtomicU32,
        stack: &'static AtomicUsize,
        hits: &'static [AtomicU32],
        reached: &'static [AtomicU32],
        count: &'static AtomicUsize,
        other_threads: &'static AtomicU32,
    ) -> Self {
        Self { active, fuel, stopped, stack, hits, reached, count, other_threads }
    }

    /// The switch of this program. `None` if it is not rewritten.
    pub(crate) fn find() -> Option<&'static Self> {
        inventory::iter::<Self>.into_iter().next()
    }

    /// Runs code under a mutant, or unmutated under 0, with counters at zero. It must run on a thread
    /// with [`STACK_SIZE`], and no other thread may use the switch. Threads that the code has begun are waited for.
    /// Returns why a site stopped it.
    pub(crate) fn run(&self, mutant: u32, fuel: u64, code: impl FnOnce()) -> Option<Stop> {
        for (_, hits) in self.reached() {
            hits.store(0, Relaxed);
        }
        self.count.store(0, Relaxed);
        if !self.ignores_threads() {
            THREADS.begin();
            self.other_threads.store(0, Relaxed);
        }
        let here = 0_u8;
        self.stack.store(std::ptr::from_ref(&here).addr(), Relaxed);
        self.stopped.store(0, Relaxed);
        self.fuel.store(fuel, Relaxed);
        self.active.store(mutant, Relaxed);
        code();
        if self.other_threads.load(Relaxed) == OTHERS_RAN {
            THREADS.watch();
        }
        if THREADS.is_watched()
            && !self.ignores_threads()
            && !THREADS.wait(|| self.fuel.load(Relaxed))
        {
            self.other_threads.store(OTHERS_IGNORED, Relaxed);
        }
        self.active.store(0, Relaxed);
        self.fuel.store(u64::MAX, Relaxed);
        self.stack.store(0, Relaxed);
        match self.stopped.load(Relaxed) {
            0 => None,
            1 => Some(Stop::Fuel),
            _ => Some(Stop::Stack),
        }
    }

    /// From now on each call waits for its threads, also for one that has run no rewritten code yet. Nothing is waited
    /// for before such a thread has run some, as most models have none.
    pub(crate) fn watch_threads() {
        THREADS.watch();
    }

    /// Whether calls wait for their threads.
    pub(crate) fn watches_threads() -> bool {
        THREADS.is_watched()
    }

    /// Whether threads have outlived the call that began them. From then on only the code of the call's own thread
    /// counts, and only there a mutant is active.
    pub(crate) fn ignores_threads(&self) -> bool {
        self.other_threads.load(Relaxed) == OTHERS_IGNORED
    }

    /// How often each site has run since the last call of [`Switch::run`]; only those that have, in order.
    pub(crate) fn hits(&self, counted: &[Range<u32>]) -> Vec<(u32, u32)> {
        let is_counted = |site: u32| counted.iter().any(|range| range.contains(&site));
        let hits = self.reached().filter(|(site, _)| is_counted(*site));
        let mut hits: Vec<(u32, u32)> =
            hits.map(|(site, hits)| (site, hits.load(Relaxed))).collect();
        hits.sort_unstable();
        // Two threads may both have been the first.
        hits.dedup_by_key(|(site, _)| *site);
        hits
    }

    /// Whether a site has run since the last call of [`Switch::run`].
    pub(crate) fn is_hit(&self, site: u32) -> bool {
        self.hits.get(site as usize).is_some_and(|hits| hits.load(Relaxed) > 0)
    }

    fn reached(&self) -> impl Iterator<Item = (u32, &AtomicU32)> {
        let reached = self.reached.iter().take(self.count.load(Relaxed));
        reached.filter_map(|site| {
            let site = site.load(Relaxed);
            Some((site, self.hits.get(site as usize)?))
        })
    }
}
