//! Orders inputs by size.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Number, Value};

/// The enum variants that a model's input may contain.
#[derive(Clone, Debug, Default)]
pub struct Variants {
    enums: Vec<Vec<Variant>>,
    /// The index of each variant without data, by name.
    places: BTreeMap<String, usize>,
}

/// A variant of an enum.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name in messages.
    pub name: String,
    /// Whether it has data.
    pub has_data: bool,
}

impl Variants {
    /// Collects enums, each with its variants as declared.
    pub fn new(enums: Vec<Vec<Variant>>) -> Self {
        let mut places = BTreeMap::new();
        for variants in &enums {
            for (at, variant) in variants.iter().enumerate().filter(|(_, known)| !known.has_data) {
                let known = places.entry(variant.name.clone()).or_insert(at);
                *known = at.min(*known);
            }
        }
        Self { enums, places }
    }

    /// Simpler variants of any enum that contains this one: those without data; if it has no data
    /// itself, those declared before it.
    pub(crate) fn simpler(&self, name: &str) -> Vec<&str> {
        let mut simpler = Vec::new();
        for variants in &self.enums {
            let Some(at) = variants.iter().position(|known| known.name == name) else { continue };
            let until = if variants[at].has_data { variants.len() } else { at };
            let plain = variants[..until].iter().filter(|known| !known.has_data);
            simpler.extend(plain.map(|known| known.name.as_str()));
        }
        simpler
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }
}

/// The size of an input. Sizes are totally ordered without infinite descent: fewer values, then
/// shorter text, then fewer digits, then simpler values one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Fields, elements and variables at any depth.
    pub(crate) values: usize,
    text: usize,
    digits: usize,
    leaves: Vec<Leaf>,
}

/// A value without nested values, the simplest kind first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leaf {
    Null,
    Empty,
    Bool(bool),
    Number(Magnitude, bool),
    Variant(usize),
    Text(Vec<u32>),
}

/// The absolute value of a number.
#[derive(Clone, Copy, Debug)]
struct Magnitude {
    float: f64,
    /// The exact value of an integer, for which a float has too few digits.
    whole: u64,
}

impl Size {
    pub(crate) fn new(value: &Value, variants: &Variants) -> Self {
        let mut size = Self::default();
        size.add(value, variants);
        size
    }

    fn add(&mut self, value: &Value, variants: &Variants) {
        match value {
            Value::Null => self.leaves.push(Leaf::Null),
            Value::Bool(is) => self.leaves.push(Leaf::Bool(*is)),
            Value::Number(number) => {
                self.digits += number.to_string().len();
                let (magnitude, is_negative) = magnitude(number);
                self.leaves.push(Leaf::Number(magnitude, is_negative));
            }
            Value::String(text) => {
                if let Some(place) = variants.place(text) {
                    self.leaves.push(Leaf::Variant(place));
                } else {
                    let ranks: Vec<u32> = text.chars().map(rank).collect();
                    self.text += ranks.len();
                    self.leaves.push(Leaf::Text(ranks));
                }
            }
            Value::Array(items) => {
                self.values += items.len();
                self.add_all(items.iter(), variants);
            }
            Value::Object(fields) => {
                self.values += fields.len();
                self.add_all(fields.values(), variants);
            }
        }
    }

    fn add_all<'a>(&mut self, inner: impl Iterator<Item = &'a Value>, variants: &Variants) {
        let mut is_empty = true;
        for value in inner {
            is_empty = false;
            self.add(value, variants);
        }
        if is_empty {
            self.leaves.push(Leaf::Empty);
        }
    }
}

/// The rank of a character: `a`, then digits, then all others by their code.
pub(crate) fn rank(c: char) -> u32 {
    match c {
        'a' => 0,
        '0'..='9' => c as u32 - '0' as u32 + 1,
        _ => c as u32 + 11,
    }
}

fn magnitude(number: &Number) -> (Magnitude, bool) {
    let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    let float = number.as_f64().unwrap_or_default();
    (Magnitude { float: float.abs(), whole: whole.unwrap_or_default() }, float.is_sign_negative())
}

impl Ord for Magnitude {
    fn cmp(&self, other: &Self) -> Ordering {
        self.float.total_cmp(&other.float).then(self.whole.cmp(&other.whole))
    }
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Magnitude {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Magnitude {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(name: &str) -> Variant {
        Variant { name: name.to_owned(), has_data: false }
    }

    #[test]
    fn sizes_are_ordered_by_values_then_text_then_digits_then_each_value() {
        let variants = Variants::new(vec![vec![plain("First"), plain("B")]]);
        let in_order = [
            json!(null),
            json!({}),
            json!(false),
            json!(true),
            json!("First"),
            json!("B"),
            json!(0),
            json!(9),
            json!(-9),
            json!(10),
            json!(9_007_199_254_740_992_u64),
            json!(9_007_199_254_740_993_u64),
            json!("a"),
            json!("0"),
            json!("b"),
            json!("aa"),
            json!({ "key": null }),
            json!([0]),
            json!([0.5]),
            json!([[null]]),
        ];
        for pair in in_order.windows(2) {
            let (one, other) = (Size::new(&pair[0], &variants), Size::new(&pair[1], &variants));
            assert!(one < other, "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn simpler_variants_are_those_without_data_of_the_same_enum() {
        let tagged = Variant { name: "Tagged".to_owned(), has_data: true };
        let variants = Variants::new(vec![
            vec![plain("A"), tagged, plain("B"), plain("C")],
            vec![plain("X"), plain("B")],
        ]);
        assert_eq!(variants.simpler("B"), ["A", "X"]);
        assert_eq!(variants.simpler("Tagged"), ["A", "B", "C"]);
        assert!(variants.simpler("unknown").is_empty());
    }
}
