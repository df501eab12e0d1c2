//! Waits until files may have changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{Snapshot, WatchRoots};
use crate::error::Error;

/// The quiet time after which a change is complete. Saving several files, or switching a branch, is
/// one change.
const QUIET: Duration = Duration::from_millis(150);

/// The longest duration of a change.
const LONGEST: Duration = Duration::from_secs(3);

/// The interval of checks even if the system reports changes: file systems of networks, of
/// containers and of virtual machines do not report what others write.
const LOOK_INTERVAL: Duration = Duration::from_secs(3);

/// The longest part of the time that checks take: one in this many.
const LOOK_SHARE: u32 = 20;

/// The interval of checks if the system does not report changes.
const INTERVAL: Duration = Duration::from_secs(2);

/// Reports of the system. Each folder is watched separately, so that target and ignored folders do
/// not use up the system's limited number of watches.
pub(crate) struct Watcher {
    reports: Receiver<()>,
    /// `None` if the system does not report changes.
    system: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// How long the last check took.
    look_time: Duration,
}

impl Watcher {
    /// A watcher without folders. The error, if any, is the reason why it must poll the files.
    pub(crate) fn new() -> (Self, Option<Error>) {
        let (sender, reports) = channel();
        let system = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Reading is not a change, and this program reads a lot.
            if event.is_ok_and(|event| event.kind.is_access()) {
                return;
            }
            // After the watch nobody listens.
            let _ = sender.send(());
        });
        let (system, warning) = match system {
            Ok(system) => (Some(system), None),
            Err(error) => (None, Some(unreported(error))),
        };
        (Self { reports, system, watched: BTreeSet::new(), look_time: Duration::ZERO }, warning)
    }

    /// Takes a snapshot and watches every folder in it. The error, if any, is the reason why it
    /// must poll from now on.
    pub(crate) fn look(&mut self, roots: &WatchRoots) -> (Snapshot, Option<Error>) {
        loop {
            let start = Instant::now();
            let snapshot = Snapshot::take(roots);
            self.look_time = start.elapsed();
            match self.watch(&snapshot.folders) {
                Ok(false) => return (snapshot, None),
                // Files created in a new folder before it was watched need another snapshot.
                Ok(true) => {}
                Err(error) => {
                    self.system = None;
                    return (snapshot, Some(error));
                }
            }
        }
    }

    /// Waits until something may have changed, and then for a quiet moment; at most for a few
    /// seconds.
    pub(crate) fn wait(&self) {
        let wait = LOOK_INTERVAL.max(self.look_time * LOOK_SHARE);
        if self.system.is_none() {
            std::thread::sleep(INTERVAL.max(self.look_time * LOOK_SHARE));
            return;
        }
        match self.reports.recv_timeout(wait) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(INTERVAL);
                return;
            }
        }
        let start = Instant::now();
        while start.elapsed() < LONGEST {
            match self.reports.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    /// Watches new folders. Returns whether there were any.
    fn watch(&mut self, folders: &BTreeSet<PathBuf>) -> Result<bool, Error> {
        let Some(system) = &mut self.system else { return Ok(false) };
        for gone in self.watched.difference(folders) {
            // Folders that no longer exist are not watched anyway.
            let _ = system.unwatch(gone);
        }
        self.watched.retain(|folder| folders.contains(folder));
        let new: Vec<PathBuf> = folders.difference(&self.watched).cloned().collect();
        let is_any = !new.is_empty();
        for folder in new {
            watch(system, &folder)?;
            self.watched.insert(folder);
        }
        Ok(is_any)
    }
}

fn watch(system: &mut RecommendedWatcher, folder: &Path) -> Result<(), Error> {
    match system.watch(folder, RecursiveMode::NonRecursive) {
        // The folder was removed in the meantime.
        Err(_) if !folder.exists() => Ok(()),
        Err(error) => Err(unreported(error)),
        Ok(()) => Ok(()),
    }
}

/// The warning for a system that does not report changes, with how to fix it.
fn unreported(error: notify::Error) -> Error {
    const TOO_MANY_OPEN: i32 = 24;
    const NO_SPACE: i32 = 28;
    let code = match &error.kind {
        ErrorKind::Io(error) => error.raw_os_error(),
        ErrorKind::MaxFilesWatch => Some(NO_SPACE),
        _ => None,
    };
    let message = "the system does not report changes; files are checked every two seconds instead";
    let warning = Error::failure(message).cause(error);
    match code {
        Some(NO_SPACE) => warning
            .cause("the limit of watched folders is reached, counted over all programs")
            .help("raise it: sudo sysctl fs.inotify.max_user_watches=1048576"),
        Some(TOO_MANY_OPEN) => warning
            .cause("the limit of programs that watch folders is reached")
            .help("raise it: sudo sysctl fs.inotify.max_user_instances=1024"),
        _ => warning,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use super::*;

    #[test]
    fn a_limit_of_the_system_is_told_with_how_to_raise_it() {
        for (error, says) in [
            (notify::Error::new(ErrorKind::MaxFilesWatch), "max_user_watches"),
            (notify::Error::io(io::Error::from_raw_os_error(28)), "max_user_watches"),
            (notify::Error::io(io::Error::from_raw_os_error(24)), "max_user_instances"),
        ] {
            let text = format!("{:?}", unreported(error));
            assert!(text.contains(says) && text.contains("every two seconds"), "{text}");
        }
        assert!(!format!("{:?}", unreported(notify::Error::generic("other"))).contains("sysctl"));
    }

    #[test]
    fn a_change_in_a_folder_made_meanwhile_ends_the_wait() {
        let folder = tempfile::tempdir().unwrap();
        let roots = WatchRoots {
            folders: vec![folder.path().to_owned()],
            target: folder.path().join("target"),
            ..WatchRoots::default()
        };
        let (mut watcher, warning) = Watcher::new();
        assert!(warning.is_none(), "{warning:?}");
        let (mut before, _) = watcher.look(&roots);
        for file in ["new/a.rs", "new/deeper/b.rs"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "text").unwrap();
            watcher.wait();
            let (after, _) = watcher.look(&roots);
            assert_eq!(after.changes_since(&before), [path]);
            before = after;
        }
    }
}
