//! Compares outcomes by value, along their type.

use athena_protocol::Difference;
use athena_protocol::json::{digits, is_equal};
use serde_json::Value;

use athena_structure::description::{
    Definition, Field, Shape, Shapes, StructureShape, Tolerance, TypeDescription,
};
use athena_structure::pointer::escaped;

use crate::unordered::{ItemMatches, OFF_BY, Rules, closest, is_exact, match_items};

/// Every difference between `old` and `new`. `null` and absent are the same for an `Option`.
pub fn compare(described: &TypeDescription, old: &Value, new: &Value) -> Vec<Difference> {
    let mut comparison = Comparison::new(&described.shapes);
    comparison.value(&described.shape, Rules::default(), old, new);
    comparison.found
}

/// The differences of two sequences of outcomes, item by item.
pub fn compare_many(described: &TypeDescription, old: &[Value], new: &[Value]) -> Vec<Difference> {
    let mut comparison = Comparison::new(&described.shapes);
    comparison.sequence(&described.shape, Rules::default(), old, new);
    comparison.found
}

/// Matches the items of two lists without an order, and pairs those that are left with what they
/// are most like.
pub(crate) fn match_all(
    shapes: &Shapes,
    item: &Shape,
    rules: Rules,
    old: &[Value],
    new: &[Value],
) -> (ItemMatches, Vec<(usize, usize)>) {
    let differences = |one: &Value, other: &Value| {
        let mut inner = Comparison::new(shapes);
        inner.value(item, rules, one, other);
        inner.found
    };
    let is_same = |one: &Value, other: &Value| differences(one, other).is_empty();
    let mut found = match_items(shapes, item, rules, old, new, &is_same);
    let pairs = closest(&mut found, old, |one, other| differences(&old[one], &new[other]));
    (found, pairs)
}

/// A step on the way to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Field(&'static str),
    Index(usize),
}

