//! Where plain models run: on threads of a pool, or on the reactor's own where they are quick.
//!
//! To hand a message to another thread and its outcome back takes longer than a small model does.
//! Should a quick one take long once, the reactor goes on: it has a thread more than models may
//! hold. That one is spare, since to have more threads than cores at work costs as well, and is let
//! go once models seem to hold all others.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

/// How long a model may run on a thread of the reactor before the spare one is let go.
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
    /// The spare thread is needed.
    needed: Condvar,
}

#[derive(Default)]
struct Taken {
    all: usize,
    here: usize,
    /// How many have ended on the reactor.
    ended: u64,
    /// Threads of the pool.
    waiting: usize,
    is_watched: bool,
    has_spare: bool,
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
            needed: Condvar::new(),
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
            taken = wait(&self.left, taken);
        }
        taken.waiting -= 1;
        taken.all += 1;
        Place { places: Arc::clone(self), is_here: false }
    }

    /// Sees that the reactor goes on, on a thread of its own.
    pub(super) fn watch(self: &Arc<Self>, reactor: &Handle) {
        let mut taken = self.lock();
        loop {
            if taken.here == 0 && !taken.has_spare {
                taken.has_spare = true;
                let places = Arc::clone(self);
                drop(reactor.spawn(async move { places.spare() }));
            }
            while taken.here == 0 {
                taken.is_watched = false;
                taken = wait(&self.begun, taken);
            }
            let ended = taken.ended;
            drop(taken);
            std::thread::sleep(TICK);
            taken = self.lock();
            // None has ended: the others may be held, or sleep and not know that nobody listens.
            if taken.here > 0 && taken.ended == ended && taken.has_spare {
                taken.has_spare = false;
                self.needed.notify_all();
            }
        }
    }

    /// Holds a thread of the reactor until it is needed.
    fn spare(&self) {
        let mut taken = self.lock();
        while taken.has_spare {
            taken = wait(&self.needed, taken);
        }
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
            taken.ended += 1;
        }
        if taken.waiting > 0 {
            self.places.left.notify_one();
        }
    }
}
