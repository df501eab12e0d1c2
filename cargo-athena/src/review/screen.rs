//! Takes over the terminal, draws on it, and restores it in all cases.

use std::io::{Write, stdout};
use std::panic;
use std::time::Duration;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{execute, queue};

use super::content::ReviewContent;
use super::draw::frame;
use super::keys;
use super::signals::SignalWatch;
use super::state::{ReviewEnd, ReviewState};
use crate::error::{Error, Result};
use crate::style::Style;

/// The width in columns from which both sides of a diff are beside each other.
const WIDE: u16 = 120;

/// How often signals are checked.
const TICK: Duration = Duration::from_millis(100);

/// Shows a review until it ends.
pub(super) fn run(
    state: &mut ReviewState,
    content: &mut ReviewContent<'_>,
    style: Style,
) -> Result<ReviewEnd> {
    let failed = |error: std::io::Error| Error::failure("the terminal can't be used").cause(error);
    let signals = SignalWatch::start(restore_terminal).map_err(failed)?;
    let terminal = TerminalGuard::take().map_err(failed)?;
    let end = show(state, content, style, &signals);
    drop(terminal);
    signals.end_program();
    end
}

fn show(
    state: &mut ReviewState,
    content: &mut ReviewContent<'_>,
    style: Style,
    signals: &SignalWatch,
) -> Result<ReviewEnd> {
    let failed = |error: std::io::Error| Error::failure("the terminal can't be used").cause(error);
    loop {
        let (width, height) = window();
        let rows = content.rows(state, width >= WIDE)?;
        let lines = frame(state, &rows, (width.into(), height.into()), style);
        draw(&lines).map_err(failed)?;
        loop {
            if signals.has_arrived() {
                return Ok(ReviewEnd::Quit);
            }
            if !event::poll(TICK).map_err(failed)? {
                // Resizes before the first poll cause no event.
                if window() == (width, height) {
                    continue;
                }
                break;
            }
            match event::read().map_err(failed)? {
                Event::Key(key) => {
                    if state.typed.is_some() {
                        let Some(edit) = keys::edit_for_event(key) else { continue };
                        if let Some(text) = state.edit(edit) {
                            content.search(state, &text)?;
                        }
                        break;
                    }
                    let Some(key) = keys::key_for_event(key) else { continue };
                    if let Some(end) = state.press(key) {
                        return Ok(end);
                    }
                    break;
                }
                Event::Resize(..) => break,
                _ => {}
            }
        }
    }
}

/// Columns and lines. The default is the smallest common terminal.
fn window() -> (u16, u16) {
    size().ok().filter(|(width, height)| *width > 0 && *height > 0).unwrap_or((80, 24))
}

fn draw(lines: &[String]) -> std::io::Result<()> {
    let mut out = stdout().lock();
    for (at, line) in lines.iter().enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        queue!(out, MoveTo(0, at))?;
        write!(out, "{line}")?;
        queue!(out, Clear(ClearType::UntilNewLine))?;
    }
    queue!(out, Clear(ClearType::FromCursorDown))?;
    out.flush()
}

/// Our use of the terminal, which is restored on drop.
struct TerminalGuard;

impl TerminalGuard {
    fn take() -> std::io::Result<Self> {
        enable_raw_mode()?;
        let terminal = Self;
        let print = panic::take_hook();
        // A panic message must be printed after the terminal is restored.
        panic::set_hook(Box::new(move |info| {
            restore_terminal();
            print(info);
        }));
        execute!(stdout(), EnterAlternateScreen, Hide)?;
        Ok(terminal)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore_terminal();
        if !std::thread::panicking() {
            let _ = panic::take_hook();
        }
    }
}

fn restore_terminal() {
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
