//! A model that calls `exit` ends the program that runs it, with all that is in progress. Whoever started the
//! program must not take that for success.

#![allow(unsafe_code, reason = "the C library tells what is called at the end of a program")]

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many guards there are.
static GUARDS: AtomicUsize = AtomicUsize::new(0);

/// While it lives, the end of this program by `exit` is an error with the exit code of a model that failed.
/// On Windows it has no effect.
#[derive(Debug)]
pub struct ExitGuard(());

impl ExitGuard {
    /// Begins to guard.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it has an effect")]
    pub fn new() -> Self {
        GUARDS.fetch_add(1, Ordering::SeqCst);
        #[cfg(unix)]
        c_library::register();
        Self(())
    }

    /// Turns all guards off, before this program ends itself.
    pub fn disarm() {
        GUARDS.store(0, Ordering::SeqCst);
    }
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        // They may be turned off.
        let less = |guards: usize| guards.checked_sub(1);
        let _ = GUARDS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
    }
}

#[cfg(unix)]
mod c_library {
    use std::sync::Once;
    use std::sync::atomic::Ordering;

    use athena_core::stdio::print_stderr;
    use athena_protocol::Exit;

    unsafe extern "C" {
        safe fn atexit(callback: extern "C" fn()) -> i32;
        safe fn _exit(code: i32) -> !;
    }

    /// Has the C library call this module at the end of the program. If it refuses, nothing is guarded.
    pub(super) fn register() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| _ = atexit(at_exit));
    }

    extern "C" fn at_exit() {
        if super::GUARDS.load(Ordering::SeqCst) == 0 {
            return;
        }
        print_stderr(
            "error: a model called `exit`, which ends the program; what was in progress has no outcome\n\
             help: return an error instead; `serve --processes N` and `work` run models in processes of their own",
        );
        _exit(Exit::Failure.code().into());
    }
}
