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
    /// A line and column of the case's text, for a person: `fixtures/m/f/seeded.json:3:7`.
    pub(super) fn shown_at(self, within: Option<(usize, usize)>) -> String {
        let (line, column) = within.unwrap_or((1, 0));
        let line = self.line.unwrap_or(1) + line - 1;
        let column = if column > 0 { format!(":{column}") } else { String::new() };
        format!("{}:{line}{column}", display::display_path(self.path))
    }
}

/// The location of a case, for a person: `fixtures/m/f/seeded.json:1`.
pub(super) fn shown(place: CaseLocation<'_>) -> String {
    format!("{}:{}", display::display_path(place.path), place.line.unwrap_or(1))
}

/// The failure of a case that can't be read.
pub(super) fn unreadable(place: CaseLocation<'_>) -> impl Fn((usize, String)) -> CaseFailure {
    // In a suite the text is one line of the file.
    move |(line, reason)| broken(place, place.line.map_or(line, |first| first + line - 1), &reason)
}

pub(super) fn broken(place: CaseLocation<'_>, line: usize, reason: &str) -> CaseFailure {
    let at = escape(&format!("{}:{line}", display::display_path(place.path))).into_owned();
    let reason = escape(&truncate(reason, LONGEST)).into_owned();
    match place.line {
        Some(_) => CaseFailure::broken_line(&at, &reason),
        None => CaseFailure::new(FailureKind::Broken, format!("{at}: {reason}\n")),
    }
}

/// A line and column of a part of a text, as those of the whole text; all from 1. `None` for a place that is
/// not known.
pub(super) fn place_within(
    text: &str,
    part: &str,
    (line, column): (usize, usize),
) -> Option<(usize, usize)> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.get(..start)?;
    if line == 0 {
        return None;
    }
    let column_of_part = start - before.rfind('\n').map_or(0, |at| at + 1);
    let column = if line == 1 { column_of_part + column } else { column };
    Some((before.matches('\n').count() + line, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_message_is_one_in_its_file() {
        let text = "{\n  \"input\": {\n    \"a\": 1\n  }\n}";
        let part = &text[text.rfind('{').expect("a brace")..text.len() - 2];
        assert_eq!(place_within(text, part, (1, 1)), Some((2, 12)));
        assert_eq!(place_within(text, part, (2, 5)), Some((3, 5)));
        assert_eq!(place_within(text, part, (0, 0)), None);
    }
}
