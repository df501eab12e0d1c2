//! The one error type of this program.

use std::fmt::{self, Display, Formatter};
use std::io::{Write as _, stderr};
use std::path::Path;

use athena_protocol::Exit;
use athena_protocol::files::FileError;

use crate::style::Style;

/// An error that ends a command: what happened, why, what to do, and the exit code.
///
/// The message names the place: a file and line, a flag, a package. The first cause is also the
/// error's [`source`](std::error::Error::source).
#[derive(Debug)]
pub(crate) struct Error {
    exit: Exit,
    message: String,
    causes: Vec<Cause>,
    helps: Vec<String>,
}

/// An error of another crate, or a sentence.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The result of everything that can end a command.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wrong usage, or a file that can't be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A model or a runner failed.
    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, message)
    }

    /// Cargo could not build.
    pub(crate) fn build(message: impl Into<String>) -> Self {
        Self::new(Exit::Build, message)
    }

    /// There is nothing to run.
    pub(crate) fn nothing(message: impl Into<String>) -> Self {
        Self::new(Exit::Nothing, message)
    }

    /// A file or folder that can't be read.
    pub(crate) fn unreadable(path: &Path, cause: impl Into<Cause>) -> Self {
        Self::usage(format!("{} can't be read", path.display())).cause(cause)
    }

    /// A file or folder that can't be written.
    pub(crate) fn unwritable(path: &Path, cause: impl Into<Cause>) -> Self {
        Self::failure(format!("{} can't be written", path.display())).cause(cause)
    }

    /// Files that can't be used together, or can't be written.
    pub(crate) fn file_error(error: FileError) -> Self {
        Self::usage(error.message).help(error.help)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), helps: Vec::new() }
    }

    /// Puts the place in front of the message.
    pub(crate) fn within(mut self, place: impl Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// Adds a cause. All causes are printed, in this order.
    pub(crate) fn cause(mut self, cause: impl Into<Cause>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds a line about what to do. All lines are printed, in this order.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    /// Turns the error into a build error: the sources can't even be read.
    pub(crate) fn into_build_error(self) -> Self {
        Self { exit: Exit::Build, ..self }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The message and its causes on one line.
    pub(crate) fn to_line(&self) -> String {
        let mut line = self.message.clone();
        for cause in &self.causes {
            line = format!("{line}: {cause}");
        }
        line
    }

    /// Prints the error to stderr.
    pub(crate) fn print(&self, style: Style) {
        self.print_after(&style.error("error:"), style);
    }

    /// Prints the error to stderr as a warning: the command goes on.
    pub(crate) fn print_as_warning(&self, style: Style) {
        self.print_after(&style.warning("warning:"), style);
    }

    fn print_after(&self, label: &str, style: Style) {
        let mut text = format!("{label} {}\n", self.message);
        for cause in &self.causes {
            text += &format!("  {} {cause}\n", style.dim("because:"));
        }
        for help in &self.helps {
            text += &format!("  {} {help}\n", style.note("help:"));
        }
        // A closed stderr is not an error.
        let _ = stderr().write_all(text.as_bytes());
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let first = self.causes.first()?;
        Some(first.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::io;

    use super::*;

    #[test]
    fn causes_and_helps_are_all_kept_and_the_first_cause_is_the_source() {
        let error = Error::usage("a.json:3: not a case")
            .cause(io::Error::from(io::ErrorKind::NotFound))
            .cause("second")
            .help("one")
            .help("two")
            .within("record");
        assert_eq!(error.to_line(), "record: a.json:3: not a case: entity not found: second");
        assert_eq!(error.helps, ["one", "two"]);
        assert!(error.source().unwrap().is::<io::Error>());
        assert!(Error::nothing("x").source().is_none());
    }
}
