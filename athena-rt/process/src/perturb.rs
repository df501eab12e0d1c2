//! A process where all that a model should not depend on is another than here.

use std::io;
use std::process::Command;

use tempfile::TempDir;

/// Gives a process another time zone, locale and working directory; its hash seed is its own
/// anyway. The folder must outlive it.
pub fn elsewhere(command: &mut Command) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    command
        .env("TZ", other("TZ", "Asia/Kathmandu", "America/St_Johns"))
        .env("LANG", other("LANG", "tr_TR.UTF-8", "C"))
        .env("LC_ALL", other("LC_ALL", "tr_TR.UTF-8", "C"))
        .current_dir(folder.path());
    Ok(folder)
}

/// A value that is not the present one.
fn other(name: &str, value: &'static str, instead: &'static str) -> &'static str {
    if std::env::var_os(name).is_some_and(|now| now == value) { instead } else { value }
}
