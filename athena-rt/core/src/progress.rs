//! A line of progress on a terminal, and one that says what was done.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use crate::display::plural;

/// How often the line is drawn.
const INTERVAL: Duration = Duration::from_millis(200);

/// What ends sooner has no line.
const SHORTEST: Duration = Duration::from_secs(1);

pub struct Progress {
    /// The amount to come, if known: bytes of messages, or a number of cases.
    total: Option<u64>,
    noun: &'static str,
    shown: bool,
    began: Instant,
    /// When the line was drawn last, if it was.
    drawn: Option<Instant>,
}

impl Progress {
    /// The progress of a stream of messages. `total`: bytes to come, 0 if unknown.
    pub fn new(shown: bool, total: u64) -> Self {
        Self::counting(shown, total, "message")
    }

    /// The progress of what `noun` names. `total`: the amount to come, 0 if unknown.
    pub fn counting(shown: bool, total: u64, noun: &'static str) -> Self {
        let total = (total > 0).then_some(total);
        Self { total, noun, shown, began: Instant::now(), drawn: None }
    }

    /// Shows that `amount` of the total is done, which is `count` messages or cases.
    pub fn at(&mut self, amount: u64, count: u64) {
        let last = self.drawn.unwrap_or(self.began);
        let pause = if self.drawn.is_some() { INTERVAL } else { SHORTEST };
        if !self.shown || last.elapsed() < pause {
            return;
        }
        self.drawn = Some(Instant::now());
        let _ = write!(stderr(), "\r{}\x1b[K", self.line(amount, count, self.began.elapsed()));
    }

    /// Takes the line away.
    pub fn end(&mut self) {
        if self.shown && self.drawn.is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
        self.shown = false;
    }

    /// Replaces the line by one that says how many there were and how long they took.
    pub fn close(&mut self, count: u64) {
        let is_long = self.shown && self.began.elapsed() >= SHORTEST;
        self.end();
        if is_long {
            let _ = writeln!(stderr(), "{}", closing(count, self.noun, self.began.elapsed()));
        }
    }

    fn line(&self, amount: u64, count: u64, time: Duration) -> String {
        let bar = match self.total {
            Some(total) => {
                let amount = amount.min(total);
                let done = usize::try_from(amount * 20 / total).unwrap_or(0);
                format!(
                    "[{}{}] {:3} %  ",
                    "=".repeat(done),
                    " ".repeat(20 - done),
                    amount * 100 / total
                )
            }
            None => String::new(),
        };
        format!("{bar}{}  {:.0}/s", plural(count, self.noun), rate(count, time))
    }
}

impl Drop for Progress {
    /// Errors are printed on a line of their own.
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether stderr is a terminal that can draw a line again.
pub fn is_on_terminal() -> bool {
    stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// `20000 messages in 3.2s (6250/s)`
fn closing(count: u64, noun: &str, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    format!("{} in {seconds:.1}s ({:.0}/s)", plural(count, noun), rate(count, time))
}

#[allow(clippy::cast_precision_loss, reason = "for the eye")]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_the_last_one_how_much_it_was() {
        let time = Duration::from_secs(4);
        let cases = Progress::counting(false, 200, "case");
        assert_eq!(cases.line(50, 50, time), "[=====               ]  25 %  50 cases  12/s");
        assert_eq!(Progress::new(false, 0).line(9, 1, time), "1 message  0/s");
        assert_eq!(closing(20_000, "message", time), "20000 messages in 4.0s (5000/s)");
    }
}
