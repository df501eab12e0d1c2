//! The ranks of an Open MPI job. Only this file calls MPI, from one thread per rank.
//!
//! The two sides never block each other: a worker sends without blocking and receives until its
//! message has arrived, so the manager may block while it sends.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use mpi::environment::{Threading, Universe};
use mpi::point_to_point::{Destination as _, MatchedReceiveVec as _, Message, Source as _, Status};
use mpi::request;
use mpi::topology::{Communicator as _, SimpleCommunicator};
use mpi::{Count, Rank, Tag};

use super::channel::{ManagerChannel, WorkerChannel};
use athena_core::error::{Error, Result};

/// The manager's rank.
const MANAGER: Rank = 0;

/// The tag of a part of a message that is too large for MPI's counts or memory.
const PART: Tag = 1;
/// The tag of the last part of a message, or of a whole message.
const LAST: Tag = 2;

/// The maximum size of a part.
const MAX_PART_SIZE: usize = 64 << 20;

/// The minimum and maximum time that a rank sleeps while nothing arrives, so that models have the
/// cores.
const NAPS: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(1));

/// Variables that launchers set for each rank.
const RANK_VARIABLES: [&str; 4] = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "PMI2_RANK"];

/// Whether a launcher has started this process as a rank.
pub(super) fn is_launched() -> bool {
    RANK_VARIABLES.iter().any(|name| std::env::var_os(name).is_some())
}

/// Variables in which launchers say how many ranks they start. The first that is set counts: `mpirun`
/// inside a Slurm job decides, not Slurm.
const SIZE_VARIABLES: [&str; 4] =
    ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"];

/// Refuses a process that is alone although its launcher has started several: each of them would write
/// the same files.
///
/// # Errors
///
/// A launcher's variable, as `read` returns it, has more than one rank.
pub(super) fn check_alone(read: impl Fn(&str) -> Option<String>) -> Result<()> {
    let set = SIZE_VARIABLES.iter().find_map(|name| Some((name, read(name)?)));
    let Some((name, size)) = set else { return Ok(()) };
    match size.trim().parse::<u64>() {
        Ok(count) if count > 1 => Err(Error::usage(format!(
            "the job has 1 rank, but the launcher says that it has {count} ({name}={count})"
        ))
        .help(
            "if each process believes that it is alone, start it with the mpirun of the MPI this program \
             was built with, or with srun --mpi=pmix; if one rank is meant, add --expect-ranks 1",
        )),
        _ => Ok(()),
    }
}

/// Whether the launcher, which forwards the output of ranks, has a terminal.
pub(super) fn has_terminal() -> bool {
    let parent = rustix::process::getppid().map(rustix::process::Pid::as_raw_nonzero);
    let stderr = parent.and_then(|id| std::fs::read_link(format!("/proc/{id}/fd/2")).ok());
    let is_terminal = |path: &str| path.starts_with("/dev/pts/") || path.starts_with("/dev/tty");
    is_launched() && stderr.is_some_and(|path| path.to_str().is_some_and(is_terminal))
}

/// All ranks of the job.
pub(super) struct Ranks {
    world: SimpleCommunicator,
    // Finalizes MPI when it is dropped.
    _universe: Universe,
}

impl Ranks {
    /// Joins the job.
    pub(super) fn join() -> Result<Self> {
        let (universe, _) =
            mpi::initialize_with_threading(Threading::Funneled).ok_or_else(|| {
                Error::failure("MPI was already initialized by something else in this program")
            })?;
        Ok(Self { world: universe.world(), _universe: universe })
    }

    pub(super) fn size(&self) -> usize {
        usize::try_from(self.world.size()).unwrap_or(1)
    }

    pub(super) fn is_manager(&self) -> bool {
        self.world.rank() == MANAGER
    }

    /// Ends all ranks immediately.
    pub(super) fn abort(&self, exit: u8) -> ! {
        self.world.abort(exit.into())
    }

    pub(super) fn manager_channel(&self) -> MpiManagerChannel<'_> {
        MpiManagerChannel { world: &self.world, parts: HashMap::new() }
    }

    pub(super) fn worker_channel(&self) -> MpiWorkerChannel<'_> {
        MpiWorkerChannel { world: &self.world, parts: Vec::new(), inbox: VecDeque::new() }
    }
}

