//! A progress bar on a terminal.

use std::io::Write;
use std::time::{Duration, Instant};

/// How often the bar is drawn.
const INTERVAL: Duration = Duration::from_millis(200);

pub struct Progress {
    /// Bytes to come, if known.
    total: Option<u64>,
    shown: bool,
    began: Instant,
    drawn: Instant,
}

impl Progress {
    /// `total`: bytes to come, 0 if unknown.
    pub fn new(shown: bool, total: u64) -> Self {
        let now = Instant::now();
        Self { total: (total > 0).then_some(total), shown, began: now, drawn: now }
    }

    pub fn at(&mut self, bytes: u64, messages: u64) {
        if !self.shown || self.drawn.elapsed() < INTERVAL {
            return;
        }
        self.drawn = Instant::now();
        #[allow(clippy::cast_precision_loss, reason = "for the eye")]
        let rate = messages as f64 / self.began.elapsed().as_secs_f64();
        let bar = match self.total {
            Some(total) => {
                let tenths = usize::try_from(bytes.min(total) * 20 / total).unwrap_or(0);
                format!(
                    "[{}{}] {:3} %  ",
                    "=".repeat(tenths),
                    " ".repeat(20 - tenths),
                    bytes.min(total) * 100 / total
                )
            }
            None => String::new(),
        };
        let _ = write!(std::io::stderr(), "\r{bar}{messages} messages  {rate:.0}/s\x1b[K");
    }

    pub fn end(&mut self) {
        if self.shown && self.drawn > self.began {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        self.shown = false;
    }
}

impl Drop for Progress {
    /// Errors are printed on a line of their own.
    fn drop(&mut self) {
        self.end();
    }
}
