//! The place of a span in a W3C trace.

use std::ops::Range;

use athena_core::random;

/// The header of the trace and the span.
pub const TRACEPARENT: &str = "traceparent";

/// The header with values of tracing systems, which are passed on as they are.
pub const TRACESTATE: &str = "tracestate";

/// The longest `tracestate` that is passed on, in bytes. The specification asks for at least as much.
const LONGEST_STATE: usize = 512;

/// The length of a `traceparent` of version 00, in bytes, and where its parts are.
const LENGTH: usize = 55;
const TRACE: Range<usize> = 3..35;
const SPAN: Range<usize> = 36..52;
const FLAGS: Range<usize> = 53..55;

/// A span of a trace, as it is sent to others. Valid by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanContext {
    /// ASCII. In place, as each message has one and many copies are made.
    traceparent: [u8; LENGTH],
    tracestate: String,
}

impl SpanContext {
    /// Reads the headers of a sender; `None` if the first is invalid. A `tracestate` that is too long or
    /// has control characters is dropped, as the specification asks.
    pub fn parse(traceparent: &str, tracestate: &str) -> Option<Self> {
        let (trace, parent, flags) = parts(traceparent)?;
        let is_legal = tracestate.len() <= LONGEST_STATE
            && tracestate.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
        let mut written = [b'-'; LENGTH];
        written[..2].copy_from_slice(b"00");
        written[TRACE].copy_from_slice(trace.as_bytes());
        written[SPAN].copy_from_slice(parent.as_bytes());
        written[FLAGS].copy_from_slice(flags.as_bytes());
        Some(Self {
            traceparent: written,
            tracestate: if is_legal { tracestate.trim().to_owned() } else { String::new() },
        })
    }

    /// The context that the process was started in: the variables `TRACEPARENT` and `TRACESTATE`.
    pub fn from_environment() -> Option<Self> {
        let text = |name| std::env::var(name).unwrap_or_default();
        Self::parse(&text("TRACEPARENT"), &text("TRACESTATE"))
    }

    /// A new span, in the trace of its parent if it has one.
    #[must_use]
    pub fn new(parent: Option<&Self>) -> Self {
        let mut traceparent = parent.map_or_else(
            || {
                let mut traceparent = [b'-'; LENGTH];
                traceparent[..2].copy_from_slice(b"00");
                traceparent[TRACE].as_chunks_mut().0.iter_mut().for_each(write_random);
                traceparent[FLAGS].copy_from_slice(b"00");
                traceparent
            },
            |parent| parent.traceparent,
        );
        traceparent[SPAN].as_chunks_mut().0.iter_mut().for_each(write_random);
        let tracestate = parent.map_or_else(String::new, |parent| parent.tracestate.clone());
        Self { traceparent, tracestate }
    }

    /// The header of the trace and the span.
    pub fn traceparent(&self) -> &str {
        std::str::from_utf8(&self.traceparent).unwrap_or_default()
    }

    /// Values of tracing systems; often empty.
    pub fn tracestate(&self) -> &str {
        &self.tracestate
    }

    /// The trace's id: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.traceparent()[TRACE]
    }

    /// The span's id: 16 hexadecimal digits.
    pub fn span_id(&self) -> &str {
        &self.traceparent()[SPAN]
    }

    /// Two hexadecimal digits; the last bit says that the sender records the trace.
    pub fn flags(&self) -> &str {
        &self.traceparent()[FLAGS]
    }
}

/// The ids of the trace and the span, and the flags.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |text: &str| text.bytes().any(|byte| byte != b'0');
    let is_valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_set(trace)
        && is_hex(parent, 16)
        && is_set(parent)
        && is_hex(flags, 2);
    is_valid.then_some((trace, parent, flags))
}

/// The two digits of each byte.
const DIGITS: [[u8; 2]; 256] = {
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < digits.len() {
        let hex = b"0123456789abcdef";
        digits[byte] = [hex[byte >> 4], hex[byte & 15]];
        byte += 1;
    }
    digits
};

/// Sixteen random hexadecimal digits: an id, or half of one. An id of zeros is invalid.
fn write_random(out: &mut [u8; 16]) {
    let number = random::random_u64().max(1);
    for (digits, byte) in out.as_chunks_mut().0.iter_mut().zip(number.to_be_bytes()) {
        *digits = DIGITS[usize::from(byte)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_unless_it_is_invalid() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = SpanContext::parse(given, "vendor=1, other=2 ").unwrap();
        assert_eq!((parent.span_id(), parent.flags()), ("b7ad6b7169203331", "01"));
        let child = SpanContext::new(Some(&parent));
        assert_eq!(child.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert!(child.traceparent().ends_with("-01") && child.span_id() != parent.span_id());
        assert_eq!(child.tracestate(), "vendor=1, other=2");
        assert_eq!(SpanContext::parse(child.traceparent(), child.tracestate()), Some(child));
        for invalid in [
            "",
            "00-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(SpanContext::parse(invalid, ""), None, "{invalid}");
        }
    }

    #[test]
    fn a_state_that_is_not_a_header_is_dropped_and_the_trace_goes_on() {
        let given = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";
        for state in ["a=\u{1}", "\u{e4}=1", &"x".repeat(LONGEST_STATE + 1)] {
            let context = SpanContext::parse(given, state).unwrap();
            assert_eq!((context.tracestate(), context.traceparent().len()), ("", LENGTH));
        }
    }
}