/// The differences that are found on a walk through two values.
pub(crate) struct Comparison<'a> {
    shapes: &'a Shapes,
    pointer: String,
    path: String,
    pub(crate) found: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(shapes: &'a Shapes) -> Self {
        Self { shapes, pointer: String::new(), path: String::new(), found: Vec::new() }
    }

    fn differ(&mut self, old: Option<&Value>, new: Option<&Value>, note: Option<String>) {
        self.found.push(Difference {
            pointer: self.pointer.clone(),
            path: self.path.clone(),
            old: old.cloned(),
            new: new.cloned(),
            note,
            ..Difference::default()
        });
    }

    /// Compares two values that are below a field, and the fields and indices of `steps` above it.
    pub(crate) fn value_below(
        &mut self,
        steps: &[Step],
        (shape, rules): (&Shape, Rules),
        old: &Value,
        new: &Value,
    ) {
        match steps {
            [] => self.value(shape, rules, old, new),
            [Step::Field(name), rest @ ..] => {
                self.at(name, |inner| inner.value_below(rest, (shape, rules), old, new));
            }
            [Step::Index(index), rest @ ..] => {
                let index = index.to_string();
                self.each(&index, |inner| inner.value_below(rest, (shape, rules), old, new));
            }
        }
    }

    /// Runs `inner` below a field.
    fn at(&mut self, segment: &str, inner: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&escaped(segment));
        self.below(segment, inner);
        self.path.truncate(length);
    }

    /// Runs `inner` below an index or a key.
    fn each(&mut self, segment: &str, inner: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str("/*");
        self.below(segment, inner);
        self.path.truncate(length);
    }

    fn below(&mut self, segment: &str, inner: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escaped(segment));
        inner(self);
        self.pointer.truncate(length);
    }

    fn value(&mut self, shape: &Shape, rules: Rules, old: &Value, new: &Value) {
        match (shape, old, new) {
            (Shape::Array(inner, _) | Shape::Boxed(inner), _, _) => {
                self.value(inner, rules, old, new);
            }
            (Shape::Option(_), Value::Null, Value::Null) => {}
            (Shape::Option(inner), _, _) if !old.is_null() && !new.is_null() => {
                self.value(inner, rules, old, new);
            }
            (Shape::Float { bits }, Value::Number(_), Value::Number(_)) => {
                self.float(*bits, rules.tolerance, old, new);
            }
            (Shape::Json, _, _) => self.any(rules, old, new),
            (Shape::Set(item), Value::Array(old), Value::Array(new)) => {
                self.set(item, rules, old, new);
            }
            (Shape::List(item), Value::Array(old), Value::Array(new)) => {
                if rules.unordered {
                    self.set(item, rules, old, new);
                } else {
                    self.sequence(item, rules, old, new);
                }
            }
            (Shape::Tuple(items), Value::Array(old), Value::Array(new))
                if old.len() == items.len() && new.len() == items.len() =>
            {
                for (index, item) in items.iter().enumerate() {
                    self.at(&index.to_string(), |inner| {
                        inner.value(item, rules, &old[index], &new[index]);
                    });
                }
            }
            (Shape::Map(_, item), Value::Object(old), Value::Object(new)) => {
                self.keys(old, new, |inner, _, old, new| inner.value(item, rules, old, new));
            }
            (Shape::Named(key), _, _) => match self.shapes.get(key) {
                Some(Definition::Structure(structure)) => self.structure(structure, old, new),
                Some(Definition::Enumeration(_)) => self.variant(key, old, new),
                None => self.plain(old, new),
            },
            _ => self.plain(old, new),
        }
    }

    /// Any JSON: 1 and 1.0 are one number, and the rules of the field are those of every value in it.
    fn any(&mut self, rules: Rules, old: &Value, new: &Value) {
        match (old, new) {
            _ if digits::of(old).is_some() || digits::of(new).is_some() => {
                if rules.tolerance.is_none() {
                    self.plain(old, new);
                } else {
                    self.float(64, rules.tolerance, old, new);
                }
            }
            (Value::Number(before), Value::Number(after)) => {
                if rules.tolerance.is_none() && !(is_exact(before) && is_exact(after)) {
                    self.plain(old, new);
                } else if before != after {
                    self.float(64, rules.tolerance, old, new);
                }
            }
            (Value::Array(old), Value::Array(new)) if rules.unordered => {
                self.set(&Shape::Json, rules, old, new);
            }
            (Value::Array(old), Value::Array(new)) => {
                self.sequence(&Shape::Json, rules, old, new);
            }
            (Value::Object(old), Value::Object(new)) => {
                self.keys(old, new, |inner, _, old, new| inner.any(rules, old, new));
            }
            _ => self.plain(old, new),
        }
    }

    fn plain(&mut self, old: &Value, new: &Value) {
        if !is_equal(old, new) {
            self.differ(Some(old), Some(new), None);
        }
    }

    fn structure(&mut self, structure: &StructureShape, old: &Value, new: &Value) {
        let (Value::Object(old), Value::Object(new)) = (old, new) else {
            return self.plain(old, new);
        };
        for field in structure.fields.iter().filter(|field| !field.flatten) {
            let is_option = field.shape.is_optional();
            let present =
                |value: Option<&Value>| value.is_some_and(|value| !(is_option && value.is_null()));
            let (before, after) = (old.get(field.name), new.get(field.name));
            match (present(before), present(after)) {
                (false, false) => {}
                // An expectation that was written by hand leaves it out.
                (false, true) if field.volatile => {}
                (true, true) => {
                    let (Some(before), Some(after)) = (before, after) else { continue };
                    self.at(field.name, |inner| inner.field(field, before, after));
                }
                (had, _) => self.at(field.name, |inner| {
                    inner.differ(before.filter(|_| had), after.filter(|_| !had), None);
                }),
            }
        }
        if structure.is_flat() {
            return self.flattened(structure, old, new);
        }
        let known = |name: &String| structure.fields.iter().any(|field| field.name == name);
        for (name, value) in old.iter().filter(|(name, _)| !known(name)) {
            self.at(name, |inner| inner.differ(Some(value), None, None));
        }
        for (name, value) in new.iter().filter(|(name, _)| !known(name)) {
            self.at(name, |inner| inner.differ(None, Some(value), None));
        }
    }

    /// The members of flattened fields, each by the rules of its field.
    fn flattened(
        &mut self,
        structure: &StructureShape,
        old: &serde_json::Map<String, Value>,
        new: &serde_json::Map<String, Value>,
    ) {
        let (before, old) = structure.split(self.shapes, old);
        let (after, new) = structure.split(self.shapes, new);
        for ((field, before), (_, after)) in before.into_iter().zip(after) {
            let shape = match &field.shape {
                Shape::Option(inner) => inner,
                shape => shape,
            };
            if !field.volatile {
                let rules = Rules { tolerance: field.tolerance, unordered: field.unordered };
                self.value(shape, rules, &Value::Object(before), &Value::Object(after));
            }
        }
        for (name, value) in &old {
            self.at(name, |inner| inner.differ(Some(value), None, None));
        }
        for (name, value) in &new {
            self.at(name, |inner| inner.differ(None, Some(value), None));
        }
    }

    fn field(&mut self, field: &Field, old: &Value, new: &Value) {
        if field.volatile {
            if std::mem::discriminant(old) != std::mem::discriminant(new) {
                self.differ(
                    Some(old),
                    Some(new),
                    Some("volatile: only its type is compared".into()),
                );
            }
            return;
        }
        let rules = Rules { tolerance: field.tolerance, unordered: field.unordered };
        self.value(&field.shape, rules, old, new);
    }

    fn variant(&mut self, key: &str, old: &Value, new: &Value) {
        let Some(Definition::Enumeration(shape)) = self.shapes.get(key) else {
            return self.plain(old, new);
        };
        let found = (shape.locate(self.shapes, old), shape.locate(self.shapes, new));
        let (Some(before), Some(after)) = found else { return self.plain(old, new) };
        match (&before.variant.data, &before.data, &after.data) {
            (Some(data), Some(was), Some(is)) if before.variant.number == after.variant.number => {
                match before.key {
                    Some(key) => self.at(key, |inner| inner.value(data, Rules::default(), was, is)),
                    None => self.value(data, Rules::default(), was, is),
                }
            }
            _ => self.plain(old, new),
        }
    }

    fn keys(
        &mut self,
        old: &serde_json::Map<String, Value>,
        new: &serde_json::Map<String, Value>,
        both: impl Fn(&mut Self, &str, &Value, &Value),
    ) {
        for (name, before) in old {
            self.each(name, |inner| match new.get(name) {
                Some(after) => both(inner, name, before, after),
                None => inner.differ(Some(before), None, None),
            });
        }
        for (name, after) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.each(name, |inner| inner.differ(None, Some(after), None));
        }
    }

    fn sequence(&mut self, item: &Shape, rules: Rules, old: &[Value], new: &[Value]) {
        for index in 0..old.len().max(new.len()) {
            self.each(&index.to_string(), |inner| match (old.get(index), new.get(index)) {
                (Some(before), Some(after)) => inner.value(item, rules, before, after),
                (before, after) => inner.differ(before, after, None),
            });
        }
    }

    /// Compares as multisets: each item is matched with an equal item of the other side. What is
    /// left is compared with what it is most like.
    fn set(&mut self, item: &Shape, rules: Rules, old: &[Value], new: &[Value]) {
        let (left, pairs) = match_all(self.shapes, item, rules, old, new);
        for (one, other) in pairs {
            self.each(&one.to_string(), |inner| {
                inner.value(item, rules, &old[one], &new[other]);
            });
        }
        for one in left.old {
            self.each(&one.to_string(), |inner| inner.differ(Some(&old[one]), None, None));
        }
        for other in left.new {
            self.each("-", |inner| inner.differ(None, Some(&new[other]), None));
        }
    }

    fn float(&mut self, bits: u8, tolerance: Option<Tolerance>, old: &Value, new: &Value) {
        let (Some(before), Some(after)) = (digits::as_float(old), digits::as_float(new)) else {
            return self.plain(old, new);
        };
        // 0.0 and -0.0 are equal, and yet different outcomes.
        #[allow(clippy::float_cmp, reason = "exact equality is the question")]
        if before == after && before.is_sign_negative() == after.is_sign_negative() {
            return;
        }
        match tolerance {
            Some(tolerance) if tolerance.covers(bits, before, after) => {}
            Some(tolerance) => {
                let distance = (after - before).abs();
                self.differ(
                    Some(old),
                    Some(new),
                    Some(format!("{OFF_BY} {}, allowed {tolerance}", short(distance))),
                );
            }
            None => self.differ(Some(old), Some(new), None),
        }
    }
}

