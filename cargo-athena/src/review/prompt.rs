//! A review on a dumb terminal: one question per step, answered by a letter and Enter.

use std::io::stdin;

use super::content::ReviewContent;
use super::draw::{labels, where_it_is};
use super::keys::key_for_letter;
use super::state::{ReviewEnd, ReviewState, ReviewView};
use crate::console::print;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::style::Style;

/// The most lines printed at once, unless the whole outcome is shown.
const LINES: usize = 40;

/// The width of the lines.
const WIDTH: usize = 79;

/// Asks until the review ends. The end of the input quits without changes.
pub(super) fn run(
    state: &mut ReviewState,
    content: &mut ReviewContent<'_>,
    style: Style,
) -> Result<ReviewEnd> {
    let failed = |error: std::io::Error| Error::failure("the terminal can't be used").cause(error);
    loop {
        let mut text = String::from("\n");
        if matches!(state.view, ReviewView::Outcome | ReviewView::Input) {
            text += &format!("{}\n", style.strong(&where_it_is(state)));
        }
        let rows = content.rows(state, false)?;
        let lines: Vec<String> = rows.iter().flat_map(|row| row.lines(WIDTH, style)).collect();
        let most = if state.whole { usize::MAX } else { LINES };
        for line in lines.iter().take(most) {
            text += &format!("{line}\n");
        }
        if lines.len() > most {
            text += &format!(".. {}: m\n", plural(lines.len() - most, "more line"));
        }
        print(&text)?;
        loop {
            let keys: Vec<String> =
                labels(state).into_iter().map(|(key, does)| format!("{key} {does}")).collect();
            let message = std::mem::take(&mut state.message);
            let before = if message.is_empty() { String::new() } else { format!("{message}\n") };
            print(&format!("{before}[{}] ", keys.join(", ")))?;
            let mut answer = String::new();
            if stdin().read_line(&mut answer).map_err(failed)? == 0 {
                return Ok(ReviewEnd::Quit);
            }
            let answer = answer.trim();
            if answer.is_empty() {
                continue;
            }
            let mut letters = answer.chars();
            let (Some(key), None) = (letters.next().and_then(key_for_letter), letters.next())
            else {
                state.message = String::from("type one letter; ? explains them");
                continue;
            };
            if let Some(end) = state.press(key) {
                return Ok(end);
            }
            if state.typed.take().is_some() {
                print("text: ")?;
                let mut text = String::new();
                if stdin().read_line(&mut text).map_err(failed)? == 0 {
                    return Ok(ReviewEnd::Quit);
                }
                content.search(state, text.trim())?;
            }
            break;
        }
        if !state.message.is_empty() {
            print(&format!("{}\n", std::mem::take(&mut state.message)))?;
        }
    }
}
