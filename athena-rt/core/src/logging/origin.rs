//! Adds to each line of the log the request whose message runs on the thread.
//!
//! A span does the same, but opening and closing one takes longer than a small model, even if
//! nothing is logged. So spans are opened only if the program has installed its own subscriber.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::secrets::mask;

/// Writes the request that a line belongs to.
type WriteOrigin = Box<dyn Fn(&mut dyn Write) -> fmt::Result>;

thread_local! {
    static ORIGIN: RefCell<Option<WriteOrigin>> = const { RefCell::new(None) };
}

static OWNED: AtomicBool = AtomicBool::new(false);

/// Whether our subscriber writes the log. Otherwise spans have to carry the request.
pub fn owns_subscriber() -> bool {
    OWNED.load(Ordering::Relaxed)
}

pub(super) fn set_owned() {
    OWNED.store(true, Ordering::Relaxed);
}

/// Runs `work`; `origin` is appended to each line that this thread logs meanwhile.
pub fn with_request_context<T>(origin: WriteOrigin, work: impl FnOnce() -> T) -> T {
    /// Restores the previous origin, even if the work panics.
    struct Restore(Option<WriteOrigin>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ORIGIN.set(self.0.take());
        }
    }
    let _restore = Restore(ORIGIN.replace(Some(origin)));
    work()
}

/// The usual format, followed by the origin.
pub(super) struct OriginFormat(Format);

impl OriginFormat {
    pub(super) fn new(has_colors: bool) -> Self {
        Self(Format::default().with_ansi(has_colors))
    }
}

impl<S, N> FormatEvent<S, N> for OriginFormat
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
            writer.write_str(&mask(line))?;
            if let Some(write_origin) = origin {
                write_origin(&mut writer)?;
            }
            writer.write_str("\n")
        })
    }
}
