//! Reading as serde reads: a text is not a number, `1.0` not an integer, and a list that is missing not empty.
//!
//! Elsewhere messages are read more leniently, as ProtoJSON is. Among the variants of an untagged enum that would
//! take a value from the variant that has it: `"007"` is a text there, if a variant takes texts.

use std::cell::Cell;

use athena_protocol::while_set;

thread_local! {
    static IS_EXACT: Cell<bool> = const { Cell::new(false) };
}

/// Whether values are read exactly now.
pub(crate) fn is_exact() -> bool {
    IS_EXACT.get()
}

/// Reads exactly while `read` runs.
pub(crate) fn exactly<T>(read: impl FnOnce() -> T) -> T {
    while_set(&IS_EXACT, true, read)
}

/// The value of a list, map or set that is missing.
pub(crate) fn missing<T: Default>() -> Option<T> {
    (!is_exact()).then(T::default)
}
