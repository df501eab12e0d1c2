//! The one error of this crate: a message for the user, help, and the exit code it leads to.

use std::fmt;
use std::path::Path;

use athena_protocol::Exit;

use crate::printable::{cut, escape};

/// What went wrong, in words for the user: every message names the file, variable, JSON pointer
/// or model it is about.
///
/// ```
/// use athena_rt::{Environment, Error};
///
/// let error: Error = <() as Environment>::read(vec![]).err().unwrap_or_else(|| Error::usage("no variable"));
/// assert_eq!(error.to_string(), "no variable");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    exit: Exit,
    message: String,
    help: Option<String>,
}

/// How many characters a message may have.
const LONGEST: usize = 10_000;

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
    pub fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::usage(format!("can't {doing} {}: {error}", path.display()))
    }

    /// The same error with advice below it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with what it is about in front of it.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{}: {}", escape(&context.to_string()), self.message);
        self
    }

    /// The same error with lines below it that are laid out already, colours and all.
    pub(crate) fn detail(mut self, lines: &str) -> Self {
        self.message.push('\n');
        self.message.push_str(lines);
        self
    }

    /// A message may hold anything that a user, a file or a model wrote.
    fn new(exit: Exit, message: &str) -> Self {
        Self { exit, message: escape(&cut(message, LONGEST)).into_owned(), help: None }
    }

    /// The exit code it leads to.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// The names nearest to one that is not known, best first; at most three, none that is far off.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // No name is that long, and the search takes time by its square.
    if wanted.len() > 200 {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `, did you mean ...?` for a name that is not known, or else the names that are.
pub(crate) fn suggest(wanted: &str, known: &[&str]) -> String {
    let near = nearest(wanted, known.iter().copied());
    match near.first() {
        Some(first) => format!(", did you mean `{first}`?"),
        None if known.is_empty() => ", there are none".to_owned(),
        None => {
            let shown: Vec<String> =
                known.iter().take(20).map(|name| format!("`{name}`")).collect();
            let more = if known.len() > 20 { ", .." } else { "" };
            format!(", known: {}{more}", shown.join(", "))
        }
    }
}
