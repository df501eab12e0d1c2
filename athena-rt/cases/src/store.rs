//! Reads the files of cases, and writes them completely or not at all.

use std::fs;
use std::io;
use std::path::Path;

use athena_core::display::display_path;
use athena_core::error::{Error, Result, file_error};
use athena_core::stdio::print_stderr;
use athena_protocol::files::{self, Recovery, Transaction};

/// The result of writing a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Created,
    Updated,
    Unchanged,
}

/// Reads a file; `None` if it does not exist.
pub fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) if matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff])) => Err(
            Error::usage(format!("{}:1: the file is UTF-16, not UTF-8", display_path(path))).help(
                "PowerShell's > writes UTF-16: save the file as UTF-8 without a byte order mark",
            ),
        ),
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count()
                + 1;
            Error::usage(format!("{}:{line}: the file is not valid UTF-8", display_path(path)))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, &error)),
    }
}

impl Written {
    /// What writing `new` over `old` does.
    pub fn new(old: Option<&str>, new: &str) -> Self {
        match old {
            None => Self::Created,
            Some(old) if old == new => Self::Unchanged,
            Some(_) => Self::Updated,
        }
    }
}

/// Begins to write in the folder of cases, alone: other programs that record wait until the
/// transaction is dropped.
///
/// # Errors
///
/// The folder can't be created, or a write that a crash interrupted can't be finished.
pub fn begin(fixtures: &Path) -> Result<Transaction> {
    let transaction = Transaction::begin(fixtures).map_err(file_error)?;
    report(fixtures, transaction.recovery());
    Ok(transaction)
}

/// Writes all files of a transaction, or none.
///
/// # Errors
///
/// A file was changed by another program, is read-only, or can't be written.
pub fn commit(transaction: Transaction) -> Result<()> {
    let notes = transaction.commit().map_err(file_error)?;
    for note in notes {
        print_stderr(&format!("note: {note}"));
    }
    Ok(())
}

/// Finishes or undoes a write that a crash interrupted, before cases are read.
///
/// # Errors
///
/// It can't be finished.
pub fn recover(fixtures: &Path) -> Result<()> {
    let recovery = files::recover(fixtures).map_err(file_error)?;
    report(fixtures, recovery.as_ref());
    Ok(())
}

fn report(fixtures: &Path, recovery: Option<&Recovery>) {
    if let Some(recovery) = recovery {
        print_stderr(&format!("note: {}", recovery.text(fixtures)));
    }
}
