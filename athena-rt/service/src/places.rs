//! Where plain models run: on threads of a pool, or on the reactor's own where they are quick.
//!
//! To hand a message to another thread and its outcome back takes longer than a small model does.
//! Should a quick one take long once, the reactor goes on: it has a thread more than models may
//! hold. No thread of it may be kept waiting for that: what is next in a thread's own hands is out of
//! the others' reach.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How many models may run, and how many do.
pub(super) struct Places {
    most: usize,
    most_here: usize,
    taken: Mutex<Taken>,
    /// A place on the pool may be free.
    left: Condvar,
}

#[derive(Default)]
struct Taken {
    all: usize,
    here: usize,
    /// Threads of the pool.
    waiting: usize,
}

impl Places {
    /// Places for so many models at once.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_here: most.min(cores()),
            taken: Mutex::default(),
            left: Condvar::new(),
        })
    }

    /// How many threads the reactor needs.
    pub(super) fn threads() -> usize {
        cores() + 1
    }

    /// A place on the reactor, if one is free.
    pub(super) fn here(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.lock();
        if taken.all >= self.most || taken.here >= self.most_here {
            return None;
        }
        taken.all += 1;
        taken.here += 1;
        Some(Place { places: Arc::clone(self), is_here: true })
    }

    /// Waits for a place, on a thread of the pool.
    pub(super) fn wait(self: &Arc<Self>) -> Place {
        let mut taken = self.lock();
        taken.waiting += 1;
        while taken.all >= self.most {
            taken = wait(&self.left, taken);
        }
        taken.waiting -= 1;
        taken.all += 1;
        Place { places: Arc::clone(self), is_here: false }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'a>(on: &Condvar, taken: MutexGuard<'a, Taken>) -> MutexGuard<'a, Taken> {
    on.wait(taken).unwrap_or_else(PoisonError::into_inner)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A place that is taken until this is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    is_here: bool,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        if self.is_here {
            taken.here -= 1;
        }
        if taken.waiting > 0 {
            self.places.left.notify_one();
        }
    }
}
