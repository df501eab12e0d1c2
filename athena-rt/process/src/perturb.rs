//! Perturbs the environment of a process: a different time zone, locale and working directory.

use std::io;
use std::process::Command;

use tempfile::TempDir;

/// Sets another time zone, locale and working directory. The hash seed differs from process to
/// process anyway. The folder must outlive the process.
pub(super) fn perturb_environment(command: &mut Command) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    command
        .env("TZ", different("TZ", "Asia/Kathmandu", "America/St_Johns"))
        .env("LANG", different("LANG", "tr_TR.UTF-8", "C"))
        .env("LC_ALL", different("LC_ALL", "tr_TR.UTF-8", "C"))
        .current_dir(folder.path());
    Ok(folder)
}

/// `value`, or `instead` if the variable has that value in this process.
fn different(name: &str, value: &'static str, instead: &'static str) -> &'static str {
    if std::env::var_os(name).is_some_and(|present| present == value) { instead } else { value }
}
