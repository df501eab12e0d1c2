//! Threads that a call has begun: their code counts as code of the call as long as they end with it.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

/// How long a thread may work after the outcome is there.
const WORKING: Duration = Duration::from_secs(1);

/// How long a thread runs no rewritten code if it waits for work, as those of a pool do.
const IDLE: Duration = Duration::from_millis(200);

/// How long is waited between two looks: at first, and at most.
const SHORT_PAUSE: Duration = Duration::from_micros(20);
const LONG_PAUSE: Duration = Duration::from_millis(1);

/// How often the number of idle threads may grow. A pool is made once; threads that sleep become more with each call.
const GROWTHS: u64 = 8;

/// The number of threads before the first call.
const UNKNOWN: u64 = 0;
/// The system does not say how many threads there are.
const UNAVAILABLE: u64 = u64::MAX;

/// How many threads the process has between two calls.
#[derive(Debug)]
pub(crate) struct ThreadCount {
    known: AtomicU64,
    growths: AtomicU64,
    is_watched: AtomicBool,
}

impl ThreadCount {
    pub(crate) const fn new() -> Self {
        Self {
            known: AtomicU64::new(UNKNOWN),
            growths: AtomicU64::new(0),
            is_watched: AtomicBool::new(false),
        }
    }

    /// To look at the threads after each call takes longer than many a call.
    pub(crate) fn watch(&self) {
        self.is_watched.store(true, Relaxed);
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Relaxed)
    }

    /// A call begins.
    pub(crate) fn begin(&self) {
        if self.known.load(Relaxed) == UNKNOWN {
            self.known.store(count().unwrap_or(UNAVAILABLE), Relaxed);
        }
    }

    /// Waits until the threads of a call have ended, or wait for work. `work` is a number that changes as long as
    /// threads run rewritten code. Returns `false` if they go on.
    pub(crate) fn wait(&self, work: impl Fn() -> u64) -> bool {
        let known = self.known.load(Relaxed);
        if known == UNAVAILABLE {
            return true;
        }
        let began = Instant::now();
        let (mut last, mut changed) = (work(), began);
        let mut pause = SHORT_PAUSE;
        loop {
            let Some(now) = count() else { return true };
            if now <= known {
                self.known.store(now, Relaxed);
                return true;
            }
            if work() != last {
                (last, changed) = (work(), Instant::now());
            } else if changed.elapsed() > IDLE {
                self.known.store(now, Relaxed);
                return self.growths.fetch_add(1, Relaxed) < GROWTHS;
            }
            if began.elapsed() > WORKING {
                return false;
            }
            std::thread::sleep(pause);
            pause = (2 * pause).min(LONG_PAUSE);
        }
    }
}

/// The number of this process's threads; `None` if the system does not say.
fn count() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program is in parentheses, and may have any characters.
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(17)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    /// One test, which begins when the threads of the other tests of this program have ended.
    #[test]
    fn threads_that_end_or_wait_are_waited_for_and_no_others() {
        let began = Instant::now();
        while count().unwrap() > 2 && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(LONG_PAUSE);
        }
        let threads = ThreadCount::new();
        threads.begin();
        let work = Arc::new(AtomicU64::new(0));
        let read = || work.load(Relaxed);
        let is_over = Arc::new(AtomicBool::new(false));
        let start = |millis: u64| {
            let (work, is_over) = (Arc::clone(&work), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(millis) && !is_over.load(Relaxed) {
                    work.fetch_add(1, Relaxed);
                    std::thread::yield_now();
                }
            })
        };
        drop(start(100));
        assert!(threads.wait(read));
        assert!(read() > 10, "{}", read());

        // A pool waits for work.
        let (sender, receiver) = mpsc::channel::<()>();
        let pool = std::thread::spawn(move || receiver.recv());
        assert!(threads.wait(read));
        let began = Instant::now();
        assert!(threads.wait(read) && began.elapsed() < IDLE);
        drop(sender);
        pool.join().unwrap().unwrap_err();
        assert!(threads.wait(read));

        let working = start(60_000);
        assert!(!threads.wait(read));
        is_over.store(true, Relaxed);
        working.join().unwrap();

        let is_sleeping = (0..GROWTHS + 2).all(|_| {
            std::thread::spawn(|| std::thread::sleep(Duration::from_mins(1)));
            threads.wait(read)
        });
        assert!(!is_sleeping);
    }
}
