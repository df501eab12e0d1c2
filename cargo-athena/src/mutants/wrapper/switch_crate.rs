//! The switch of a rewritten program: compiled by the user's compiler, once, and linked with every
//! rewritten crate.

#![no_std]

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};

/// The number of sites that a program can have.
const SITES: usize = 1 << 20;

/// The mutant that is switched on; 0 for none.
pub static ACTIVE: AtomicU32 = AtomicU32::new(0);

/// How many more sites may run.
pub static FUEL: AtomicU64 = AtomicU64::new(u64::MAX);

/// Why a site has stopped the program: 1 for fuel, 2 for the stack.
pub static STOPPED: AtomicU32 = AtomicU32::new(0);

/// The address of a local variable at the start of a call; 0 if none is made.
pub static STACK: AtomicUsize = AtomicUsize::new(0);

/// How often each site has run.
pub static HITS: [AtomicU32; SITES] = [const { AtomicU32::new(0) }; SITES];

/// The sites that have run, in the order of their first run, and their number. A program has more sites than one call
/// runs: who resets or reads the counters need not look at all of them.
pub static REACHED: [AtomicU32; SITES] = [const { AtomicU32::new(0) }; SITES];
pub static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Whether a thread has run a site that is not the one which makes the call: 1 if so. With 2 such threads run as they
/// would without mutants, and nothing is counted.
pub static OTHER_THREADS: AtomicU32 = AtomicU32::new(0);

/// How deep the stack may be, in bytes: a quarter of what the thread has. Other threads' stacks are
/// further away.
const DEEPEST: usize = 16 << 20;
const STACK_SIZE: usize = 60 << 20;

/// Counts a run of a site.
#[inline]
pub fn hit(site: usize) {
    count(site);
}

/// Counts a run of a site, and returns which of its mutants is switched on, from 1; 0 for none.
#[inline]
pub fn pick(site: usize, first: u32, mutants: u32) -> u32 {
    if !count(site) {
        return 0;
    }
    let at = ACTIVE.load(Relaxed).wrapping_sub(first);
    if at < mutants { at + 1 } else { 0 }
}

/// Counts a run of a site. Returns `false` if it is not the call's.
#[inline]
fn count(site: usize) -> bool {
    let start = STACK.load(Relaxed);
    if start != 0 {
        let here = 0u8;
        let depth = start.wrapping_sub(core::ptr::from_ref(&here) as usize);
        if depth > DEEPEST && is_ignored(depth) {
            return false;
        }
    }
    let fuel = FUEL.load(Relaxed);
    if fuel == 0 {
        stop(1);
    }
    FUEL.store(fuel - 1, Relaxed);
    let hits = &HITS[site % SITES];
    let before = hits.load(Relaxed);
    if before == 0 {
        let at = COUNT.fetch_add(1, Relaxed);
        if at < SITES {
            REACHED[at].store(site as u32, Relaxed);
        }
    }
    hits.store(before.saturating_add(1), Relaxed);
    true
}

/// Stops a deep recursion. Returns whether this is another thread, and such are ignored.
#[cold]
#[inline(never)]
fn is_ignored(depth: usize) -> bool {
    if depth < STACK_SIZE {
        stop(2);
    }
    let is_ignored = OTHER_THREADS.load(Relaxed) == 2;
    if !is_ignored {
        OTHER_THREADS.store(1, Relaxed);
    }
    is_ignored
}

#[cold]
#[inline(never)]
fn stop(reason: u32) -> ! {
    // What runs while the panic unwinds is not stopped again.
    FUEL.store(u64::MAX, Relaxed);
    STACK.store(0, Relaxed);
    STOPPED.store(reason, Relaxed);
    panic!("stopped by a mutant's limit")
}
