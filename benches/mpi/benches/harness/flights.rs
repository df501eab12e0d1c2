//! The input: 200,000 flights.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::value::RawValue;

/// The npm package with the flights, and the file in it.
const PACKAGE: &str = "vega-datasets@2.11.0";
const FILE: &str = "package/data/flights-200k.json";

/// Creates a file with one flight per line, repeated `times` times, unless it exists.
pub(crate) fn lines(
    folder: &Path,
    flights: Option<&Path>,
    times: usize,
) -> Result<PathBuf, String> {
    let with_path =
        |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let path = folder.join(format!("flights-{times}.jsonl"));
    if path.exists() && flights.is_none() {
        return Ok(path);
    }
    let array = match flights {
        Some(path) => path.to_owned(),
        None => fetched(folder)?,
    };
    let text = std::fs::read_to_string(&array).map_err(|error| with_path(&array, &error))?;
    let records: Vec<&RawValue> =
        serde_json::from_str(&text).map_err(|error| with_path(&array, &error))?;
    let mut lines = Vec::new();
    for _ in 0..times {
        for record in &records {
            lines.extend_from_slice(record.get().as_bytes());
            lines.push(b'\n');
        }
    }
    // Renamed when it is complete.
    let mut whole =
        tempfile::NamedTempFile::new_in(folder).map_err(|error| with_path(folder, &error))?;
    whole.write_all(&lines).map_err(|error| with_path(&path, &error))?;
    whole.persist(&path).map_err(|error| with_path(&path, &error))?;
    Ok(path)
}

/// Fetches the array of flights, unless it exists.
fn fetched(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join(FILE);
    if path.exists() {
        return Ok(path);
    }
    let name = run(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(folder))
        .map_err(|error| {
            format!("npm can't fetch {PACKAGE} ({error}): apt-get install -y npm, or --flights FILE with its {FILE}")
        })?;
    let unpack = ["-xzf", name.trim(), FILE];
    run(Command::new("tar").args(unpack).current_dir(folder))
        .map_err(|error| format!("{}: {error}", name.trim()))?;
    Ok(path)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
