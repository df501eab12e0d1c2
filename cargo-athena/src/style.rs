//! Colours in the output.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use anstyle::{AnsiColor, Effects, Style as Ansi};

use crate::options::ColorChoice;

/// Whether to print colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    /// For text that goes to stderr.
    pub(crate) fn for_stderr(asked: Option<ColorChoice>) -> Self {
        Self { on: decide(asked, stderr().is_terminal()) }
    }

    /// For text that goes to both streams.
    pub(crate) fn for_both_streams(asked: Option<ColorChoice>) -> Self {
        Self { on: decide(asked, stdout().is_terminal() && stderr().is_terminal()) }
    }

    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    /// An error's label.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default() | Effects::BOLD, text)
    }

    /// A warning's label.
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default() | Effects::BOLD, text)
    }

    /// The label of a note or help.
    pub(crate) fn note(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default() | Effects::BOLD, text)
    }

    /// The most important part of a line.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Ansi::new() | Effects::BOLD, text)
    }

    /// A removed line.
    pub(crate) fn removed(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// An added line.
    pub(crate) fn added(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// The part of a line that differs from its counterpart; its colour stays.
    pub(crate) fn inverted(self, text: &str) -> String {
        self.paint(Ansi::new() | Effects::INVERT, text)
    }

    /// The least important part of a line.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Ansi::new() | Effects::DIMMED, text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The order of precedence: the flag, `CARGO_TERM_COLOR`, `NO_COLOR`, the terminal.
fn decide(asked: Option<ColorChoice>, terminal: bool) -> bool {
    let cargo = env::var("CARGO_TERM_COLOR").ok();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    choose(asked, cargo.as_deref(), no_color, terminal && !is_dumb)
}

fn choose(asked: Option<ColorChoice>, cargo: Option<&str>, no_color: bool, terminal: bool) -> bool {
    match (asked, cargo) {
        (Some(ColorChoice::Always), _) | (None, Some("always")) => true,
        (Some(ColorChoice::Never), _) | (None, Some("never")) => false,
        _ => terminal && !no_color,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_every_variable() {
        assert!(choose(Some(ColorChoice::Always), Some("never"), true, false));
        assert!(!choose(Some(ColorChoice::Never), Some("always"), false, true));
    }

    #[test]
    fn without_a_flag_cargos_variable_wins_over_no_color() {
        assert!(choose(None, Some("always"), true, false));
        assert!(!choose(None, Some("never"), false, true));
        assert!(!choose(None, Some("auto"), true, true));
    }

    #[test]
    fn with_nothing_said_the_terminal_decides() {
        assert!(choose(None, None, false, true));
        assert!(!choose(None, None, false, false));
        assert!(!choose(None, None, true, true));
    }
}
