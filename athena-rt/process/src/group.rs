//! The process group of a model process. A model may start programs and fork: they are of the same
//! group, and end with it.

use std::process::Command;

/// The state of a child, which is still there to be waited for.
#[cfg_attr(not(unix), expect(dead_code, reason = "other systems tell an end only"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChildState {
    Running,
    /// It does nothing until it is told to continue; the number of the signal that stopped it.
    Stopped(i32),
    Ended,
}

/// The process that is started leads a group of its own: Ctrl-C reaches its parent only. One without a
/// parent ends by itself.
#[cfg(unix)]
pub(super) fn lead_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// Kills a process and all others of the group that it leads, or has led.
#[cfg(unix)]
pub(super) fn kill_group(leader: u32) {
    if let Some(leader) = to_pid(leader) {
        // An empty group is an error.
        let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
    }
}

/// Kills this process, and all others of its group if it leads one.
#[cfg(unix)]
pub(super) fn kill_own_group() {
    use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};

    if getpgrp() == getpid() {
        let _ = kill_process_group(getpid(), Signal::KILL);
    }
    let _ = kill_process(getpid(), Signal::KILL);
}

/// The state of a child; `None` if the system does not say.
#[cfg(unix)]
pub(super) fn child_state(child: u32) -> Option<ChildState> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED
        | WaitIdOptions::STOPPED
        | WaitIdOptions::NOHANG
        | WaitIdOptions::NOWAIT;
    let status = waitid(WaitId::Pid(to_pid(child)?), options).ok()?;
    Some(match status {
        None => ChildState::Running,
        Some(status) if status.stopped() => {
            ChildState::Stopped(status.stopping_signal().unwrap_or_default())
        }
        Some(_) => ChildState::Ended,
    })
}

#[cfg(unix)]
fn to_pid(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}

#[cfg(not(unix))]
pub(super) fn lead_group(_: &mut Command) {}

#[cfg(not(unix))]
pub(super) fn kill_group(_: u32) {}

#[cfg(not(unix))]
pub(super) fn kill_own_group() {}

#[cfg(not(unix))]
pub(super) fn child_state(_: u32) -> Option<ChildState> {
    None
}
