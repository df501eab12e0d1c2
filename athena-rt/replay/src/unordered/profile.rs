//! The profile of an item: bytes that are equal for items that may match, and the floats in which
//! those may differ.

use athena_structure::description::{Definition, Field, Shape, Shapes, StructureShape, Tolerance};
use serde_json::{Map, Number, Value};

/// The rules of the field that a value belongs to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) unordered: bool,
}

/// A float with a tolerance.
#[derive(Clone, Copy, Debug)]
pub(super) struct TolerantFloat {
    pub(super) value: f64,
    bits: u8,
    tolerance: Tolerance,
}

impl TolerantFloat {
    pub(super) fn covers(&self, other: f64) -> bool {
        self.tolerance.covers(self.bits, self.value, other)
    }

    /// About how far it covers values between two others.
    pub(super) fn reach(&self, least: f64, most: f64) -> f64 {
        let largest = least.abs().max(most.abs());
        let abs = self.tolerance.abs.unwrap_or_default();
        abs.max(self.tolerance.rel.unwrap_or_default() * largest)
    }

    /// Whether all between this value and one that it covers is covered, too. A tolerance of 100 %
    /// and more covers small and large values of the other sign, but none between.
    pub(super) fn is_interval(&self) -> bool {
        self.tolerance.rel.is_none_or(|rel| rel < 1.0)
    }
}

/// What decides which items match.
#[derive(Debug)]
pub(super) struct Profile {
    /// Equal in items that match.
    pub(super) key: Vec<u8>,
    /// In the same order in items of one key.
    pub(super) floats: Vec<TolerantFloat>,
    /// Whether items of one key whose floats are covered may still differ.
    pub(super) is_partial: bool,
    /// Whether it can match at all.
    pub(super) can_match: bool,
    /// Whether tolerances are ignored.
    is_exact: bool,
}

impl Profile {
    pub(super) fn new(shapes: &Shapes, shape: &Shape, rules: Rules, value: &Value) -> Self {
        let mut profile = Self::empty(false);
        Profiler { shapes, profile: &mut profile }.value(shape, rules, value);
        profile
    }

    /// Bytes that are equal for items that are equal, tolerances aside.
    pub(super) fn exact(shapes: &Shapes, shape: &Shape, rules: Rules, value: &Value) -> Vec<u8> {
        let mut profile = Self::empty(true);
        Profiler { shapes, profile: &mut profile }.value(shape, rules, value);
        profile.key
    }

    fn empty(is_exact: bool) -> Self {
        Self { key: Vec::new(), floats: Vec::new(), is_partial: false, can_match: true, is_exact }
    }

    fn tag(&mut self, tag: u8) {
        self.key.push(tag);
    }

    fn length(&mut self, length: usize) {
        self.key.extend_from_slice(&(length as u64).to_le_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.length(text.len());
        self.key.extend_from_slice(text);
    }

    /// A value that is compared without rules.
    fn plain(&mut self, value: &Value) {
        match value {
            Value::Null => self.tag(b'z'),
            Value::Bool(value) => self.key.extend([b'b', u8::from(*value)]),
            Value::Number(number) => {
                self.tag(b'#');
                // The two zeros are equal there.
                let is_zero = number.is_f64() && number.as_f64() == Some(0.0);
                let text = if is_zero { "0.0".to_owned() } else { number.to_string() };
                self.text(text.as_bytes());
            }
            Value::String(text) => {
                self.tag(b's');
                self.text(text.as_bytes());
            }
            Value::Array(items) => {
                self.tag(b'a');
                self.length(items.len());
                for item in items {
                    self.plain(item);
                }
            }
            Value::Object(members) => {
                self.tag(b'o');
                self.length(members.len());
                for (name, value) in sorted(members) {
                    self.text(name.as_bytes());
                    self.plain(value);
                }
            }
        }
    }
}

/// Whether a float keeps a number: an integer beyond 2^53 may be one of several.
pub(crate) fn is_exact(number: &Number) -> bool {
    number.is_f64() || number.as_f64().is_some_and(|float| float.abs() < 9_007_199_254_740_992.0)
}

fn sorted(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

struct Profiler<'a> {
    shapes: &'a Shapes,
    profile: &'a mut Profile,
}

/// Follows the comparison of two values: what is compared there is a part of the profile here.
impl Profiler<'_> {
    fn value(&mut self, shape: &Shape, rules: Rules, value: &Value) {
        match (shape, value) {
            (Shape::Option(_), Value::Null) => self.profile.tag(b'n'),
            (Shape::Array(inner, _) | Shape::Boxed(inner) | Shape::Option(inner), _) => {
                self.value(inner, rules, value);
            }
            (Shape::Float { bits }, Value::Number(number)) => match number.as_f64() {
                None => self.profile.plain(value),
                Some(float) => self.float(*bits, rules.tolerance, float),
            },
            (Shape::Json, _) => self.any(rules, value),
            (Shape::Set(item), Value::Array(items)) => {
                self.profile.tag(b'[');
                self.profile.length(items.len());
                self.unordered(item, rules, items);
            }
            (Shape::List(item), Value::Array(items)) => {
                self.profile.tag(b'[');
                self.profile.length(items.len());
                if rules.unordered {
                    self.unordered(item, rules, items);
                } else {
                    for value in items {
                        self.value(item, rules, value);
                    }
                }
            }
            (Shape::Tuple(shapes), Value::Array(items)) if shapes.len() == items.len() => {
                self.profile.tag(b'(');
                for (shape, value) in shapes.iter().zip(items) {
                    self.value(shape, rules, value);
                }
            }
            (Shape::Map(_, item), Value::Object(members)) => {
                self.profile.tag(b'{');
                self.profile.length(members.len());
                for (name, value) in sorted(members) {
                    self.profile.text(name.as_bytes());
                    self.value(item, rules, value);
                }
            }
            (Shape::Named(key), _) => match (self.shapes.get(key), value) {
                (Some(Definition::Structure(structure)), Value::Object(members)) => {
                    self.structure(structure, members);
                }
                (Some(Definition::Enumeration(shape)), _) => {
                    let found = shape.locate(self.shapes, value);
                    let data = found.and_then(|found| {
                        Some((found.variant.number, found.variant.data.as_ref()?, found.data?))
                    });
                    let Some((number, data, value)) = data else {
                        return self.profile.plain(value);
                    };
                    self.profile.tag(b'v');
                    self.profile.length(number as usize);
                    self.value(data, Rules::default(), &value);
                }
                _ => self.profile.plain(value),
            },
            _ => self.profile.plain(value),
        }
    }

