//! A Python with what a peer needs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A virtual environment with these packages, made unless it is there; gives its `bin`.
///
/// # Errors
///
/// There is no Python, it can't make environments, or a package can't be had; in words for whoever
/// started the benchmark.
pub fn python(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let bin = folder.join("bin");
    let wanted = packages.join("\n");
    let note = folder.join("packages.txt");
    if std::fs::read_to_string(&note).is_ok_and(|there| there == wanted) {
        return Ok(bin);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder)).map_err(|error| {
        format!("python3 makes no virtual environment ({error}): apt-get install python3-venv")
    })?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(bin.join("python")).args(install).args(packages))
        .map_err(|error| format!("pip can't install {}: {error}", packages.join(" ")))?;
    std::fs::write(&note, wanted).map_err(|error| format!("{}: {error}", note.display()))?;
    Ok(bin)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).trim().to_owned())
}
