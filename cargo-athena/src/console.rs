//! Prints to stdout and stderr.

use std::io::{self, ErrorKind, Write as _, stderr, stdout};

use crate::error::{Error, Result};

/// Prints text to stdout. A closed pipe is not an error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(stdout_failed(error)),
        _ => Ok(()),
    }
}

/// Prints a line to stderr. A closed stderr is not an error.
pub(crate) fn print_status(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// The error of a write to stdout.
pub(crate) fn stdout_failed(error: io::Error) -> Error {
    Error::failure("stdout can't be written to").cause(error)
}
