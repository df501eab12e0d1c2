//! Adds to each line of the log the request whose message runs on the thread.
//!
//! A span does the same, but opening and closing one takes longer than a small model, even if
//! nothing is logged. So spans are opened only if the program has installed its own subscriber.

use std::borrow::Cow;
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

/// Escapes line breaks: what a message or a panic says must not look like a line of its own.
fn one_line(text: &str) -> Cow<'_, str> {
    // Others than \n end a line in some viewers.
    const BREAKS: [char; 6] = ['\n', '\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'];
    if !text.contains(BREAKS) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if BREAKS.contains(&character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
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
            writer.write_str(&one_line(&mask(line)))?;
            if let Some(write_origin) = origin {
                write_origin(&mut writer)?;
            }
            writer.write_str("\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn no_text_looks_like_a_line_of_its_own() {
        assert_eq!(one_line("no\nmore\r\u{2028}x"), "no\\nmore\\r\\u{2028}x");
        assert_eq!(one_line("\u{1b}[1mplain: \u{e4}"), "\u{1b}[1mplain: \u{e4}");
    }
}
