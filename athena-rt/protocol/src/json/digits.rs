//! Integers beyond 64 bits, which `serde_json` hands over as floats, and so with other digits.
//!
//! A message is read as usual first. What meets a float that may have been such an integer, and would lose its
//! digits, gives up with [`doubt`]. [`reading`] then reads the message again, while [`by_text`] is true: then any JSON
//! is read by its text. Messages without such numbers are read once, at the cost of a comparison per float.
//!
//! A [`Value`] has an object with the private key of `serde_json` for an integer that it does not hold. [`to_text`]
//! writes it as the number it is.

use std::cell::Cell;

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer, de};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::NUMBER_TOKEN;
use super::number::JsonNumber;
use super::pointer::escaped;
use super::raw::RawJson;
use crate::while_set::while_set;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A float that may have been an integer beyond 64 bits is an error that asks for its digits.
    Doubting,
    /// Any JSON is read by its text.
    ByText,
    /// Floats are what they are: nothing reads a message, or its digits were seen to.
    Settled,
}

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Settled) };
    static IS_MISSED: Cell<bool> = const { Cell::new(false) };
}

/// Reads a message, and again by its text if digits were missed.
#[inline]
pub fn reading<T>(read: impl Fn() -> T) -> T {
    let outer = IS_MISSED.replace(false);
    // One local, which is returned: a large message is not moved.
    let mut value = while_set(&MODE, Mode::Doubting, &read);
    if IS_MISSED.replace(outer) {
        value = again(read);
    }
    value
}

#[cold]
#[inline(never)]
fn again<T>(read: impl Fn() -> T) -> T {
    while_set(&MODE, Mode::ByText, read)
}

/// Whether digits were missed since the message is read: its error is not that of the message.
pub fn is_missed() -> bool {
    IS_MISSED.get()
}

/// Whether any JSON is read by its text now.
#[inline]
pub fn by_text() -> bool {
    MODE.get() == Mode::ByText
}

/// Reads a text whose digits are seen to.
pub fn settled<T>(read: impl FnOnce() -> T) -> T {
    while_set(&MODE, Mode::Settled, read)
}

/// Gives up if a float may have been an integer beyond 64 bits.
///
/// # Errors
///
/// The digits are needed, and the message is read again.
#[inline]
pub fn doubt<E: de::Error>(float: f64) -> Result<(), E> {
    if float.abs() < 9_223_372_036_854_775_808.0 { Ok(()) } else { miss_unless_settled() }
}

#[cold]
fn miss_unless_settled<E: de::Error>() -> Result<(), E> {
    if MODE.get() == Mode::Doubting { Err(missed()) } else { Ok(()) }
}

/// The error of digits that are needed: the message is read again.
#[cold]
pub fn missed<E: de::Error>() -> E {
    if MODE.get() == Mode::Doubting {
        IS_MISSED.set(true);
    }
    E::custom("the digits of a number are not known")
}

/// Whether a number is written as an integer that 64 bits do not hold.
pub fn is_wide(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // -0 is a float.
    is_whole
        && digits != "0"
        && !matches!(
            JsonNumber::parse(number),
            Some(JsonNumber::Unsigned(_) | JsonNumber::Signed(_))
        )
}

/// Whether a number is an integer whose digits neither 64 bits nor a float keep.
pub fn is_lost(number: &str) -> bool {
    is_wide(number) && float_of(number).is_none()
}

/// The float that is exactly this integer.
fn float_of(number: &str) -> Option<f64> {
    let float: f64 = number.parse().ok()?;
    (format!("{float:.0}") == number).then_some(float)
}

/// Whether a number is the integer of these digits.
pub(super) fn is_number(digits: &str, number: &serde_json::Number) -> bool {
    #[allow(clippy::float_cmp, reason = "exact equality is the question")]
    float_of(digits).is_some_and(|float| number.as_f64() == Some(float))
}

