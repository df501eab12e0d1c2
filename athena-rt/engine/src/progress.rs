//! A line on a terminal that says how far a run is.

use std::io::Write;
use std::time::{Duration, Instant};

/// How often the line is drawn.
const EVERY: Duration = Duration::from_millis(200);

pub struct Progress {
    /// None where nobody looks.
    total: Option<u64>,
    shown: bool,
    began: Instant,
    drawn: Instant,
}

impl Progress {
    /// `total`: bytes to come, 0 where that is not known.
    pub fn new(shown: bool, total: u64) -> Self {
        let now = Instant::now();
        Self { total: (total > 0).then_some(total), shown, began: now, drawn: now }
    }

    pub fn at(&mut self, bytes: u64, messages: u64) {
        if !self.shown || self.drawn.elapsed() < EVERY {
            return;
        }
        self.drawn = Instant::now();
        #[allow(clippy::cast_precision_loss, reason = "for the eye")]
        let rate = messages as f64 / self.began.elapsed().as_secs_f64();
        let part = match self.total {
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
        let _ = write!(std::io::stderr(), "\r{part}{messages} messages  {rate:.0}/s\x1b[K");
    }

    pub fn end(&mut self) {
        if self.shown && self.drawn > self.began {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        self.shown = false;
    }
}

impl Drop for Progress {
    /// What went wrong is said on a line of its own.
    fn drop(&mut self) {
        self.end();
    }
}
