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

#[cfg(test)]
pub(super) use self::crash::{crash_after, step};

#[cfg(test)]
mod crash {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Lets this number of steps happen. After them nothing happens any more, as after a crash.
    pub(in super::super) fn crash_after(steps: Option<usize>) {
        LEFT.set(steps);
    }

    pub(in super::super) fn step() -> io::Result<()> {
        match LEFT.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the program has ended")),
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
        }
    }
}
