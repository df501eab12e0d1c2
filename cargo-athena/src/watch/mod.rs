//! Changes on disk, and the packages they affect. Independent of runners.
//!
//! A report of the system only wakes the watch up. Changes are found by comparing two snapshots of
//! the files, so neither an editor's way of saving nor a burst of reports matters.

mod affected;
mod own_writes;
mod snapshot;
mod watcher;

pub(crate) use self::affected::{AffectedPackages, PackageGraph};
pub(crate) use self::own_writes::OwnWrites;
pub(crate) use self::snapshot::{Snapshot, WatchRoots};
pub(crate) use self::watcher::Watcher;