    fn any(&mut self, rules: Rules, value: &Value) {
        match value {
            Value::Number(number) => match number.as_f64() {
                Some(float) if rules.tolerance.is_some() || is_exact(number) => {
                    self.float(64, rules.tolerance, float);
                }
                _ => self.profile.plain(value),
            },
            Value::Array(items) => {
                self.profile.tag(b'[');
                self.profile.length(items.len());
                if rules.unordered {
                    self.unordered(&Shape::Json, rules, items);
                } else {
                    for item in items {
                        self.any(rules, item);
                    }
                }
            }
            Value::Object(members) => {
                self.profile.tag(b'{');
                self.profile.length(members.len());
                for (name, value) in sorted(members) {
                    self.profile.text(name.as_bytes());
                    self.any(rules, value);
                }
            }
            other => self.profile.plain(other),
        }
    }

    fn float(&mut self, bits: u8, tolerance: Option<Tolerance>, value: f64) {
        match tolerance {
            Some(tolerance) if !self.profile.is_exact => {
                self.profile.tag(b'~');
                self.profile.floats.push(TolerantFloat { value, bits, tolerance });
            }
            _ => {
                self.profile.tag(b'f');
                self.profile.key.extend_from_slice(&value.to_bits().to_le_bytes());
            }
        }
    }

    fn structure(&mut self, structure: &StructureShape, members: &Map<String, Value>) {
        self.profile.tag(b'{');
        for field in structure.fields.iter().filter(|field| !field.flatten) {
            let value = members
                .get(field.name)
                .filter(|value| !(value.is_null() && field.shape.is_optional()));
            match value {
                None => self.profile.tag(b'-'),
                Some(value) => {
                    self.profile.tag(b'+');
                    self.field(field, value);
                }
            }
        }
        if structure.is_flat() {
            let (parts, rest) = structure.split(self.shapes, members);
            for (field, members) in parts {
                let shape = match &field.shape {
                    Shape::Option(inner) => inner,
                    shape => shape,
                };
                if !field.volatile {
                    let rules = Rules { tolerance: field.tolerance, unordered: field.unordered };
                    self.value(shape, rules, &Value::Object(members));
                }
            }
            self.profile.can_match &= rest.is_empty();
            return;
        }
        // A field that is not declared is always a difference.
        let is_known = |name: &String| structure.fields.iter().any(|field| field.name == name);
        self.profile.can_match &= members.keys().all(is_known);
    }

    fn field(&mut self, field: &Field, value: &Value) {
        if field.volatile {
            return self.profile.tag(match value {
                Value::Null => b'0',
                Value::Bool(_) => b'1',
                Value::Number(_) => b'2',
                Value::String(_) => b'3',
                Value::Array(_) => b'4',
                Value::Object(_) => b'5',
            });
        }
        let rules = Rules { tolerance: field.tolerance, unordered: field.unordered };
        self.value(&field.shape, rules, value);
    }

    /// A list within an item.
    fn unordered(&mut self, item: &Shape, rules: Rules, items: &[Value]) {
        let mut inner: Vec<Profile> = items
            .iter()
            .map(|value| {
                let mut profile = Profile::empty(self.profile.is_exact);
                Profiler { shapes: self.shapes, profile: &mut profile }.value(item, rules, value);
                profile
            })
            .collect();
        inner.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        for one in &inner {
            self.profile.text(&one.key);
        }
        self.profile.can_match &= inner.iter().all(|one| one.can_match);
        let mut floats: Vec<TolerantFloat> =
            inner.iter().flat_map(|one| one.floats.iter().copied()).collect();
        let is_plain = inner.iter().all(|one| one.floats.len() <= 1 && one.key == inner[0].key);
        let is_partial = inner.iter().any(|one| one.is_partial);
        if is_plain && !is_partial && floats.iter().all(TolerantFloat::is_interval) {
            // Two such lists match if they do in ascending order.
            floats.sort_by(|one, other| one.value.total_cmp(&other.value));
            self.profile.floats.extend(floats);
        } else {
            self.profile.is_partial |= is_partial || !floats.is_empty();
        }
    }
}
