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
use super::state::{ReviewEnd, ReviewState};
use crate::error::{Error, Result};
use crate::style::Style;

/// How often signals are checked.
const TICK: Duration = Duration::from_millis(100);

/// Shows a review until it ends.
pub(super) fn run(
    state: &mut ReviewState,
    content: &mut ReviewContent<'_>,
    style: Style,
) -> Result<ReviewEnd> {
    let failed = |error: std::io::Error| Error::failure("the terminal can't be used").cause(error);
    let signals = SignalWatch::watch().map_err(failed)?;
    let terminal = TerminalGuard::take().map_err(failed)?;
    let end = show(state, content, style, &signals);
    drop(terminal);
    signals.obey();
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
        let rows = content.rows(state)?;
        let (width, height) = window();
        let lines = frame(state, &rows, (width.into(), height.into()), style);
        draw(&lines).map_err(failed)?;
        loop {
            if signals.came() {
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
            give_back();
            print(info);
        }));
        execute!(stdout(), EnterAlternateScreen, Hide)?;
        Ok(terminal)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        give_back();
        if !std::thread::panicking() {
            let _ = panic::take_hook();
        }
    }
}

fn give_back() {
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

#[cfg(unix)]
use unix::SignalWatch;

#[cfg(unix)]
mod unix {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use std::time::Duration;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::give_back;

    /// How long the review may take to end after a signal.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Signals that end a program. While the terminal is ours they are only recorded.
    pub(super) struct SignalWatch {
        which: Arc<AtomicUsize>,
        /// Whether signals have their default effect again.
        over: Arc<AtomicBool>,
    }

    impl SignalWatch {
        pub(super) fn watch() -> std::io::Result<Self> {
            let which = Arc::new(AtomicUsize::new(0));
            let over = Arc::new(AtomicBool::new(false));
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
                let number = usize::try_from(signal).unwrap_or(1);
                flag::register_conditional_default(signal, Arc::clone(&over))?;
                flag::register_usize(signal, Arc::clone(&which), number)?;
            }
            let (its_which, its_over) = (Arc::clone(&which), Arc::clone(&over));
            // If the terminal is gone, as after a lost connection, the wait for a key never ends.
            std::thread::spawn(move || {
                while !its_over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(200));
                    if its_which.load(Ordering::Relaxed) != 0 {
                        std::thread::sleep(PATIENCE);
                        give_back();
                        end(&its_which, &its_over);
                    }
                }
            });
            Ok(Self { which, over })
        }

        pub(super) fn came(&self) -> bool {
            self.which.load(Ordering::Relaxed) != 0
        }

        /// Ends the program if a signal arrived, with that signal's default effect.
        pub(super) fn obey(self) {
            end(&self.which, &self.over);
        }
    }

    fn end(which: &AtomicUsize, over: &AtomicBool) {
        over.store(true, Ordering::Relaxed);
        if let Ok(signal @ 1..) = i32::try_from(which.load(Ordering::Relaxed)) {
            let _ = low_level::emulate_default_handler(signal);
        }
    }
}

/// Windows consoles report Ctrl-C as a key and restore themselves.
#[cfg(not(unix))]
struct SignalWatch;

#[cfg(not(unix))]
impl SignalWatch {
    #[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
    fn watch() -> std::io::Result<Self> {
        Ok(Self)
    }

    #[allow(clippy::unused_self, reason = "as on Unix")]
    fn came(&self) -> bool {
        false
    }

    #[allow(clippy::unused_self, reason = "as on Unix")]
    fn obey(self) {}
}
