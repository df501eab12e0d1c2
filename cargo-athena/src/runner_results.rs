//! The files in which runners write what became of cases.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use athena_protocol::Entry;

use crate::error::{Error, Result};

/// Reads the entries of a file one by one.
pub(crate) fn read_entries(path: &Path) -> Result<impl Iterator<Item = Result<Entry>>> {
    let failed = || Error::failure("a runner's results can't be read");
    let file = File::open(path).map_err(|error| failed().cause(error))?;
    let lines = BufReader::with_capacity(256 << 10, file).split(b'\n');
    Ok(lines.map(move |line| {
        let line = line.map_err(|error| failed().cause(error))?;
        serde_json::from_slice(&line).map_err(|error| failed().cause(error))
    }))
}
