//! Where a case is, and the failure of one that can't be read.

use std::path::Path;

use super::messages::{CaseFailure, FailureKind};
use athena_core::display::{self, escape, truncate};

/// The maximum length of a displayed reason in characters. The message of a panic may be of any length.
pub(super) const LONGEST: usize = 10_000;

/// The location of a case.
#[derive(Clone, Copy)]
pub(super) struct CaseLocation<'a> {
    pub path: &'a Path,
    /// The line of a suite, from 1.
    pub line: Option<usize>,
    /// The name of the file without its extension.
    pub stem: &'a str,
}

impl CaseLocation<'_> {
    /// A line and column of the case's text, for a person: `fixtures/m/f/seeded.json:3:7`. Its first line if
    /// there is none.
    pub(super) fn shown_at(self, within: Option<(usize, usize)>) -> String {
        let (line, column) = within.unwrap_or((1, 0));
        let line = self.line.unwrap_or(1) + line - 1;
        let column = if column > 0 { format!(":{column}") } else { String::new() };
        format!("{}:{line}{column}", display::display_path(self.path))
    }
}

/// The failure of a case that can't be read.
pub(super) fn unreadable(place: CaseLocation<'_>) -> impl Fn((usize, String)) -> CaseFailure {
    // In a suite the text is one line of the file.
    move |(line, reason)| broken(place, place.line.map_or(line, |first| first + line - 1), &reason)
}

fn broken(place: CaseLocation<'_>, line: usize, reason: &str) -> CaseFailure {
    let at = escape(&format!("{}:{line}", display::display_path(place.path))).into_owned();
    let reason = escape(&truncate(reason, LONGEST)).into_owned();
    match place.line {
        Some(_) => CaseFailure::broken_line(&at, &reason),
        None => CaseFailure::new(FailureKind::Broken, format!("{at}: {reason}\n")),
    }
}
