//! The place of an error in a value that serde doesn't read where it stands: a buffered value, or a key.
//!
//! The steps are put before the reason while an error is located, and taken off again with [`split`]: an error
//! that is dropped, as that of a variant that doesn't fit, drops its place too. In other readings errors stay
//! as they are.

use std::cell::Cell;
use std::fmt::Display;

use serde::de;

use super::pointer::escaped;
use athena_protocol::while_set;

/// Encloses the steps. No reason begins with it.
const MARK: char = '\u{1}';

thread_local! {
    static TRACES: Cell<bool> = const { Cell::new(false) };
}

/// Reads with places in the reasons of errors.
pub(crate) fn traced<T>(read: impl FnOnce() -> T) -> T {
    while_set(&TRACES, true, read)
}

/// Puts a step before the place of an error.
#[cold]
pub(crate) fn within<E: de::Error>(step: impl Display, error: E) -> E {
    if !TRACES.get() {
        return error;
    }
    at(&format!("/{}", escaped(&step.to_string())), error)
}

/// A step, which is known only while an error is located.
#[derive(Debug)]
pub(crate) struct Step {
    is_traced: bool,
    key: String,
}

impl Default for Step {
    fn default() -> Self {
        Self { is_traced: TRACES.get(), key: String::new() }
    }
}

impl Step {
    #[inline]
    pub(crate) fn set(&mut self, key: &str) {
        if self.is_traced {
            key.clone_into(&mut self.key);
        }
    }

    /// Puts the step before the place of an error.
    #[cold]
    pub(crate) fn before<E: de::Error>(&self, error: E) -> E {
        if self.is_traced { within(&self.key, error) } else { error }
    }
}

/// Puts a pointer before the place of an error.
pub(crate) fn at<E: de::Error>(pointer: &str, error: E) -> E {
    if !TRACES.get() || pointer.is_empty() {
        return error;
    }
    let text = error.to_string();
    let (inner, reason) = split(&text);
    E::custom(format!("{MARK}{pointer}{inner}{MARK}{reason}"))
}

/// The pointer before a reason, and the reason.
pub(crate) fn split(text: &str) -> (&str, &str) {
    text.strip_prefix(MARK).and_then(|rest| rest.split_once(MARK)).unwrap_or(("", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::Error as _;
    use serde::de::value::Error;

    #[test]
    fn steps_are_kept_only_while_an_error_is_located() {
        assert_eq!(within("a", Error::custom("no")).to_string(), "no");
        let error = traced(|| within("a/b", within(0, Error::custom("no"))));
        assert_eq!(split(&error.to_string()), ("/a~1b/0", "no"));
        assert_eq!(within("a", Error::custom("no")).to_string(), "no");
        assert_eq!(split("no"), ("", "no"));
    }
}
