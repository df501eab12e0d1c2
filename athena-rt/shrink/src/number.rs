//! Simplifies numbers.

use serde_json::{Number, Value};

/// The most digits of a fraction that are tried one by one.
const PLACES: usize = 17;

/// Simpler numbers, the simplest first: zero, the number without sign, without fraction, powers of
/// ten, fewer digits.
pub(crate) fn simpler(number: &Number) -> Vec<Value> {
    let mut found = vec![Value::from(0)];
    let text = number.to_string();
    let (sign, plain) = match text.strip_prefix('-') {
        Some(plain) => ("-", plain),
        None => ("", text.as_str()),
    };
    let mut add = |text: &str| {
        let without_sign = text.trim_start_matches('-');
        for text in [without_sign, text] {
            if let Ok(value) = serde_json::from_str::<Value>(text)
                && !found.contains(&value)
            {
                found.push(value);
            }
        }
    };
    let limit = number.as_f64().unwrap_or_default().abs();
    let mut power: u64 = 1;
    loop {
        #[allow(clippy::cast_precision_loss, reason = "a comparison that need not be exact")]
        if power as f64 >= limit.max(2.0) {
            break;
        }
        add(&format!("{sign}{power}"));
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => break,
        }
    }
    add(plain);
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()),
        None => (plain, None),
    };
    let scale = |exponent: i64| if exponent == 0 { String::new() } else { format!("e{exponent}") };
    if let Some(exponent) = exponent {
        for smaller in [0, exponent / 2, exponent - exponent.signum()] {
            add(&format!("{sign}{mantissa}{}", scale(smaller)));
        }
    }
    let suffix = exponent.map(scale).unwrap_or_default();
    if let Some((whole, fraction)) = mantissa.split_once('.') {
        add(&format!("{sign}{whole}{suffix}"));
        if let (Ok(whole), None) = (whole.parse::<u64>(), exponent) {
            add(&format!("{sign}{}", whole.saturating_add(1)));
        }
        for places in (1..fraction.len()).take(PLACES) {
            if let Some(start) = fraction.get(..places) {
                add(&format!("{sign}{whole}.{start}{suffix}"));
            }
        }
    }
    found
}

/// A number as a count of equal steps from zero: an integer, or the digits of a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberSteps {
    is_negative: bool,
    /// The number of steps from zero.
    pub(crate) count: u64,
    /// The number of digits after the decimal point.
    places: usize,
}

impl NumberSteps {
    pub(crate) fn from_number(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let plain = text.trim_start_matches('-');
        let places = plain.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let count = plain.replace('.', "").parse().ok()?;
        Some(Self { is_negative: text.starts_with('-'), count, places })
    }

    /// The number that is `count` steps from zero.
    pub(crate) fn at(self, count: u64) -> Option<Value> {
        let mut digits = count.to_string();
        if self.places > 0 {
            digits = format!("{digits:0>width$}", width = self.places + 1);
            digits.insert(digits.len() - self.places, '.');
        }
        let sign = if self.is_negative { "-" } else { "" };
        serde_json::from_str(&format!("{sign}{digits}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn simpler_texts(value: &Value) -> Vec<String> {
        let Value::Number(number) = value else { panic!("no number") };
        simpler(number).iter().map(Value::to_string).collect()
    }

    #[test]
    fn a_number_is_tried_as_zero_then_as_powers_then_without_sign_and_fraction() {
        assert_eq!(simpler_texts(&json!(47)), ["0", "1", "10", "47"]);
        assert_eq!(simpler_texts(&json!(-47)), ["0", "1", "-1", "10", "-10", "47"]);
        assert_eq!(simpler_texts(&json!(2.75)), ["0", "1", "2.75", "2", "3", "2.7"]);
        assert!(simpler_texts(&json!(1.5e-7)).contains(&"1.5".to_owned()));
        assert!(simpler_texts(&json!(1.5e300)).contains(&"1e+300".to_owned()));
    }

    #[test]
    fn steps_give_the_number_back() {
        for value in [json!(4711), json!(-3), json!(0.25), json!(-12.05), json!(u64::MAX)] {
            let Value::Number(number) = &value else { panic!("no number") };
            let steps = NumberSteps::from_number(number).unwrap();
            assert_eq!(steps.at(steps.count), Some(value));
        }
        assert_eq!(
            NumberSteps::from_number(&Number::from_f64(0.25).unwrap()).unwrap().at(7),
            Some(json!(0.07))
        );
        assert_eq!(NumberSteps::from_number(&Number::from_f64(1e300).unwrap()), None);
    }
}
