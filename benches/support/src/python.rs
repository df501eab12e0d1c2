//! Python with packages.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Creates a virtual environment with these packages, unless it exists; returns its `bin`.
///
/// # Errors
///
/// Python is missing, it can't create environments, or a package can't be installed. The text is for
/// the user of the benchmark.
pub fn python(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let bin = folder.join("bin");
    let wanted = packages.join("\n");
    let note = folder.join("packages.txt");
    if std::fs::read_to_string(&note).is_ok_and(|there| there == wanted) {
        return Ok(bin);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder)).map_err(|error| {
        format!(
            "python3 can't create a virtual environment ({error}): apt-get install python3-venv"
        )
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
    let output = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&output).trim().to_owned())
}
