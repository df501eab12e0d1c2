//! The simplest value of a type, and the values to begin with: the boundary of each leaf, with all others
//! at their simplest.

use std::collections::BTreeMap;

use athena_structure::MessageError;
use athena_structure::description::{Definition, Field, Shape};
use serde_json::{Map, Value, json};

use super::layout::{array_item, definition, flatten, take_flat, wrap};
use super::number::{integer, key_text, largest, range};
use super::time::{DURATIONS, TIMESTAMPS, UUIDS};
use super::{ValueGenerator, to_text};

/// How deep a simplest value may be: a type that contains itself always has none.
const DEEPEST: usize = 24;

/// The most first values of a leaf, and of a type within another.
const LEAVES: usize = 200;
const NESTED: usize = 40;

/// How often a message is corrected until its type reads it.
const CORRECTIONS: usize = 2_000;

/// A message that a type reads, beginning with the simplest. What a type can't be read from is replaced,
/// such as a text of a type of another crate.
///
/// # Errors
///
/// The field that has no value, and the reason.
pub(crate) fn find_valid(
    generator: &ValueGenerator<'_>,
    check: &mut dyn FnMut(&str) -> Result<(), MessageError>,
) -> Result<Value, String> {
    let described = generator.described;
    let Some(mut value) = generator.simplest_of(&described.shape, DEEPEST) else {
        return Err("the type always contains itself".to_owned());
    };
    let mut tried: BTreeMap<String, (Value, usize, String)> = BTreeMap::new();
    for _ in 0..CORRECTIONS {
        let Err(error) = check(&to_text(&value)) else { return Ok(value) };
        let Some(at) = value.pointer_mut(&error.pointer) else { return Err(cause(&error)) };
        let first = || (at.clone(), 0, cause(&error));
        let (old, next, cause) = tried.entry(error.pointer.clone()).or_insert_with(first);
        let Some(other) = generator.replacement(old, *next) else { return Err(cause.clone()) };
        *next += 1;
        *at = other;
    }
    Err("no message was found that the type reads".to_owned())
}

/// Which values a field is varied by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    All,
    /// Those of `#[example(..)]`.
    Examples,
}

/// The values of `#[example(..)]`.
fn examples(field: &Field) -> Vec<Value> {
    field.examples.iter().filter_map(|text| athena_protocol::json::parse(text).ok()).collect()
}

/// Whether a value is read by a type of another crate.
fn is_foreign(shape: &Shape) -> bool {
    match shape {
        Shape::TextOf(_) | Shape::Json => true,
        Shape::Boxed(inner) => is_foreign(inner),
        _ => false,
    }
}

fn cause(error: &MessageError) -> String {
    let field = if error.pointer.is_empty() { "the message" } else { &error.pointer };
    format!("no value was found for {field}: {}", error.reason)
}