/// The manager's end of the channel.
pub(super) struct MpiManagerChannel<'a> {
    world: &'a SimpleCommunicator,
    /// The first parts of an incomplete message from each rank.
    parts: HashMap<Rank, Vec<u8>>,
}

impl ManagerChannel for MpiManagerChannel<'_> {
    fn worker_count(&self) -> usize {
        usize::try_from(self.world.size()).unwrap_or(1) - 1
    }

    fn rank(&self, worker: usize) -> usize {
        worker + 1
    }

    fn receive(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        let began = Instant::now();
        let mut nap = NAPS.0;
        loop {
            if let Some(found) = self.world.any_process().immediate_matched_probe() {
                let rank = found.1.source_rank();
                if let Some(whole) = receive_part(found, self.parts.entry(rank).or_default()) {
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

/// A worker's end of the channel.
pub(super) struct MpiWorkerChannel<'a> {
    world: &'a SimpleCommunicator,
    /// The first parts of an incomplete message.
    parts: Vec<u8>,
    /// Messages that arrived while another was sent.
    inbox: VecDeque<Vec<u8>>,
}

impl MpiWorkerChannel<'_> {
    /// Takes in a part of a message. Returns whether one has arrived.
    fn poll(&mut self) -> bool {
        let manager = self.world.process_at_rank(MANAGER);
        let Some(found) = manager.immediate_matched_probe() else { return false };
        self.inbox.extend(receive_part(found, &mut self.parts));
        true
    }
}

impl WorkerChannel for MpiWorkerChannel<'_> {
    fn receive(&mut self) -> Option<Vec<u8>> {
        while self.inbox.is_empty() && self.poll() {}
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
                    if !self.poll() {
                        std::thread::sleep(nap);
                        nap = (nap * 2).min(NAPS.1);
                    }
                }
            });
        }
    }
}

/// Splits a message into parts with their tags.
fn parts(bytes: &[u8]) -> impl Iterator<Item = (&[u8], Tag)> {
    let count = bytes.len().div_ceil(MAX_PART_SIZE).max(1);
    (0..count).map(move |at| {
        let part = &bytes[at * MAX_PART_SIZE..bytes.len().min((at + 1) * MAX_PART_SIZE)];
        (part, if at + 1 == count { LAST } else { PART })
    })
}

/// Receives a part. Returns the message if the part was the last.
fn receive_part(found: (Message, Status), parts: &mut Vec<u8>) -> Option<Vec<u8>> {
    let (part, status) = found.matched_receive_vec::<u8>();
    if status.tag() == LAST && parts.is_empty() {
        return Some(part);
    }
    parts.extend_from_slice(&part);
    (status.tag() == LAST).then(|| std::mem::take(parts))
}

// MPI's counts have this type, and the size of a part must fit.
const _: () = assert!(MAX_PART_SIZE <= Count::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_alone_among_several_is_refused() {
        let check = |set: &[(&str, &str)]| {
            let read = |name: &str| {
                let found = set.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            check_alone(read).map_err(|error| error.to_string())
        };
        for name in SIZE_VARIABLES {
            assert_eq!(check(&[(name, "1")]), Ok(()));
            let refused = check(&[(name, "8")]).unwrap_err();
            assert!(refused.contains(&format!("({name}=8)")), "{refused}");
        }
        // `mpirun -n 1` inside a Slurm job of 8 tasks.
        assert_eq!(check(&[("SLURM_NTASKS", "8"), ("OMPI_COMM_WORLD_SIZE", "1")]), Ok(()));
        assert_eq!(check(&[("SLURM_NTASKS", "8"), ("SLURM_STEP_NUM_TASKS", "1")]), Ok(()));
        for set in [&[][..], &[("SLURM_NTASKS", "")], &[("SLURM_NTASKS", "many")]] {
            assert_eq!(check(set), Ok(()), "{set:?}");
        }
    }

    #[test]
    fn large_messages_are_sent_in_parts_and_empty_ones_are_sent() {
        let bytes = vec![7; MAX_PART_SIZE * 2 + 1];
        let split: Vec<_> = parts(&bytes).map(|(part, tag)| (part.len(), tag)).collect();
        assert_eq!(split, [(MAX_PART_SIZE, PART), (MAX_PART_SIZE, PART), (1, LAST)]);
        assert_eq!(parts(&[]).count(), 1);
        assert_eq!(parts(&bytes[..MAX_PART_SIZE]).map(|(_, tag)| tag).collect::<Vec<_>>(), [LAST]);
    }
}
