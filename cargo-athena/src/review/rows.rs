//! Rows of text, fitted to the screen.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use crate::display::one_line;
use crate::style::Style;

/// The style of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowStyle {
    Plain,
    Strong,
    Dim,
    Removed,
    Added,
    Warning,
}

/// A row of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) look: RowStyle,
    /// The prefix of each of its lines.
    pub(super) lead: &'static str,
    /// Not escaped yet.
    pub(super) text: String,
    /// Whether a long row is truncated instead of wrapped.
    is_cut: bool,
    /// The parts that stand out, as ranges of characters.
    pub(super) marks: Vec<Range<usize>>,
    /// The row of the right half; this one is that of the left half.
    right: Option<Box<Row>>,
}

impl Row {
    pub(super) fn new(look: RowStyle, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { look, lead: "", text, is_cut: false, marks: Vec::new(), right: None }
    }

    /// Two rows beside each other, each in its half.
    pub(super) fn side_by_side(left: Option<Self>, right: Option<Self>) -> Self {
        let empty = || Self::new(RowStyle::Plain, "");
        let right = right.unwrap_or_else(empty);
        Self { right: Some(Box::new(right)), ..left.unwrap_or_else(empty) }
    }

    /// Sets the prefix of each line.
    pub(super) fn after(self, lead: &'static str) -> Self {
        Self { lead, ..self }
    }

    /// Truncates the row to one line; the full text is shown elsewhere.
    pub(super) fn in_one_line(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// The row's lines at this width, escaped and coloured.
    pub(super) fn lines(&self, width: usize, style: Style) -> Vec<String> {
        let Some(right) = &self.right else { return self.painted(width, style).0 };
        let half = width.saturating_sub(columns(BETWEEN)) / 2;
        let (left, widths) = self.painted(half, style);
        let (right, _) = right.painted(half, style);
        let count = left.len().max(right.len());
        let line = |at: usize| {
            let pad = half.saturating_sub(widths.get(at).copied().unwrap_or(0));
            let text = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            format!("{}{}{}{}", text(&left), " ".repeat(pad), style.dim(BETWEEN), text(&right))
        };
        (0..count).map(line).collect()
    }

    /// The lines at this width, and the width of each in columns.
    fn painted(&self, width: usize, style: Style) -> (Vec<String>, Vec<usize>) {
        let (text, marked) = self.escaped();
        let width = width.saturating_sub(self.lead.len());
        let pieces =
            if self.is_cut { vec![truncate_columns(&text, width)] } else { wrap(&text, width) };
        let widths = pieces.iter().map(|piece| self.lead.len() + columns(piece)).collect();
        let mut at = 0;
        let lines = pieces.iter().map(|piece| {
            let mut line = self.paint(self.lead, style);
            let (mut part, mut is_marked) = (String::new(), false);
            for letter in piece.chars() {
                let its = marked.get(at).copied().unwrap_or(false);
                if its != is_marked {
                    line += &self.paint_part(&std::mem::take(&mut part), is_marked, style);
                    is_marked = its;
                }
                part.push(letter);
                at += 1;
            }
            line + &self.paint_part(&part, is_marked, style)
        });
        (lines.collect(), widths)
    }

    /// The text as it is shown, and whether each of its characters stands out.
    fn escaped(&self) -> (String, Vec<bool>) {
        let shown = |text: &str| one_line(text, usize::MAX).replace('\t', "    ");
        if self.marks.is_empty() {
            return (shown(&self.text), Vec::new());
        }
        let (mut text, mut marked) = (String::new(), Vec::new());
        for (at, letter) in self.text.chars().enumerate() {
            let one = shown(letter.encode_utf8(&mut [0; 4]));
            let is_marked = self.marks.iter().any(|part| part.contains(&at));
            marked.extend(one.chars().map(|_| is_marked));
            text += &one;
        }
        (text, marked)
    }

    fn paint_part(&self, text: &str, is_marked: bool, style: Style) -> String {
        if text.is_empty() {
            return String::new();
        }
        let text = self.paint(text, style);
        if is_marked { style.inverted(&text) } else { text }
    }

    fn paint(&self, text: &str, style: Style) -> String {
        match self.look {
            _ if text.is_empty() => String::new(),
            RowStyle::Plain => text.to_owned(),
            RowStyle::Strong => style.strong(text),
            RowStyle::Dim => style.dim(text),
            RowStyle::Removed => style.removed(text),
            RowStyle::Added => style.added(text),
            RowStyle::Warning => style.warning(text),
        }
    }
}

/// What is between the halves of a row.
const BETWEEN: &str = " \u{2502} ";

/// Splits a text into pieces of at most `width` columns, after a space if one is near the end. There is at
/// least one piece.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut pieces = Vec::new();
    let (mut piece, mut used) = (String::new(), 0);
    for c in text.chars() {
        let its = c.width().unwrap_or(0);
        if used + its > width {
            // A word that is longer than a third of the line is split.
            let space = piece.trim_end().rfind(' ').map(|at| at + 1);
            let rest = space
                .filter(|at| columns(&piece[*at..]) <= width / 3)
                .map(|at| piece.split_off(at))
                .unwrap_or_default();
            pieces.push(std::mem::replace(&mut piece, rest));
            used = columns(&piece);
        }
        used += its;
        piece.push(c);
    }
    pieces.push(piece);
    pieces
}

/// Truncates a text to `width` columns. A truncated text ends with `..`.
pub(super) fn truncate_columns(text: &str, width: usize) -> String {
    let text = one_line(text, usize::MAX);
    let mut pieces = wrap(&text, width).into_iter();
    let first = pieces.next().unwrap_or_default();
    if pieces.next().is_none() {
        return first;
    }
    let shorter = wrap(&text, width.saturating_sub(2)).into_iter().next().unwrap_or_default();
    format!("{shorter}..")
}

/// The width of a text in columns.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("the first and second", 12), ["the first ", "and second"]);
        assert_eq!(wrap("a longlonglong", 8), ["a longlo", "nglong"]);
        // Each of these characters takes two columns.
        assert_eq!(wrap("\u{6f22}\u{5b57}\u{6f22}", 5), ["\u{6f22}\u{5b57}", "\u{6f22}"]);
        assert_eq!(truncate_columns("abcdef", 4), "ab..");
        assert_eq!(truncate_columns("abcd", 4), "abcd");
    }

    #[test]
    fn each_line_of_a_long_text_has_its_sign_and_gives_no_orders() {
        let row = Row::new(RowStyle::Removed, "abc\u{1b}[2J").after("-");
        let lines = row.lines(8, Style::for_both_streams(Some(crate::options::ColorChoice::Never)));
        assert_eq!(lines, ["-abc\\u{1", "-b}[2J"]);
    }
}