/// A number with six significant digits, fewer if they are zeros: the difference of two decimal
/// numbers without the noise of its last binary digits. From a million on it is rounded to a whole number:
/// a zero that stands for another digit would be wrong.
fn short(number: f64) -> String {
    if (1e6..1e15).contains(&number) {
        return format!("{number:.0}");
    }
    let number: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    if (1e-4..1e15).contains(&number) { number.to_string() } else { format!("{number:e}") }
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value, reason = "for json!")]
mod tests {
    use athena_structure::description::Shapes;
    use serde_json::json;

    use super::*;

    fn differences(field: Field, old: Value, new: Value) -> Vec<String> {
        let shape = |shapes: &mut Shapes| {
            shapes.structure("m::Any", |_| StructureShape {
                name: "Any",
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields: vec![field],
            })
        };
        let described = TypeDescription::new(shape);
        let found = compare(&described, &json!({ "data": old }), &json!({ "data": new }));
        found.into_iter().map(|difference| difference.pointer).collect()
    }

    #[test]
    fn any_json_is_compared_by_its_numbers_and_by_the_rules_of_its_field() {
        let any = || Field::new("data", 1, Shape::Json);
        let big = json!(9_007_199_254_740_993_u64);
        assert!(differences(any(), json!([1, {"a": 2.0}]), json!([1.0, {"a": 2}])).is_empty());
        assert_eq!(differences(any(), json!({"a": [1, 2]}), json!({"a": [1, 3]})), ["/data/a/1"]);
        assert_eq!(differences(any(), big.clone(), json!(9_007_199_254_740_992_u64)), ["/data"]);
        assert!(differences(any(), big.clone(), big).is_empty());
        let near = any().tolerance(Some(0.1), None, None);
        assert!(differences(near, json!({"a": [1]}), json!({"a": [1.05]})).is_empty());
        // Integers beyond 64 bits have all their digits.
        let parsed = |text: &str| athena_protocol::json::parse(text).unwrap_or_default();
        let wide = parsed("[340282366920938463463374607431768211455]");
        let other = parsed("[340282366920938463463374607431768211454]");
        assert!(differences(any(), wide.clone(), wide.clone()).is_empty());
        assert_eq!(differences(any(), wide.clone(), other.clone()), ["/data/0"]);
        let tolerant = any().tolerance(Some(0.1), None, None);
        assert!(differences(tolerant, wide.clone(), other.clone()).is_empty());
        let int = Shape::Int { bits: 128, signed: false };
        let typed = Field::new("data", 1, Shape::List(Box::new(int)));
        assert_eq!(differences(typed, wide, other), ["/data/0"]);
        let unordered = || any().unordered();
        assert!(
            differences(unordered(), json!([1, {"a": [2, 3]}]), json!([{"a": [3, 2.0]}, 1]))
                .is_empty()
        );
        assert_eq!(differences(unordered(), json!([1, 2]), json!([2, 3])), ["/data/0", "/data/-"]);
    }