impl ValueGenerator<'_> {
    /// The value to try in place of one that can't be read.
    fn replacement(&self, old: &Value, at: usize) -> Option<Value> {
        let candidates: Vec<Value> = match old {
            Value::Number(_) => {
                self.pools.integers.iter().skip_while(|n| **n < 1).map(|n| integer(*n)).collect()
            }
            Value::String(_) => self.form_texts(""),
            // Any JSON, of a type of another crate.
            _ => Self::json_kinds(),
        };
        candidates.get(at).cloned()
    }

    /// The simplest value; `None` if a type always contains itself.
    pub(super) fn simplest_of(&self, shape: &Shape, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        Some(match shape {
            Shape::Bool => Value::Bool(false),
            Shape::Int { .. } => json!(0),
            Shape::Float { .. } => json!(0.0),
            Shape::Text | Shape::Bytes => json!(""),
            Shape::Option(_) | Shape::Json => Value::Null,
            Shape::List(_) | Shape::Set(_) => json!([]),
            Shape::Map(..) => Value::Object(Map::new()),
            Shape::Array(item, length) if **item == Shape::Bytes => {
                athena_structure::base64(&vec![0; *length]).into()
            }
            Shape::Array(item, length) => {
                vec![self.simplest_of(array_item(item), depth)?; *length].into()
            }
            Shape::Tuple(items) => {
                let items: Option<Vec<Value>> =
                    items.iter().map(|item| self.simplest_of(item, depth)).collect();
                items?.into()
            }
            Shape::Duration => DURATIONS[0].into(),
            Shape::Timestamp => TIMESTAMPS[0].into(),
            Shape::Uuid => UUIDS[0].into(),
            Shape::TextOf(name) => self.form_texts(name).first()?.clone(),
            Shape::Boxed(inner) => self.simplest_of(inner, depth)?,
            Shape::Named(key) => match self.shapes().get(key)? {
                Definition::Structure(owner) => {
                    let mut object = Map::new();
                    for field in owner.fields.iter().filter(|field| field.required || field.flatten)
                    {
                        // A type of another crate has no value that is known to be one.
                        let example = examples(field).into_iter().next();
                        let value = match example.filter(|_| is_foreign(&field.shape)) {
                            Some(example) => example,
                            None => self.simplest_of(&field.shape, depth)?,
                        };
                        if field.flatten {
                            flatten(&mut object, owner, value);
                        } else {
                            object.insert(field.name.to_owned(), value);
                        }
                    }
                    Value::Object(object)
                }
                Definition::Enumeration(owner) => {
                    let plain = owner.variants.iter().filter(|variant| variant.data.is_none());
                    let other = owner.variants.iter().filter(|variant| variant.data.is_some());
                    plain.chain(other).find_map(|variant| {
                        let data = match &variant.data {
                            Some(data) => Some(self.simplest_of(data, depth)?),
                            None => None,
                        };
                        wrap(owner, variant, data)
                    })?
                }
            },
        })
    }

    /// Messages to begin with: `base`, and each with one part of it at another of its first values.
    pub(crate) fn boundaries(&self, base: &Value) -> Vec<Value> {
        let mut all = vec![base.clone()];
        let shape = &self.described.shape;
        let examples = self.variations(shape, base, 0, Values::Examples);
        for value in examples.into_iter().chain(self.variations(shape, base, 0, Values::All)) {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        all
    }

    /// `base`, and each with one field at one of its examples.
    pub(crate) fn examples(&self, base: &Value) -> Vec<Value> {
        self.variations(&self.described.shape, base, 0, Values::Examples)
    }

    fn variations(&self, shape: &Shape, base: &Value, depth: usize, which: Values) -> Vec<Value> {
        let shapes = self.shapes();
        let Some(Definition::Structure(owner)) = definition(shapes, shape) else {
            return match which {
                Values::All => self.firsts(shape, depth),
                Values::Examples => Vec::new(),
            };
        };
        let Value::Object(object) = base else { return Vec::new() };
        let mut all = Vec::new();
        for field in owner.fields.iter().filter(|field| !field.secret) {
            let (current, rest) = if field.flatten {
                take_flat(shapes, owner, field, object)
            } else {
                let mut rest = object.clone();
                (rest.remove(field.name).unwrap_or_default(), rest)
            };
            let is_whole = definition(shapes, &field.shape).is_some() && !current.is_null();
            let values = match which {
                _ if is_whole => self.variations(&field.shape, &current, depth + 1, which),
                Values::All => self.firsts(&field.shape, depth),
                Values::Examples => Vec::new(),
            };
            let examples = examples(field).into_iter().filter(|_| which == Values::Examples);
            for value in examples.chain(values) {
                let mut object = rest.clone();
                match value {
                    value if field.flatten => flatten(&mut object, owner, value),
                    Value::Null if field.shape.is_optional() => {}
                    value => drop(object.insert(field.name.to_owned(), value)),
                }
                all.push(Value::Object(object));
            }
        }
        all
    }

    /// The values of a type to begin with, the simplest first.
    fn firsts(&self, shape: &Shape, depth: usize) -> Vec<Value> {
        let most = if depth == 0 { LEAVES } else { NESTED };
        let texts = |texts: &[&str]| texts.iter().copied().map(Value::from).collect::<Vec<_>>();
        let mut all: Vec<Value> = match shape {
            Shape::Bool => vec![json!(false), json!(true)],
            Shape::Int { bits, signed } => self.first_integers(*bits, *signed),
            Shape::Float { bits } => {
                let all = self.pools.floats.iter();
                all.map(|number| super::number::float(*number, *bits)).collect()
            }
            Shape::Text => {
                let own = self.pools.texts.iter().map(|text| Value::from(text.as_str()));
                let plain = ["", "a", " ", "ab", "aa", "A", "0", "1", "-", "\u{e9}"];
                plain.into_iter().map(Value::from).chain(own).collect()
            }
            Shape::Bytes => [&[][..], &[0], &[0xff], b"a", b"abc", &[0; 16]]
                .into_iter()
                .map(|bytes| athena_structure::base64(bytes).into())
                .collect(),
            Shape::Duration => texts(DURATIONS),
            Shape::Timestamp => texts(TIMESTAMPS),
            Shape::Uuid => texts(UUIDS),
            Shape::TextOf(name) => self.form_texts(name),
            Shape::Json => Self::json_kinds(),
            Shape::Boxed(inner) => self.firsts(inner, depth),
            Shape::Option(inner) => {
                let mut all = vec![Value::Null];
                all.extend(self.firsts(inner, depth));
                all
            }
            Shape::List(item) => self.first_lists(item, depth),
            Shape::Set(item) => {
                let items = self.firsts(item, depth + 1);
                let mut all = vec![json!([])];
                all.extend(items.iter().map(|item| json!([item])));
                all.extend((2..=items.len().min(5)).map(|count| items[..count].to_vec().into()));
                all
            }
            Shape::Array(item, _) if **item == Shape::Bytes => {
                self.simplest_of(shape, DEEPEST).into_iter().collect()
            }
            Shape::Array(item, length) => {
                let items = self.firsts(array_item(item), depth + 1);
                items.into_iter().map(|item| vec![item; *length].into()).collect()
            }
            Shape::Tuple(items) => {
                let Some(Value::Array(base)) = self.simplest_of(shape, DEEPEST) else {
                    return vec![];
                };
                let mut all = vec![Value::Array(base.clone())];
                for (at, item) in items.iter().enumerate() {
                    for value in self.firsts(item, depth + 1) {
                        let mut tuple = base.clone();
                        tuple[at] = value;
                        all.push(tuple.into());
                    }
                }
                all
            }
            Shape::Map(key, item) => {
                let keys: Vec<String> = self.firsts(key, depth + 1).iter().map(key_text).collect();
                let items = self.firsts(item, depth + 1);
                let map = |count: usize| {
                    let entries = keys.iter().take(count).zip(items.iter().cycle());
                    Value::Object(entries.map(|(key, item)| (key.clone(), item.clone())).collect())
                };
                let mut all: Vec<Value> = [0, 1, 2, 5].into_iter().map(map).collect();
                if let Some(key) = keys.first() {
                    all.extend(items.iter().map(|item| json!({ key: item })));
                }
                if let Some(item) = items.first() {
                    all.extend(keys.iter().map(|key| json!({ key: item })));
                }
                all
            }
            Shape::Named(_) => self.first_of_named(shape, depth),
        };
        all.truncate(most);
        all
    }

    fn first_of_named(&self, shape: &Shape, depth: usize) -> Vec<Value> {
        let Some(simplest) = self.simplest_of(shape, DEEPEST) else { return Vec::new() };
        if depth > super::DEPTH {
            return vec![simplest];
        }
        if let Some(Definition::Enumeration(owner)) = definition(self.shapes(), shape) {
            // One of each first, then their data.
            let (mut all, mut data) = (Vec::new(), Vec::new());
            for variant in &owner.variants {
                match &variant.data {
                    None => all.extend(wrap(owner, variant, None)),
                    Some(shape) => {
                        let values = self.firsts(shape, depth + 1).into_iter();
                        let mut values = values.filter_map(|it| wrap(owner, variant, Some(it)));
                        all.extend(values.next());
                        data.extend(values);
                    }
                }
            }
            all.extend(data);
            all
        } else {
            let mut all = vec![simplest.clone()];
            all.extend(self.variations(shape, &simplest, depth + 1, Values::All));
            all
        }
    }

    fn first_integers(&self, bits: u8, signed: bool) -> Vec<Value> {
        let (least, most) = range(bits, signed);
        let mut numbers = vec![0, 1, -1, 2, 10, least, most];
        numbers.extend(
            self.pools.literals.iter().flat_map(|n| [*n, n.saturating_sub(1), n.saturating_add(1)]),
        );
        numbers.extend(&self.pools.integers);
        let mut all: Vec<i128> = Vec::new();
        for number in numbers {
            if (least..=most).contains(&number) && !all.contains(&number) {
                all.push(number);
            }
        }
        let mut all: Vec<Value> = all.into_iter().map(integer).collect();
        if (bits, signed) == (128, false) {
            all.insert(7.min(all.len()), largest());
        }
        all
    }

    fn first_lists(&self, item: &Shape, depth: usize) -> Vec<Value> {
        let items = self.firsts(item, depth + 1);
        let mut all = vec![json!([])];
        let Some(first) = items.first() else { return all };
        let other = items.get(1).unwrap_or(first);
        all.extend([
            json!([first]),
            json!([first, first]),
            json!([first, other]),
            json!([other, first]),
        ]);
        all.push(items.iter().take(5).cloned().collect::<Vec<_>>().into());
        all.extend(items.iter().skip(1).map(|item| json!([item])));
        all
    }
}
