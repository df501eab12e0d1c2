//! Lines to read, and how they are made to fit.

use unicode_width::UnicodeWidthChar as _;

use crate::display::one_line;
use crate::style::Style;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowStyle {
    Plain,
    Strong,
    Dim,
    Removed,
    Added,
    Warning,
}

/// A line of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) look: RowStyle,
    /// What stands before it, in each line it takes.
    pub(super) lead: &'static str,
    /// As it is: nothing is escaped yet.
    pub(super) text: String,
    /// Whether it is cut where it is too long, and not continued in the next line.
    is_cut: bool,
}

impl Row {
    pub(super) fn new(look: RowStyle, text: impl Into<String>) -> Self {
        Self { look, lead: "", text: text.into(), is_cut: false }
    }

    /// With something before each line.
    pub(super) fn after(self, lead: &'static str) -> Self {
        Self { lead, ..self }
    }

    /// Cut where it is too long: it is said in full elsewhere.
    pub(super) fn in_one_line(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// The lines it takes at this width, escaped and coloured.
    pub(super) fn lines(&self, width: usize, style: Style) -> Vec<String> {
        let text = one_line(&self.text, usize::MAX).replace('\t', "    ");
        let width = width.saturating_sub(self.lead.len());
        let pieces =
            if self.is_cut { vec![truncate_columns(&text, width)] } else { wrap(&text, width) };
        pieces.iter().map(|piece| self.paint(&format!("{}{piece}", self.lead), style)).collect()
    }

    fn paint(&self, text: &str, style: Style) -> String {
        match self.look {
            RowStyle::Plain => text.to_owned(),
            RowStyle::Strong => style.strong(text),
            RowStyle::Dim => style.dim(text),
            RowStyle::Removed => style.removed(text),
            RowStyle::Added => style.added(text),
            RowStyle::Warning => style.warning(text),
        }
    }
}

/// A text in pieces of at most this many columns: at least one.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let its = c.width().unwrap_or(0);
        if used + its > width {
            pieces.push(String::new());
            used = 0;
        }
        used += its;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

/// The beginning of a text, with `..` where it is cut.
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

/// How many columns a text takes.
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
        // Each of these takes two columns.
        assert_eq!(wrap("\u{6f22}\u{5b57}\u{6f22}", 5), ["\u{6f22}\u{5b57}", "\u{6f22}"]);
        assert_eq!(truncate_columns("abcdef", 4), "ab..");
        assert_eq!(truncate_columns("abcd", 4), "abcd");
    }

    #[test]
    fn each_line_of_a_long_text_has_its_sign_and_gives_no_orders() {
        let row = Row::new(RowStyle::Removed, "abc\u{1b}[2J").after("-");
        let lines = row.lines(8, Style::for_both_streams(Some(crate::cli::Color::Never)));
        assert_eq!(lines, ["-abc\\u{1", "-b}[2J"]);
    }
}
