//! Rejected messages: those that failed, as `--rejects` writes them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use athena_protocol::Format;
use serde::{Deserialize, Serialize};

use athena_core::display::escape_line;
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;

/// A message that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Its line, or its index in a stream of Protocol Buffers, from 1.
    line: u64,
    /// The kind of the error, or `message`, `panic`, `outcome`.
    kind: String,
    reason: String,
    /// The message; Protocol Buffers as base64.
    input: String,
}

impl Reject {
    pub fn new(line: u64, kind: &str, reason: String, message: &[u8], format: Format) -> Self {
        let input = match format {
            Format::Json => String::from_utf8_lossy(message).trim().to_owned(),
            Format::Protobuf => athena_structure::base64(message),
        };
        Self { line, kind: kind.to_owned(), reason, input }
    }

    /// The message's line and why it failed, on one line.
    fn to_line(&self) -> String {
        format!("line {}: {}: {}", self.line, self.kind, escape_line(&self.reason))
    }
}

/// Writes rejected messages to a file, one line of JSON each, or to standard error.
pub struct Rejects(Option<BufWriter<File>>);

impl Rejects {
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let create = |path: &Path| {
            File::create(path).map(BufWriter::new).map_err(|error| Error::io("write", path, &error))
        };
        path.map(create).transpose().map(Self)
    }

    pub fn add(&mut self, model: &str, reject: &Reject) -> Result<()> {
        let reason = escape_line(&reject.reason);
        let Some(file) = &mut self.0 else {
            print_stderr(&reject.to_line());
            return Ok(());
        };
        // Monitoring can filter by kind.
        tracing::info!(model, line = reject.line, kind = reject.kind, "{reason}");
        let text = serde_json::to_string(reject).unwrap_or_default();
        writeln!(file, "{text}").map_err(|error| write_error(&error))
    }

    pub fn flush(&mut self) -> Result<()> {
        self.0.as_mut().map_or(Ok(()), BufWriter::flush).map_err(|error| write_error(&error))
    }
}

fn write_error(error: &std::io::Error) -> Error {
    Error::failure(format!("can't write rejects: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_says_forges_no_line() {
        let reason = "oh\nline 3: done\r\x1b[2J".to_owned();
        let reject = Reject::new(2, "panic", reason, b"{}", Format::Json);
        assert_eq!(reject.to_line(), r"line 2: panic: oh\nline 3: done\u{d}\u{1b}[2J");
    }
}
