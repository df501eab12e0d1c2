//! Whether this is the process whose models these are, or a copy of it that a model has forked off.
//!
//! It is asked after every message, and asking the kernel for the process takes as long as a small model. So
//! Linux is told to empty a page of memory in every copy, and that page is read.

#![allow(unsafe_code, reason = "memory that a copy finds empty comes from the kernel")]

use std::sync::OnceLock;

/// The process whose models these are.
static HOME: OnceLock<Home> = OnceLock::new();

struct Home {
    process: u32,
    /// Is set here, and not in a copy; `None` if the kernel can't promise it.
    mark: Option<mark::Mark>,
}

/// This process is it, unless another one was before.
pub(super) fn remember() {
    HOME.get_or_init(|| Home { process: std::process::id(), mark: mark::Mark::set() });
}

/// Whether this process is a copy of the one that was remembered.
pub(super) fn is_copy() -> bool {
    HOME.get().is_some_and(|home| match &home.mark {
        Some(mark) => !mark.is_set(),
        None => home.process != std::process::id(),
    })
}

#[cfg(target_os = "linux")]
mod mark {
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};

    /// A page that the kernel empties in every copy of this process.
    pub(super) struct Mark(&'static AtomicBool);

    impl Mark {
        /// `None` if the kernel is older than 4.14, or refuses.
        pub(super) fn set() -> Option<Self> {
            let length = rustix::param::page_size();
            let access = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: the kernel chooses an address that nothing else uses.
            let page = unsafe { mmap_anonymous(null_mut(), length, access, MapFlags::PRIVATE) };
            let page = page.ok()?;
            // SAFETY: the page is the one above; nothing refers to it yet.
            unsafe { madvise(page, length, Advice::LinuxWipeOnFork) }.ok()?;
            // SAFETY: the page is never given back, is aligned, and holds zeros, which are `false`.
            let mark = unsafe { AtomicBool::from_ptr(page.cast()) };
            mark.store(true, Ordering::Relaxed);
            Some(Self(mark))
        }

        pub(super) fn is_set(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod mark {
    pub(super) struct Mark;

    impl Mark {
        pub(super) fn set() -> Option<Self> {
            None
        }

        pub(super) fn is_set(&self) -> bool {
            true
        }
    }
}
