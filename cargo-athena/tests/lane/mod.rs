//! The target folders that the small packages of tests share.
//!
//! cargo lets one build at a time into a folder, and building a small package is work for one core. So a test builds
//! in one folder while another test builds in the other.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::seed;

/// The number of folders. Each has the dependencies built once.
const COUNT: usize = 2;

/// How many tests of this process use each folder.
static USERS: Mutex<[usize; COUNT]> = Mutex::new([0; COUNT]);

/// One of the folders, for a test.
#[derive(Debug)]
pub(crate) struct Lane(usize);

impl Lane {
    /// The one that the fewest tests use.
    pub(crate) fn least_used() -> Self {
        let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        // Under nextest each test is a process, and the number of a process is as good as chance.
        let first = std::process::id() as usize;
        let lanes = (first..first + COUNT).map(|lane| lane % COUNT);
        let lane = lanes.min_by_key(|lane| users[*lane]).unwrap_or_default();
        users[lane] += 1;
        Self(lane)
    }

    /// The one for programs with the feature `service`, whose dependencies take longer to build than all others.
    pub(crate) fn of_services() -> Self {
        USERS.lock().unwrap_or_else(PoisonError::into_inner)[0] += 1;
        Self(0)
    }

    /// The target folder.
    pub(crate) fn target(&self) -> PathBuf {
        let name = if self.0 == 0 { "projects".to_owned() } else { format!("projects-{}", self.0) };
        seed::target(&name)
    }

    /// Waits until no other test builds there. None does until the lock is dropped.
    pub(crate) fn lock(&self) -> File {
        let lock = File::create(self.target().join("lock")).unwrap();
        lock.lock().unwrap();
        lock
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        USERS.lock().unwrap_or_else(PoisonError::into_inner)[self.0] -= 1;
    }
}
