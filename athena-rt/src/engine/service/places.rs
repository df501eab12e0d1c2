//! Where plain models run: on threads of a pool, or on the reactor's own where they are quick.
//!
//! To hand a message to another thread and its outcome back takes longer than a small model does.
//! Should a quick one take long once, the reactor goes on: it has a thread more than models may
//! hold, and is woken if that one sleeps.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

/// How long a model may run on a thread of the reactor before another is woken to see to the rest.
const TICK: Duration = Duration::from_millis(2);

/// How many models may run, and how many do.
pub(super) struct Places {
    most: usize,
    most_here: usize,
    taken: Mutex<Taken>,
    /// A place on the pool may be free.
    left: Condvar,
    /// A model runs on the reactor.
    begun: Condvar,
}

#[derive(Default)]
struct Taken {
    all: usize,
    here: usize,
    waiting: usize,
    is_watched: bool,
}

impl Places {
    /// Places for so many models at once.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_here: most.min(cores()),
            taken: Mutex::default(),
            left: Condvar::new(),
            begun: Condvar::new(),
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
        if !std::mem::replace(&mut taken.is_watched, true) {
            self.begun.notify_one();
        }
        Some(Place { places: Arc::clone(self), is_here: true })
    }

    /// Waits for a place, on a thread of the pool.
    pub(super) fn wait(self: &Arc<Self>) -> Place {
        let mut taken = self.lock();
        taken.waiting += 1;
        while taken.all >= self.most {
            taken = self.left.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        taken.waiting -= 1;
        taken.all += 1;
        Place { places: Arc::clone(self), is_here: false }
    }

    /// Keeps the reactor awake, on a thread of its own. A thread of it that wakes to a single task
    /// runs that before it wakes another to listen: none would, if that task were a model.
    pub(super) fn watch(&self, reactor: &Handle) {
        loop {
            let mut taken = self.lock();
            while taken.here == 0 {
                taken.is_watched = false;
                taken = self.begun.wait(taken).unwrap_or_else(PoisonError::into_inner);
            }
            drop(taken);
            std::thread::sleep(TICK);
            if self.lock().here > 0 {
                // Whoever is woken for it listens from then on.
                drop(reactor.spawn(async {}));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        taken.here -= usize::from(self.is_here);
        if taken.waiting > 0 {
            self.places.left.notify_one();
        }
    }
}
