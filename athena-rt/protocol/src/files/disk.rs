//! The steps of a write that a crash can come between. Tests end the program at each of them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file that must not exist, with its content on disk. `write` writes it, and sets the
/// attributes of the file.
pub(super) fn create<T>(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<T>,
) -> io::Result<T> {
    step()?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    step()?;
    let written = write(&mut file)?;
    step()?;
    file.sync_all()?;
    Ok(written)
}

/// Creates a folder, and returns whether it is new.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    step()?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    }
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)
}

/// Removes a file. It may be gone.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    step()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes a folder that is empty.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_dir(path)
}

/// Puts the names in a folder on disk. Some systems can't open folders, or can't sync them.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    step()?;
    if let Ok(folder) = File::open(path) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, reason = "fails in tests")]
fn step() -> io::Result<()> {
    Ok(())
}

/// The steps that are left to a thread, which only tests count.
#[cfg(not(test))]
#[derive(Clone)]
pub(super) struct Steps;

#[cfg(not(test))]
impl Steps {
    pub(super) fn of_this_thread() -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "used in tests")]
    pub(super) fn count_here(self) {}
}

#[cfg(test)]
use self::crash::step;
#[cfg(test)]
pub(super) use self::crash::{Steps, crash_after};

#[cfg(test)]
mod crash {
    use std::cell::RefCell;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    thread_local! {
        static LEFT: RefCell<Option<Arc<AtomicUsize>>> = const { RefCell::new(None) };
    }

    /// Lets this number of steps happen. After them nothing happens any more, as after a crash.
    pub(in super::super) fn crash_after(steps: Option<usize>) {
        LEFT.set(steps.map(|steps| Arc::new(AtomicUsize::new(steps))));
    }

    /// The steps that are left to a thread and those that it starts.
    #[derive(Clone)]
    pub(in super::super) struct Steps(Option<Arc<AtomicUsize>>);

    impl Steps {
        pub(in super::super) fn of_this_thread() -> Self {
            Self(LEFT.with_borrow(Clone::clone))
        }

        pub(in super::super) fn count_here(self) {
            LEFT.set(self.0);
        }
    }

    pub(in super::super) fn step() -> io::Result<()> {
        let Steps(Some(left)) = Steps::of_this_thread() else { return Ok(()) };
        let take_one = |left: usize| left.checked_sub(1);
        match left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other("the program has ended")),
        }
    }
}
