//! Signals that end this command. While it waits for a program that it has started, that program is ended first, and
//! what is temporary is removed; then the signal has its default effect.

pub(crate) use self::platform::{end_program, has_arrived, leave_to_screen, wait};

#[cfg(unix)]
mod platform {
    use std::io;
    use std::process::{Child, ExitStatus};
    use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    /// How long a program may take to end after a signal.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// The signal that has arrived; 0 before.
    static ARRIVED: AtomicI32 = AtomicI32::new(0);

    /// The programs that are waited for.
    static WAITED_FOR: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

    /// Whether signals have their default effect at once: no program is waited for.
    static IS_DEFAULT: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    /// Whether a screen has to restore the terminal before a signal ends this program.
    static HAS_SCREEN: AtomicBool = AtomicBool::new(false);

    /// Waits for a program. A signal that ends this command ends the program first.
    pub(crate) fn wait(mut child: Child) -> io::Result<ExitStatus> {
        let is_default = watch()?;
        let pid = Pid::from_child(&child);
        let mut waited_for = programs();
        waited_for.push(pid);
        is_default.store(false, Ordering::SeqCst);
        drop(waited_for);
        // It may have come just before the program was known.
        if has_arrived() {
            let _ = kill_process(pid, Signal::TERM);
        }
        let status = child.wait();
        let mut waited_for = programs();
        waited_for.retain(|known| *known != pid);
        let is_over = waited_for.is_empty() && !HAS_SCREEN.load(Ordering::SeqCst);
        is_default.store(is_over, Ordering::SeqCst);
        status
    }

    /// Leaves the end of this program after a signal to a screen, or takes it back.
    pub(crate) fn leave_to_screen(is_left: bool) {
        HAS_SCREEN.store(is_left, Ordering::SeqCst);
        if let Some(is_default) = IS_DEFAULT.get() {
            is_default.store(!is_left, Ordering::SeqCst);
        }
    }

    /// Whether a signal has come while a program was waited for: this command ends as soon as it can.
    pub(crate) fn has_arrived() -> bool {
        ARRIVED.load(Ordering::SeqCst) != 0
    }

    /// Ends this program if a signal has arrived, with the signal's default effect.
    pub(crate) fn end_program() {
        if has_arrived() {
            let _ = low_level::emulate_default_handler(ARRIVED.load(Ordering::SeqCst));
        }
    }

    fn programs() -> MutexGuard<'static, Vec<Pid>> {
        WAITED_FOR.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch for signals, once.
    fn watch() -> io::Result<&'static AtomicBool> {
        if let Some(known) = IS_DEFAULT.get() {
            return Ok(known);
        }
        let is_default = Arc::new(AtomicBool::new(true));
        let ending = [SIGHUP, SIGINT, SIGTERM];
        for signal in ending {
            flag::register_conditional_default(signal, Arc::clone(&is_default))?;
        }
        let mut signals = Signals::new(ending)?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                ARRIVED.store(signal, Ordering::SeqCst);
                kill_all(Signal::TERM);
                std::thread::sleep(PATIENCE);
                kill_all(Signal::KILL);
            }
        })?;
        Ok(IS_DEFAULT.get_or_init(|| is_default))
    }

    fn kill_all(signal: Signal) {
        for pid in programs().iter() {
            let _ = kill_process(*pid, signal);
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use std::io;
    use std::process::{Child, ExitStatus};

    /// Waits for a program.
    pub(crate) fn wait(mut child: Child) -> io::Result<ExitStatus> {
        child.wait()
    }

    pub(crate) fn leave_to_screen(_: bool) {}

    /// Ctrl-C ends all programs of a console.
    pub(crate) fn has_arrived() -> bool {
        false
    }

    pub(crate) fn end_program() {}
}
