//! What the manager and a worker need of what is between them; and both in one process, for a job
//! of one rank.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// The manager's end: to and from every worker.
pub(super) trait ToWorkers {
    /// How many workers there are; they are numbered from 0.
    fn workers(&self) -> usize;

    /// The rank of a worker.
    fn rank(&self, worker: usize) -> usize;

    /// The next that a worker says, if any does in this time.
    fn next(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)>;

    /// Tells a worker something. It arrives, in order, or the job ends.
    fn send(&mut self, worker: usize, bytes: &[u8]);
}

/// A worker's end: to and from the manager.
pub(super) trait ToManager {
    /// The next that it is told, if anything is there.
    fn next(&mut self) -> Option<Vec<u8>>;

    /// Says something to the manager, and goes on listening meanwhile.
    fn send(&mut self, bytes: Vec<u8>);
}

/// A manager and a worker in one process.
pub(super) fn pair() -> (OneWorker, OneManager) {
    let (tell, told) = mpsc::channel();
    let (say, said) = mpsc::channel();
    (OneWorker { tell, said }, OneManager { told, say })
}

/// The manager's end of a [`pair`].
pub(super) struct OneWorker {
    tell: Sender<Vec<u8>>,
    said: Receiver<Vec<u8>>,
}

/// The worker's end of a [`pair`].
pub(super) struct OneManager {
    told: Receiver<Vec<u8>>,
    say: Sender<Vec<u8>>,
}

impl ToWorkers for OneWorker {
    fn workers(&self) -> usize {
        1
    }

    fn rank(&self, _: usize) -> usize {
        0
    }

    fn next(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        Some((0, self.said.recv_timeout(wait).ok()?))
    }

    fn send(&mut self, _: usize, bytes: &[u8]) {
        // A worker that is gone has said why.
        let _ = self.tell.send(bytes.to_vec());
    }
}

impl ToManager for OneManager {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.told.try_recv().ok()
    }

    fn send(&mut self, bytes: Vec<u8>) {
        let _ = self.say.send(bytes);
    }
}
