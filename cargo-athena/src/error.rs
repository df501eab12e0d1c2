use std::fmt::Display;
use std::io::{Write as _, stderr};

use athena_protocol::Exit;

use crate::style::Style;

/// What went wrong, why, what to do, and how the process ends.
#[derive(Debug)]
pub(crate) struct Error {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    help: Vec<String>,
}

/// The result of whatever may end the command.
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

    /// Says where it went wrong, in front of what did.
    pub(crate) fn within(mut self, place: impl Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The same as one of a build: what is to be built can't even be looked at.
    pub(crate) fn of_build(self) -> Self {
        Self { exit: Exit::Build, ..self }
    }

    /// Adds a line that says why.
    pub(crate) fn cause(mut self, cause: impl Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds a line that says what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// What went wrong and why, in a line.
    pub(crate) fn in_a_line(&self) -> String {
        let parts = std::iter::once(&self.message).chain(&self.causes);
        parts.map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it to stderr.
    pub(crate) fn print(&self, style: Style) {
        self.print_after(&style.error("error:"), style);
    }

    /// Prints it to stderr as one that ends nothing.
    pub(crate) fn print_as_warning(&self, style: Style) {
        self.print_after(&style.warning("warning:"), style);
    }

    fn print_after(&self, word: &str, style: Style) {
        say(&format!("{word} {}", self.message));
        for cause in &self.causes {
            say(&format!("  {} {cause}", style.dim("because:")));
        }
        for help in &self.help {
            say(&format!("  {} {help}", style.note("help:")));
        }
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), help: Vec::new() }
    }
}

/// Prints a line to stderr. A reader that is gone is no reason to fail.
pub(crate) fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}
