//! Any JSON that is read by its text, as some of its numbers would lose their digits otherwise.

use athena_protocol::json::digits;
use athena_protocol::text::truncate;
use serde::de::{self, DeserializeOwned};
use serde_json::value::RawValue;

use super::pointer::of_path;
use super::trace::at;

/// The number of digits that an error shows.
const LONGEST: usize = 50;

/// Reads a value from its text.
pub(crate) fn read<T: DeserializeOwned, E: de::Error>(raw: &RawValue) -> Result<T, E> {
    let mut inner = serde_json::Deserializer::from_str(raw.get());
    digits::settled(|| serde_path_to_error::deserialize(&mut inner)).map_err(|error| {
        let pointer = of_path(error.path());
        let error = error.into_inner();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let reason = error.to_string();
        at(&pointer, E::custom(reason.strip_suffix(&suffix).unwrap_or(&reason)))
    })
}

/// Refuses an integer that neither 64 bits nor a float hold.
pub(crate) fn refuse_lost<E: de::Error>(raw: &RawValue) -> Result<(), E> {
    refuse(
        raw,
        |_| true,
        "64 bits are the most in any JSON: write it as text, or give it a field of type u128 or i128, or one under `#[field(number)]`",
    )
}

/// Refuses an integer beyond 64 bits that is not in what the type writes again.
pub(crate) fn refuse_changed<E: de::Error>(raw: &RawValue, written: &str) -> Result<(), E> {
    refuse(
        raw,
        |digits| !written.contains(digits),
        "its type does not keep it: write it as text, or give it a type that does",
    )
}

fn refuse<E: de::Error>(
    raw: &RawValue,
    is_lost: impl Fn(&str) -> bool,
    help: &str,
) -> Result<(), E> {
    let mut first = None;
    let mut note = |pointer: &str, digits: &str| {
        if first.is_none() && is_lost(digits) {
            first = Some((pointer.to_owned(), digits.to_owned()));
        }
    };
    digits::each_lost(raw, &mut note).map_err(E::custom)?;
    match first {
        None => Ok(()),
        Some((pointer, digits)) => Err(at(&pointer, E::custom(lost(&digits, help)))),
    }
}

/// The reason of an integer whose digits are not kept.
pub(crate) fn lost(digits: &str, help: &str) -> String {
    format!("the integer {} would lose digits, {help}", truncate(digits, LONGEST))
}
