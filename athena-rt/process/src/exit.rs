//! How a process ended, and whether by itself.

use std::fmt;
use std::process::ExitStatus;

/// How a process ended that should not have: `exited with code 0 before it was done`,
/// `was killed by signal 9 (SIGKILL)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessExit {
    /// By itself: a crash, or an exit.
    Fault(String),
    /// By a signal from outside: it says nothing about what ran.
    Killed(String),
}

impl ProcessExit {
    pub(super) fn new(status: ExitStatus) -> Self {
        let mut message = exit_status_message(status);
        if status.code().is_some() {
            message.push_str(" before it was done");
        }
        if is_fault(status) { Self::Fault(message) } else { Self::Killed(message) }
    }
}

impl fmt::Display for ProcessExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Fault(message) | Self::Killed(message)) = self;
        f.write_str(message)
    }
}

/// How a process ended: `exited with code 0`, `was killed by signal 9 (SIGKILL)`.
pub(super) fn exit_status_message(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = signals::name(signal).map(|name| format!(" ({name})")).unwrap_or_default();
        return format!("was killed by signal {signal}{name}");
    }
    match status.code() {
        Some(code) => format!("exited with code {code}"),
        None => "ended".to_owned(),
    }
}

/// The text for a process that does nothing any more.
pub(super) fn stopped_message(signal: i32) -> String {
    #[cfg(unix)]
    if let Some(name) = signals::name(signal) {
        return format!("was stopped by signal {signal} ({name}) and did not continue");
    }
    format!("was stopped by signal {signal} and did not continue")
}

/// Whether a process ended by itself: by an exit, or by a signal that its own code raises.
fn is_fault(status: ExitStatus) -> bool {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return signals::is_fault(signal);
    }
    status.code().is_some()
}

#[cfg(unix)]
mod signals {
    use rustix::process::Signal;

    /// Signals that a program's own code raises.
    const FAULTS: [(Signal, &str); 7] = [
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT: abort, or a stack overflow"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::SYS, "SIGSYS"),
    ];

    const OTHERS: [(Signal, &str); 6] = [
        (Signal::KILL, "SIGKILL"),
        (Signal::TERM, "SIGTERM"),
        (Signal::STOP, "SIGSTOP"),
        (Signal::TSTP, "SIGTSTP"),
        (Signal::TTIN, "SIGTTIN: it reads from the terminal"),
        (Signal::TTOU, "SIGTTOU: it changes the terminal"),
    ];

    pub(super) fn is_fault(number: i32) -> bool {
        FAULTS.iter().any(|(signal, _)| signal.as_raw() == number)
    }

    pub(super) fn name(number: i32) -> Option<&'static str> {
        let mut all = FAULTS.iter().chain(&OTHERS);
        all.find(|(signal, _)| signal.as_raw() == number).map(|(_, name)| *name)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn crashes_and_exits_are_faults_and_kills_are_not() {
        // A status of wait: the signal, or the code in the byte above.
        let exit = |raw| ProcessExit::new(ExitStatus::from_raw(raw));
        assert_eq!(
            exit(7 << 8),
            ProcessExit::Fault("exited with code 7 before it was done".to_owned())
        );
        let abort = "was killed by signal 6 (SIGABRT: abort, or a stack overflow)";
        assert_eq!(exit(6), ProcessExit::Fault(abort.to_owned()));
        let kill = "was killed by signal 9 (SIGKILL)";
        assert_eq!(exit(9), ProcessExit::Killed(kill.to_owned()));
        assert_eq!(exit(1), ProcessExit::Killed("was killed by signal 1".to_owned()));
    }
}
