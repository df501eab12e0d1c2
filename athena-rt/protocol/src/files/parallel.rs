//! Does the same with many files at once: a program waits for the disk, not for a processor. A file system writes
//! what several files wait for in one go.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::disk::Steps;

/// The maximum number of files at once, each with a few open files and blocks of memory.
const THREADS: usize = 16;

/// How many files a thread is worth.
const SHARE: usize = 4;

/// Calls `act` for each item, in no certain order. After an error no other begins; the error is that of the first
/// item that has one.
pub(super) fn for_each<T: Sync, E: Send>(
    items: &[T],
    act: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = (items.len() / SHARE).clamp(1, THREADS);
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, E)>> = Mutex::new(None);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            if let Err(error) = act(item) {
                next.fetch_max(items.len(), Ordering::Relaxed);
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                    *failed = Some((at, error));
                }
            }
        }
    };
    let steps = Steps::of_this_thread();
    thread::scope(|scope| {
        for _ in 1..threads {
            let steps = steps.clone();
            let started = thread::Builder::new().spawn_scoped(scope, || {
                steps.count_here();
                work();
            });
            // Where no more threads can be started, the others do it all.
            if started.is_err() {
                break;
            }
        }
        work();
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        None => Ok(()),
        Some((_, error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_its_turn_once_and_the_first_error_counts() {
        for count in [0, 1, 7, 100] {
            let items: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            let done = for_each(&items, |item| {
                item.fetch_add(1, Ordering::Relaxed);
                Ok::<(), usize>(())
            });
            assert_eq!(done, Ok(()));
            assert!(items.into_iter().all(|item| item.into_inner() == 1));
        }
        let items: Vec<usize> = (0..100).collect();
        let begun = AtomicUsize::new(0);
        let failed = for_each(&items, |item| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item < 10 { Ok(()) } else { Err(*item) }
        });
        assert_eq!(failed, Err(10));
        // Those that ran at the same time.
        assert!(begun.into_inner() <= 10 + THREADS);
    }
}
