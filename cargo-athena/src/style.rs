//! Whether and how what is printed has colours.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

use anstyle::{AnsiColor, Effects, Style as Ansi};

use crate::cli::Color;

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    /// For messages of our own.
    pub(crate) fn for_stderr(asked: Option<Color>) -> Self {
        Self { on: decide(asked, stderr().is_terminal()) }
    }

    /// For what goes to both streams.
    pub(crate) fn for_both_streams(asked: Option<Color>) -> Self {
        Self { on: decide(asked, stdout().is_terminal() && stderr().is_terminal()) }
    }

    /// Whether there are colours.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    /// The word before an error.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default() | Effects::BOLD, text)
    }

    /// The word before a warning.
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default() | Effects::BOLD, text)
    }

    /// The word before advice.
    pub(crate) fn note(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default() | Effects::BOLD, text)
    }

    /// What matters most in a line.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Ansi::new() | Effects::BOLD, text)
    }

    /// What was there.
    pub(crate) fn removed(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// What is there now.
    pub(crate) fn added(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// What matters least in a line.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Ansi::new() | Effects::DIMMED, text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The flag decides, then cargo's own variable, then `NO_COLOR`, then the terminal.
fn decide(asked: Option<Color>, terminal: bool) -> bool {
    let cargo = env::var("CARGO_TERM_COLOR").ok();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    choose(asked, cargo.as_deref(), no_color, terminal && !is_dumb)
}

fn choose(asked: Option<Color>, cargo: Option<&str>, no_color: bool, terminal: bool) -> bool {
    match (asked, cargo) {
        (Some(Color::Always), _) | (None, Some("always")) => true,
        (Some(Color::Never), _) | (None, Some("never")) => false,
        _ => terminal && !no_color,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_every_variable() {
        assert!(choose(Some(Color::Always), Some("never"), true, false));
        assert!(!choose(Some(Color::Never), Some("always"), false, true));
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
