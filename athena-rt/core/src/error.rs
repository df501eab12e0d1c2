//! The one error of this crate: a message for the user, help, and the exit code it leads to.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use athena_protocol::Exit;

use crate::display::{display_path, escape, truncate};
use crate::secrets::mask;

/// What went wrong, for the user: every message names the file, variable, JSON pointer or model it
/// is about. The cause, where there is one, is part of the message and is returned by
/// [`source`](std::error::Error::source) as well.
///
/// ```
/// use athena_rt::{Environment, Error};
///
/// let error: Error = <() as Environment>::read(vec![]).err().unwrap_or_else(|| Error::usage("no variable"));
/// assert_eq!(error.to_string(), "no variable");
/// ```
#[derive(Clone)]
pub struct Error {
    exit: Exit,
    message: String,
    helps: Vec<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// How many characters a message may have.
const LONGEST: usize = 10_000;

/// How many errors are shown behind the first of several.
const OTHERS: usize = 4;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A mistake in usage, a message, an environment or a case file: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, &message.into())
    }

    /// A model that failed: exit code 1.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, &message.into())
    }

    /// Nothing to run: exit code 4.
    pub fn nothing(message: impl Into<String>) -> Self {
        Self::new(Exit::Nothing, &message.into())
    }

    /// A file or folder that could not be read or written: exit code 2.
    pub fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let cause = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        Self::usage(format!("can't {doing} {}: {error}", display_path(path))).with_source(cause)
    }

    /// The same error with a line of advice below it, and below the advice that it has already.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    /// The same error with its cause. The message says it already: this is for programs.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The same error with what it is about in front of it.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{}: {}", escape(&context.to_string()), self.message);
        self
    }

    /// The same error with lines below it that are laid out already, colours and all.
    #[must_use]
    pub fn detail(mut self, lines: &str) -> Self {
        self.message.push('\n');
        self.message.push_str(lines);
        self
    }

    /// One error of several that have one cause each: the first as it is, a few others by their first lines, and
    /// the advice of the first. The exit code is the worst of theirs.
    #[must_use]
    pub fn of_several(message: &str, errors: &[Self]) -> Self {
        let exit = Exit::worst(errors.iter().map(|error| error.exit));
        let Some((first, others)) = errors.split_first() else { return Self::new(exit, message) };
        let mut lines: Vec<&str> = first.message.lines().collect();
        let shown = others.iter().take(OTHERS);
        lines.extend(shown.filter_map(|error| error.message.lines().next()));
        let more = format!("and {} more", others.len().saturating_sub(OTHERS));
        if others.len() > OTHERS {
            lines.push(&more);
        }
        let text = format!("  {}", lines.join("\n  "));
        Self { helps: first.helps.clone(), ..Self::new(exit, message).detail(&text) }
    }

    /// A message may hold anything that a user, a file or a model wrote.
    fn new(exit: Exit, message: &str) -> Self {
        Self {
            exit,
            message: escape(&truncate(message, LONGEST)).into_owned(),
            helps: Vec::new(),
            source: None,
        }
    }

    /// The exit code it leads to.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.message))?;
        self.helps.iter().try_for_each(|help| write!(f, "\nhelp: {}", mask(help)))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Errors are equal if they print the same and lead to the same exit code.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.exit == other.exit && self.message == other.message && self.helps == other.helps
    }
}

impl Eq for Error {}

/// An error about files that can't be used together, or can't be written.
pub fn file_error(error: athena_protocol::files::FileError) -> Error {
    Error::usage(error.message).help(error.help)
}

/// An error about a feature that the program was built without, with the way to add it.
pub fn missing_feature(feature: &str) -> Error {
    Error::usage(format!("this program was built without the feature `{feature}` of athena-rt"))
        .help(format!(
            "in Cargo.toml: athena-rt = {{ .., features = [\"{feature}\"] }}; or build with --features athena-rt/{feature}"
        ))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn every_help_line_is_kept_and_the_cause_is_the_source() {
        let cause = io::Error::from_raw_os_error(2);
        let error = Error::io("read", Path::new("a.json"), &cause).help("first").help("second");
        assert_eq!(
            error.to_string(),
            format!("can't read a.json: {cause}\nhelp: first\nhelp: second")
        );
        assert_eq!(error.source().map(ToString::to_string), Some(cause.to_string()));
        assert_eq!(error.exit(), Exit::Usage);
    }

    #[test]
    fn of_several_errors_the_first_is_whole_and_the_number_is_said() {
        let first = Error::failure("a is not recorded").detail("  /x: 1 -> 2").help("sort");
        let others = (1..7).map(|line| Error::usage(format!("b:{line}: wrong")).help("other"));
        let errors: Vec<Error> = std::iter::once(first).chain(others).collect();
        let error = Error::of_several("7 of 9 messages are wrong:", &errors);
        assert_eq!(
            error.to_string(),
            "7 of 9 messages are wrong:\n  a is not recorded\n    /x: 1 -> 2\n  b:1: wrong\n  b:2: wrong\n  \
             b:3: wrong\n  b:4: wrong\n  and 2 more\nhelp: sort"
        );
        assert_eq!(error.exit(), Exit::Usage);
    }
}
