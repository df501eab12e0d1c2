//! What a runner prints for people and programs.

use std::io::{self, Write as _};

use athena_core::{Error, Result};

/// Prints a text. A closed pipe is not an error: `RUNNER list | head -1` ends like any other command.
///
/// # Errors
///
/// Standard output can't be written to.
pub(super) fn print(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failure(format!("can't write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
