//! What changes on disk, and which packages that concerns. Knows nothing of runners.
//!
//! What the system reports only wakes a watch up: what has changed is read off the files, by
//! comparing two looks at them. So neither an editor's way of saving nor a burst of reports matters.

mod affected;
mod own_writes;
mod snapshot;
mod watcher;

pub(crate) use self::affected::{AffectedPackages, PackageGraph};
pub(crate) use self::own_writes::OwnWrites;
pub(crate) use self::snapshot::{Snapshot, WatchRoots};
pub(crate) use self::watcher::Watcher;