    #[test]
    fn an_expectation_may_leave_a_volatile_value_out() {
        let described = TypeDescription::new(|shapes| {
            shapes.structure("m::Any", |_| StructureShape {
                name: "Any",
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields: vec![Field::new("at", 1, Shape::Text).volatile()],
            })
        });
        assert!(compare(&described, &json!({}), &json!({"at": "now"})).is_empty());
        assert_eq!(compare(&described, &json!({"at": "now"}), &json!({})).len(), 1);
    }

    #[test]
    fn a_distance_has_the_digits_that_are_true() {
        for (number, text) in [
            (1066.97, "1066.97"),
            (0.3 - 0.1, "0.2"),
            (1.0e-7, "1e-7"),
            (2.0, "2"),
            (2_791_038.608, "2791039"),
            (1.5e16, "1.5e16"),
        ] {
            assert_eq!(short(number), text);
        }
    }

    #[test]
    fn null_and_absent_differ_where_the_type_tells_them_apart() {
        let option = |shape| Shape::Option(Box::new(shape));
        let twice = || Field::new("data", 1, option(option(Shape::Text)));
        assert!(differences(twice(), Value::Null, Value::Null).is_empty());
        let described = TypeDescription::new(|shapes| {
            shapes.structure("m::Any", |_| StructureShape {
                name: "Any",
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields: vec![twice()],
            })
        });
        assert_eq!(compare(&described, &json!({ "data": null }), &json!({})).len(), 1);
    }
}
