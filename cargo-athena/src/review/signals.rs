//! Signals that end a review.

pub(super) use self::platform::SignalWatch;

#[cfg(unix)]
mod platform {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::{flag, low_level};

    use crate::signals::leave_to_screen;

    /// How long the review may take to end after a signal.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Signals that end a program. While the terminal is ours they are only recorded.
    pub(crate) struct SignalWatch {
        which: Arc<AtomicUsize>,
        /// Whether signals have their default effect again.
        over: Arc<AtomicBool>,
    }

    impl SignalWatch {
        /// Starts to record signals. `restore` gives the terminal back if the review does not end.
        pub(crate) fn start(restore: fn()) -> std::io::Result<Self> {
            leave_to_screen(true);
            let which = Arc::new(AtomicUsize::new(0));
            let over = Arc::new(AtomicBool::new(false));
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
                let number = usize::try_from(signal).unwrap_or(1);
                flag::register_conditional_default(signal, Arc::clone(&over))?;
                flag::register_usize(signal, Arc::clone(&which), number)?;
            }
            let (its_which, its_over) = (Arc::clone(&which), Arc::clone(&over));
            // If the terminal is gone, as after a lost connection, the wait for a key never ends.
            std::thread::spawn(move || {
                while !its_over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(200));
                    if its_which.load(Ordering::Relaxed) != 0 {
                        std::thread::sleep(PATIENCE);
                        restore();
                        end(&its_which, &its_over);
                    }
                }
            });
            Ok(Self { which, over })
        }

        pub(crate) fn has_arrived(&self) -> bool {
            self.which.load(Ordering::Relaxed) != 0
        }

        /// Ends the program if a signal arrived, with that signal's default effect.
        pub(crate) fn end_program(self) {
            end(&self.which, &self.over);
            leave_to_screen(false);
        }
    }

    fn end(which: &AtomicUsize, over: &AtomicBool) {
        over.store(true, Ordering::Relaxed);
        if let Ok(signal @ 1..) = i32::try_from(which.load(Ordering::Relaxed)) {
            let _ = low_level::emulate_default_handler(signal);
        }
    }
}

#[cfg(not(unix))]
mod platform {
    /// Windows consoles report Ctrl-C as a key and restore themselves.
    pub(crate) struct SignalWatch;

    impl SignalWatch {
        #[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
        pub(crate) fn start(_: fn()) -> std::io::Result<Self> {
            Ok(Self)
        }

        #[allow(clippy::unused_self, reason = "as on Unix")]
        pub(crate) fn has_arrived(&self) -> bool {
            false
        }

        #[allow(clippy::unused_self, reason = "as on Unix")]
        pub(crate) fn end_program(self) {}
    }
}
