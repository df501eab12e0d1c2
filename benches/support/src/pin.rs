//! Programs pinned to cores.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether programs can be pinned: `taskset` exists, and there is more than one core.
pub fn can_pin() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let taskset = Command::new("taskset").arg("--version").stdout(Stdio::null()).status();
    cores > 1 && taskset.is_ok_and(|status| status.success())
}

/// Returns the command of a program, pinned to a core if one is given.
pub fn pinned(program: &Path, core: Option<usize>) -> Command {
    let Some(core) = core else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}
