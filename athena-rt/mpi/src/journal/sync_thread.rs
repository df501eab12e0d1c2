//! A thread that syncs the journal, so that nobody waits for the disk.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use athena_core::error::{Error, Result};

/// The minimum time between two syncs.
const SYNC_INTERVAL: Duration = Duration::from_millis(20);

/// The thread of one file.
pub(super) struct SyncThread {
    requests: Sender<u64>,
    durable: Arc<AtomicU64>,
    error: Arc<Mutex<Option<String>>>,
}

impl SyncThread {
    /// Starts the thread for a file whose first `length` bytes are on disk.
    ///
    /// # Errors
    ///
    /// The thread can't be started.
    pub(super) fn start(file: Arc<File>, length: u64) -> Result<Self> {
        let (requests, received) = mpsc::channel();
        let durable = Arc::new(AtomicU64::new(length));
        let error = Arc::new(Mutex::new(None));
        let (reached, failed) = (Arc::clone(&durable), Arc::clone(&error));
        std::thread::Builder::new()
            .spawn(move || sync(&file, &received, &reached, &failed))
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        Ok(Self { requests, durable, error })
    }

    /// Requests a sync of the file up to `end`.
    pub(super) fn request(&self, end: u64) {
        // The thread ends only with an error, which it has stored.
        let _ = self.requests.send(end);
    }

    /// The length of the file that is on disk.
    ///
    /// # Errors
    ///
    /// A sync has failed.
    pub(super) fn durable_length(&self) -> Result<u64, String> {
        match self.error.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(error) => Err(error),
            None => Ok(self.durable.load(Ordering::Acquire)),
        }
    }
}

fn sync(
    file: &File,
    requests: &Receiver<u64>,
    durable: &AtomicU64,
    failed: &Mutex<Option<String>>,
) {
    while let Ok(first) = requests.recv() {
        let end = requests.try_iter().last().unwrap_or(first);
        if let Err(error) = file.sync_data() {
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            return;
        }
        durable.store(end, Ordering::Release);
        std::thread::sleep(SYNC_INTERVAL);
    }
}