/// Calls `found` with the pointer and the digits of each integer that a [`Value`] does not hold.
///
/// # Errors
///
/// The text is not JSON, or nested more deeply than 128 levels.
pub fn each_lost(raw: &RawValue, found: &mut impl FnMut(&str, &str)) -> serde_json::Result<()> {
    fn walk(
        raw: &RawValue,
        pointer: &mut String,
        depth: usize,
        found: &mut impl FnMut(&str, &str),
    ) -> serde_json::Result<()> {
        let mut below = |step: &str, raw: &RawValue| {
            let length = pointer.len();
            pointer.push('/');
            pointer.push_str(&escaped(step));
            let walked = walk(raw, pointer, depth + 1, found);
            pointer.truncate(length);
            walked
        };
        match RawJson::parse(raw, depth)? {
            RawJson::List(items) => {
                items.iter().enumerate().try_for_each(|(at, item)| below(&at.to_string(), item))
            }
            RawJson::Object(members) => {
                members.iter().try_for_each(|(key, member)| below(key, member))
            }
            RawJson::Number(number) => {
                if is_lost(number) {
                    found(pointer, number);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
    walk(raw, &mut String::new(), 0, found)
}

/// Reads a value by its text: each integer is a number, or keeps its digits as [`number`] has them.
pub(super) fn value(raw: &RawValue, depth: usize) -> serde_json::Result<Value> {
    Ok(match RawJson::parse(raw, depth)? {
        RawJson::Null => Value::Null,
        RawJson::Bool(value) => value.into(),
        RawJson::Number(text) => number(text)?,
        RawJson::Text(text) => text.into(),
        RawJson::List(items) => {
            items.into_iter().map(|item| value(item, depth + 1)).collect::<Result<_, _>>()?
        }
        RawJson::Object(members) => {
            let mut object = Map::new();
            for (key, member) in members {
                object.insert(key, value(member, depth + 1)?);
            }
            object.sort_keys();
            Value::Object(object)
        }
    })
}

/// The value of a number: an object with its digits if it is an integer that 64 bits do not hold.
///
/// # Errors
///
/// The number is beyond the range of a float, and is not an integer.
pub fn number(text: &str) -> serde_json::Result<Value> {
    if is_wide(text) {
        return Ok(Value::Object(Map::from_iter([(NUMBER_TOKEN.to_owned(), text.into())])));
    }
    let out_of_range = || de::Error::custom("number out of range");
    Ok(match JsonNumber::parse(text).ok_or_else(out_of_range)? {
        JsonNumber::Unsigned(value) => value.into(),
        JsonNumber::Signed(value) => value.into(),
        JsonNumber::Float(value) => value.into(),
    })
}

/// The digits of an integer that 64 bits do not hold.
pub fn of(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(NUMBER_TOKEN)?.as_str().filter(|digits| is_wide(digits))
}

/// The float nearest to a number, whatever its digits.
pub fn as_float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| of(value)?.parse().ok().filter(|float: &f64| float.is_finite()))
}

/// The text of a value, with every integer as a number.
pub fn to_text(value: &Value) -> String {
    // Neither keys nor numbers of a value fail.
    serde_json::to_string(&WithDigits(value)).unwrap_or_default()
}

/// Appends the text of a value, as [`to_text`] has it.
pub fn append(value: &Value, out: &mut Vec<u8>) {
    // Neither keys nor numbers of a value fail.
    let _ = serde_json::to_writer(out, &WithDigits(value));
}

/// A value as it is written.
pub(super) struct WithDigits<'a>(pub(super) &'a Value);

impl Serialize for WithDigits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&WithDigits(item)))?;
                list.end()
            }
            Value::Object(members) => {
                if let Some(digits) = of(self.0) {
                    let raw = RawValue::from_string(digits.to_owned()).map_err(S::Error::custom)?;
                    return raw.serialize(serializer);
                }
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (key, member) in members {
                    object.serialize_entry(key, &WithDigits(member))?;
                }
                object.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{is_equal, parse};
    use super::*;

    #[test]
    fn an_integer_is_lost_if_a_float_is_another() {
        for (number, wanted) in [
            ("18446744073709551615", false),
            ("18446744073709551616", false),
            ("18446744073709551617", true),
            ("-9223372036854775808", false),
            ("-9223372036854775809", true),
            ("340282366920938463463374607431768211455", true),
            ("340282366920938463463374607431768211456", false),
            ("100000000000000000000", false),
            ("-0", false),
            ("1.5", false),
            ("1e30", false),
            ("", false),
            ("-", false),
        ] {
            assert_eq!(is_lost(number), wanted, "{number}");
        }
        assert!(is_lost(&"9".repeat(400)));
        assert!(
            is_wide("18446744073709551616") && !is_wide("18446744073709551615") && !is_wide("-0")
        );
    }

    #[test]
    fn values_keep_the_digits_of_integers_and_are_told_apart_by_them() {
        let text = r#"{"a":[340282366920938463463374607431768211455,1e300],"b":-170141183460469231731687303715884105728}"#;
        let value = parse(text).unwrap();
        assert_eq!(to_text(&value).replace("e+", "e"), text);
        assert_eq!(
            serde_json::to_string(&super::super::JsonValue(value.clone())).unwrap(),
            to_text(&value)
        );
        let other = parse(&text.replace("455", "454")).unwrap();
        assert!(is_equal(&value, &value) && !is_equal(&value, &other));
        assert_eq!(as_float(&value["a"][0]), Some(3.402_823_669_209_385e38));
        // A power of two is the same as a float.
        let [one, other] =
            [r#"{"a":170141183460469231731687303715884105728}"#, r#"{"a":1.7014118346046923e38}"#];
        assert!(is_equal(&parse(one).unwrap(), &parse(other).unwrap()));
        let mut lost = Vec::new();
        let raw: &RawValue = serde_json::from_str(r#"{"a/b":[1,18446744073709551617]}"#).unwrap();
        each_lost(raw, &mut |pointer, digits| lost.push(format!("{pointer} {digits}"))).unwrap();
        assert_eq!(lost, ["/a~1b/1 18446744073709551617"]);
    }

    #[test]
    fn what_is_deep_is_refused_and_does_not_end_the_process() {
        let deep = format!("[1e300,{}1{}]", "[".repeat(100_000), "]".repeat(100_000));
        let error = parse(&deep).unwrap_err().to_string();
        assert!(error.starts_with("recursion limit exceeded"), "{error}");
    }
}
