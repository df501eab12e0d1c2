//! The ranks of an Open MPI job. All of MPI is here: one thread of a rank uses it.
//!
//! Neither side ever waits for a message while the other may wait for it: a worker sends without
//! waiting and goes on receiving until what it sends has arrived, so the manager may wait for its own
//! messages to leave.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use mpi::environment::{Threading, Universe};
use mpi::point_to_point::{Destination as _, MatchedReceiveVec as _, Message, Source as _, Status};
use mpi::request;
use mpi::topology::{Communicator as _, SimpleCommunicator};
use mpi::{Count, Rank, Tag};

use super::link::{ToManager, ToWorkers};
use athena_core::error::{Error, Result};

/// The manager's rank.
const MANAGER: Rank = 0;

/// A part of a message that is more than MPI's counts or its memory should bear at once.
const PART: Tag = 1;
/// The last part of a message, or all of it.
const LAST: Tag = 2;

/// How many bytes go at once.
const MOST: usize = 64 << 20;

/// How long a rank sleeps when nothing came, at first and at most: it leaves the cores to the models.
const NAPS: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(1));

/// A variable that a launcher sets for each rank. Without one nobody has launched this as a rank.
const LAUNCHED: [&str; 4] = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "PMI2_RANK"];

/// Whether a launcher has started this program as one of its ranks.
pub(super) fn is_launched() -> bool {
    LAUNCHED.iter().any(|name| std::env::var_os(name).is_some())
}

/// Whether the launcher has a terminal: what a rank says goes there, through a pipe.
pub(super) fn is_watched() -> bool {
    let parent = rustix::process::getppid().map(rustix::process::Pid::as_raw_nonzero);
    let stderr = parent.and_then(|id| std::fs::read_link(format!("/proc/{id}/fd/2")).ok());
    let is_terminal = |path: &str| path.starts_with("/dev/pts/") || path.starts_with("/dev/tty");
    is_launched() && stderr.is_some_and(|path| path.to_str().is_some_and(is_terminal))
}

/// All ranks, one of which is this.
pub(super) struct Ranks {
    world: SimpleCommunicator,
    // Ends MPI when it is dropped.
    _universe: Universe,
}

impl Ranks {
    /// Joins the job.
    pub(super) fn join() -> Result<Self> {
        let (universe, _) =
            mpi::initialize_with_threading(Threading::Funneled).ok_or_else(|| {
                Error::failure("MPI was begun before, by something else in this program")
            })?;
        Ok(Self { world: universe.world(), _universe: universe })
    }

    pub(super) fn size(&self) -> usize {
        usize::try_from(self.world.size()).unwrap_or(1)
    }

    pub(super) fn is_manager(&self) -> bool {
        self.world.rank() == MANAGER
    }

    /// Ends all ranks at once.
    pub(super) fn abort(&self, exit: u8) -> ! {
        self.world.abort(exit.into())
    }

    pub(super) fn to_workers(&self) -> Workers<'_> {
        Workers { world: &self.world, parts: HashMap::new() }
    }

    pub(super) fn to_manager(&self) -> Manager<'_> {
        Manager { world: &self.world, parts: Vec::new(), inbox: VecDeque::new() }
    }
}

/// From the manager to all other ranks.
pub(super) struct Workers<'a> {
    world: &'a SimpleCommunicator,
    /// The first parts of what a rank says.
    parts: HashMap<Rank, Vec<u8>>,
}

impl ToWorkers for Workers<'_> {
    fn workers(&self) -> usize {
        usize::try_from(self.world.size()).unwrap_or(1) - 1
    }

    fn rank(&self, worker: usize) -> usize {
        worker + 1
    }

    fn next(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        let began = Instant::now();
        let mut nap = NAPS.0;
        loop {
            if let Some(found) = self.world.any_process().immediate_matched_probe() {
                let rank = found.1.source_rank();
                if let Some(whole) = receive(found, self.parts.entry(rank).or_default()) {
                    return Some((usize::try_from(rank).ok()?.checked_sub(1)?, whole));
                }
                continue;
            }
            if began.elapsed() >= wait {
                return None;
            }
            std::thread::sleep(nap);
            nap = (nap * 2).min(NAPS.1);
        }
    }

    fn send(&mut self, worker: usize, bytes: &[u8]) {
        let rank = Rank::try_from(worker + 1).unwrap_or(Rank::MAX);
        let process = self.world.process_at_rank(rank);
        for (part, tag) in parts(bytes) {
            process.send_with_tag(part, tag);
        }
    }
}

/// From a worker to the manager.
pub(super) struct Manager<'a> {
    world: &'a SimpleCommunicator,
    parts: Vec<u8>,
    /// What came while something was sent.
    inbox: VecDeque<Vec<u8>>,
}

impl Manager<'_> {
    fn receive(&mut self) -> bool {
        let manager = self.world.process_at_rank(MANAGER);
        let Some(found) = manager.immediate_matched_probe() else { return false };
        self.inbox.extend(receive(found, &mut self.parts));
        true
    }
}

impl ToManager for Manager<'_> {
    fn next(&mut self) -> Option<Vec<u8>> {
        while self.inbox.is_empty() && self.receive() {}
        self.inbox.pop_front()
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let manager = self.world.process_at_rank(MANAGER);
        for (part, tag) in parts(&bytes) {
            request::scope(|scope| {
                let mut sending = manager.immediate_send_with_tag(scope, part, tag);
                let mut nap = NAPS.0;
                while let Err(again) = sending.test() {
                    sending = again;
                    if !self.receive() {
                        std::thread::sleep(nap);
                        nap = (nap * 2).min(NAPS.1);
                    }
                }
            });
        }
    }
}

/// Cuts a message into parts, each with its tag.
fn parts(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Tag)> {
    let count = bytes.len().div_ceil(MOST).max(1);
    (0..count).map(move |at| {
        let part = &bytes[at * MOST..bytes.len().min((at + 1) * MOST)];
        (part, if at + 1 == count { LAST } else { PART })
    })
}

/// Takes in a part; the whole message, where it was the last.
fn receive(found: (Message, Status), parts: &mut Vec<u8>) -> Option<Vec<u8>> {
    let (part, status) = found.matched_receive_vec::<u8>();
    if status.tag() == LAST && parts.is_empty() {
        return Some(part);
    }
    parts.extend_from_slice(&part);
    (status.tag() == LAST).then(|| std::mem::take(parts))
}

// The counts of MPI are of this type, and a part has to fit.
const _: () = assert!(MOST <= Count::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_goes_in_parts_and_what_is_empty_goes_too() {
        let bytes = vec![7; MOST * 2 + 1];
        let cut: Vec<_> = parts(&bytes).map(|(part, tag)| (part.len(), tag)).collect();
        assert_eq!(cut, [(MOST, PART), (MOST, PART), (1, LAST)]);
        assert_eq!(parts(&[]).count(), 1);
        assert_eq!(parts(&bytes[..MOST]).map(|(_, tag)| tag).collect::<Vec<_>>(), [LAST]);
    }
}
