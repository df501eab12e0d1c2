//! Where a line of the log comes from: the request whose message runs on the thread.
//!
//! A span tells the same, but to open and close one takes longer than a small model, whether or not
//! anything is logged. So it is only opened where a program has a subscriber of its own.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes where a line comes from.
type Words = Box<dyn Fn(&mut dyn Write) -> fmt::Result>;

thread_local! {
    static ORIGIN: RefCell<Option<Words>> = const { RefCell::new(None) };
}

static OURS: AtomicBool = AtomicBool::new(false);

/// Whether lines are written here; else spans have to tell where they come from.
pub fn are_ours() -> bool {
    OURS.load(Ordering::Relaxed)
}

pub(super) fn are_ours_now() {
    OURS.store(true, Ordering::Relaxed);
}

/// Works; every line that is logged meanwhile on this thread ends in these words.
pub fn from<T>(words: Words, work: impl FnOnce() -> T) -> T {
    /// Put back, even when the work panics.
    struct Before(Option<Words>);
    impl Drop for Before {
        fn drop(&mut self) {
            ORIGIN.set(self.0.take());
        }
    }
    let _before = Before(ORIGIN.replace(Some(words)));
    work()
}

/// A line as ever, and where it comes from.
pub(super) struct Line(Format);

impl Line {
    pub(super) fn new(has_colors: bool) -> Self {
        Self(Format::default().with_ansi(has_colors))
    }
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end_matches('\n');
        ORIGIN.with_borrow(|origin| {
            writer.write_str(line)?;
            if let Some(words) = origin {
                words(&mut writer)?;
            }
            writer.write_str("\n")
        })
    }
}
