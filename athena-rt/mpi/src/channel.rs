//! The channel between the manager and the workers, and its implementation within one process, for a
//! job of one rank.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// The manager's end of the channel to all workers.
pub(super) trait ManagerChannel {
    /// The number of workers, which are numbered from 0.
    fn worker_count(&self) -> usize;

    /// The rank of a worker.
    fn rank(&self, worker: usize) -> usize;

    /// Receives the next message and its worker. Returns `None` if none arrives within this time.
    fn receive(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)>;

    /// Sends a message to a worker. Messages arrive in order, or the job ends.
    fn send(&mut self, worker: usize, bytes: &[u8]);
}

/// A worker's end of the channel to the manager.
pub(super) trait WorkerChannel {
    /// Receives the next message, if one has arrived.
    fn receive(&mut self) -> Option<Vec<u8>>;

    /// Sends a message to the manager, and takes in incoming messages meanwhile.
    fn send(&mut self, bytes: Vec<u8>);
}

/// Creates a channel between a manager and a worker in one process.
pub(super) fn in_process() -> (InProcessManagerChannel, InProcessWorkerChannel) {
    let (to_worker, from_manager) = mpsc::channel();
    let (to_manager, from_worker) = mpsc::channel();
    (
        InProcessManagerChannel { to_worker, from_worker },
        InProcessWorkerChannel { from_manager, to_manager },
    )
}

/// The manager's end of a channel that is [`in_process`].
pub(super) struct InProcessManagerChannel {
    to_worker: Sender<Vec<u8>>,
    from_worker: Receiver<Vec<u8>>,
}

/// The worker's end of a channel that is [`in_process`].
pub(super) struct InProcessWorkerChannel {
    from_manager: Receiver<Vec<u8>>,
    to_manager: Sender<Vec<u8>>,
}

impl ManagerChannel for InProcessManagerChannel {
    fn worker_count(&self) -> usize {
        1
    }

    fn rank(&self, _: usize) -> usize {
        0
    }

    fn receive(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        Some((0, self.from_worker.recv_timeout(wait).ok()?))
    }

    fn send(&mut self, _: usize, bytes: &[u8]) {
        // A worker that is gone has sent the reason.
        let _ = self.to_worker.send(bytes.to_vec());
    }
}

impl WorkerChannel for InProcessWorkerChannel {
    fn receive(&mut self) -> Option<Vec<u8>> {
        self.from_manager.try_recv().ok()
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let _ = self.to_manager.send(bytes);
    }
}
