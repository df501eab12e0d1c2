//! Integers and floats. An integer that `serde_json` can't hold is a marked text until the message is
//! written.

use athena_protocol::json::digits;
use serde_json::Value;

use super::ValueGenerator;

/// Marks the digits of an integer beyond 64 bits.
const WIDE: char = '\u{e000}';

/// An integer as a value.
pub(super) fn integer(number: i128) -> Value {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number.into(),
        _ => Value::String(format!("{WIDE}{number}")),
    }
}

/// The largest integer, which `i128` can't hold either.
pub(super) fn largest() -> Value {
    Value::String(format!("{WIDE}{}", u128::MAX))
}

/// The integer that a value is.
fn as_integer(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.strip_prefix(WIDE)?.parse().ok(),
        other => digits::of(other)?.parse().ok(),
    }
}

/// The text of a message, with its keys in order, whatever order the program's `serde_json` keeps.
pub(crate) fn to_text(value: &Value) -> String {
    let text = if is_sorted(value) {
        digits::to_text(value)
    } else {
        let mut sorted = value.clone();
        sorted.sort_all_objects();
        digits::to_text(&sorted)
    };
    if !text.contains(WIDE) {
        return text;
    }
    let mark = format!("\"{WIDE}");
    let mut parts = text.split(&mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find('"').unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        let plain = number.trim_start_matches('-');
        let is_number = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            out.push_str(number);
            out.push_str(rest.strip_prefix('"').unwrap_or(rest));
        } else {
            out.push_str(&mark);
            out.push_str(part);
        }
    }
    out
}

/// Whether the keys of all objects are in order.
fn is_sorted(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_sorted),
        Value::Object(members) => members.keys().is_sorted() && members.values().all(is_sorted),
        _ => true,
    }
}

/// A value as the key of an object.
pub(super) fn key_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_start_matches(WIDE).to_owned(),
        other => other.to_string(),
    }
}

/// The least and the greatest value of an integer type; of 128 bits without sign, that of `i128`.
pub(super) fn range(bits: u8, signed: bool) -> (i128, i128) {
    match (bits, signed) {
        (128, true) => (i128::MIN, i128::MAX),
        (128, false) => (0, i128::MAX),
        (bits, true) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        (bits, false) => (0, (1 << bits) - 1),
    }
}

/// A float that a type of these bits can hold.
pub(super) fn float(number: f64, bits: u8) -> Value {
    let most = if bits == 32 { f64::from(f32::MAX) } else { f64::MAX };
    let number = if number.is_finite() { number.clamp(-most, most) } else { most };
    Value::from(number)
}

impl ValueGenerator<'_> {
    pub(super) fn fresh_integer(&mut self, bits: u8, signed: bool) -> Value {
        let (least, most) = range(bits, signed);
        for _ in 0..8 {
            let number = match self.random.below(8) {
                0 => least,
                1 if bits == 128 && !signed => return largest(),
                1 => most,
                2 => least.saturating_add(self.random.below(20) as i128),
                3 | 4 => {
                    let drop = self.random.below(64);
                    let number = i128::from(self.random.next_u64() >> drop);
                    if signed && self.random.one_in(2) { -number } else { number }
                }
                5 if !self.pools.literals.is_empty() => {
                    self.random.pick(&self.pools.literals).copied().unwrap_or(0)
                }
                _ => self.random.pick(&self.pools.integers).copied().unwrap_or(0),
            };
            if (least..=most).contains(&number) {
                return integer(number);
            }
        }
        integer(self.random.below(10) as i128)
    }

    pub(super) fn mutate_integer(&mut self, bits: u8, signed: bool, value: &Value) -> Value {
        let (least, most) = range(bits, signed);
        let Some(old) = as_integer(value) else { return self.fresh_integer(bits, signed) };
        let literal = self.random.pick(&self.pools.integers).copied().unwrap_or(1);
        let new = match self.random.below(9) {
            0 => old.saturating_add(1),
            1 => old.saturating_sub(1),
            2 => old.saturating_mul(2),
            3 => old / 2,
            4 => old.saturating_neg(),
            5 => old.saturating_add(literal),
            6 => old.saturating_mul(10),
            _ => return self.fresh_integer(bits, signed),
        };
        integer(new.clamp(least, most))
    }

    pub(super) fn fresh_float(&mut self, bits: u8) -> Value {
        let number = match self.random.below(6) {
            0 => {
                let tenths = i32::try_from(self.random.below(2_000)).unwrap_or(0) - 1_000;
                f64::from(tenths) / 10.0
            }
            1 => {
                let number = self.random.pick(&self.pools.integers).copied().unwrap_or(0);
                #[allow(clippy::cast_precision_loss, reason = "any number near it does as well")]
                let number = number as f64;
                number
            }
            _ => self.random.pick(&self.pools.floats).copied().unwrap_or(0.0),
        };
        float(number, bits)
    }

    pub(super) fn mutate_float(&mut self, bits: u8, value: &Value) -> Value {
        let old = value.as_f64().unwrap_or(0.0);
        let new = match self.random.below(8) {
            0 => old + 1.0,
            1 => -old,
            2 => old / 2.0,
            3 => old * 10.0,
            4 => old.round(),
            5 => old + self.random.pick(&self.pools.floats).copied().unwrap_or(0.0),
            6 => old - 1.0,
            _ => return self.fresh_float(bits),
        };
        float(new, bits)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wide_integers_are_written_as_numbers() {
        assert_eq!(
            to_text(&json!({"b": integer(i128::MAX), "a": [largest(), 1]})),
            format!(r#"{{"a":[{},1],"b":{}}}"#, u128::MAX, i128::MAX)
        );
        assert_eq!(to_text(&integer(i128::MIN)), i128::MIN.to_string());
        assert_eq!(to_text(&json!("\u{e000}x")), "\"\u{e000}x\"");
        assert_eq!(integer(-1), json!(-1));
        assert_eq!(integer(u64::MAX.into()), json!(u64::MAX));
    }

    #[test]
    fn ranges_are_those_of_the_types() {
        assert_eq!(range(8, true), (-128, 127));
        assert_eq!(range(64, false), (0, u64::MAX.into()));
        assert_eq!(float(f64::MAX, 32), json!(f64::from(f32::MAX)));
    }
}
