//! Compares an outcome with the recorded one by their texts, and parses only the values that are other texts. After a
//! change of a model a hundred thousand cases may differ, most of them at a place or two.
//!
//! It has the same result as [`parsed_differences`](crate::differences::parsed_differences) and
//! [`align_values`](crate::align::align_values), or none: what is rare is left to them.

use athena_protocol::Difference;
use athena_protocol::json::{self, digits, text};
use athena_structure::description::{
    Definition, Shape, Shapes, StructureShape, Tagging, TypeDescription,
};
use serde_json::Value;

use crate::compare::{Comparison, Step};
use crate::unordered::Rules;

/// The most bytes of a value that differs.
const LONGEST: usize = 1 << 10;

/// The differences of two messages, and both as a report has them.
#[derive(Debug, PartialEq)]
pub(crate) struct ComparedTexts {
    pub(crate) differences: Vec<Difference>,
    pub(crate) recorded: String,
    /// What is within its tolerance is as recorded.
    pub(crate) now: String,
}

/// Whether the text that this program writes for each value of a type is also that of the value when it was parsed:
/// structures, lists, and what they contain.
pub(crate) fn is_plain(described: &TypeDescription) -> bool {
    // With all digits of its numbers a value is compared by them.
    !json::numbers_are_maps()
        && is_plain_shape(&described.shapes, &described.shape, &mut Vec::new())
}

fn is_plain_shape(shapes: &Shapes, shape: &Shape, above: &mut Vec<&'static str>) -> bool {
    match shape {
        Shape::Bool
        | Shape::Text
        | Shape::Bytes
        | Shape::Duration
        | Shape::Timestamp
        | Shape::Uuid
        | Shape::TextOf(_) => true,
        Shape::Int { bits, .. } => *bits <= 64,
        // A short float is written with other digits than the long one that it is parsed to.
        Shape::Float { bits } => *bits == 64,
        Shape::Option(inner)
        | Shape::List(inner)
        | Shape::Array(inner, _)
        | Shape::Boxed(inner) => is_plain_shape(shapes, inner, above),
        // In the order of their keys or variants.
        Shape::Map(..) | Shape::Tuple(_) | Shape::Set(_) | Shape::Json => false,
        // What contains itself may be nested more deeply than can be parsed.
        Shape::Named(key) if above.contains(key) => false,
        Shape::Named(key) => match shapes.get(key) {
            Some(Definition::Structure(structure)) => {
                above.push(*key);
                let fields = &structure.fields;
                let is_plain = fields
                    .iter()
                    .all(|field| !field.flatten && is_plain_shape(shapes, &field.shape, above));
                above.pop();
                is_plain
            }
            Some(Definition::Enumeration(variants)) => {
                variants.tagging == Tagging::External && !variants.holds_data()
            }
            None => false,
        },
    }
}

/// Compares the outcomes of a [plain](is_plain) type: `now` is written by this program, `recorded` may be any text.
/// `None` if they are not equal but for some values that are neither objects nor lists.
pub(crate) fn compare_texts(
    described: &TypeDescription,
    recorded: &str,
    now: &str,
) -> Option<ComparedTexts> {
    let mut walk = Walk {
        shapes: &described.shapes,
        comparison: Comparison::new(&described.shapes),
        steps: Vec::new(),
        old: TextCursor::new(recorded),
        new: TextCursor::new(now),
    };
    walk.value(&described.shape, Rules::default())?;
    let is_whole = walk.old.rest().is_empty() && walk.new.rest().is_empty();
    is_whole.then_some(ComparedTexts {
        differences: walk.comparison.found,
        recorded: walk.old.written,
        now: walk.new.written,
    })
}

/// Both texts on a walk along their type.
struct Walk<'a> {
    shapes: &'a Shapes,
    comparison: Comparison<'a>,
    steps: Vec<Step>,
    old: TextCursor<'a>,
    new: TextCursor<'a>,
}

/// One of the texts: how far it is read, and what is written for it.
struct TextCursor<'a> {
    text: &'a str,
    at: usize,
    written: String,
}

impl<'a> TextCursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, written: String::with_capacity(text.len() + 16) }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The value, or the key, that comes next.
    fn next_value(&self) -> Option<&'a str> {
        self.text.get(self.at..text::value_end(self.text, self.at))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads this number of bytes, and writes what stands for them.
    fn pass(&mut self, length: usize, written: &str) {
        self.at += length;
        self.written.push_str(written);
    }
}

impl Walk<'_> {
    /// Reads what both texts have here.
    fn pass(&mut self, same: &str) -> Option<()> {
        for side in [&mut self.old, &mut self.new] {
            side.rest().starts_with(same).then(|| side.pass(same.len(), same))?;
        }
        Some(())
    }

    fn value(&mut self, shape: &Shape, rules: Rules) -> Option<()> {
        let value = self.new.next_value()?;
        if is_first_value(self.old.rest(), value) {
            return self.pass(value);
        }
        match (shape, value.as_bytes().first()?) {
            (Shape::Array(inner, _) | Shape::Boxed(inner), _) => self.value(inner, rules),
            (Shape::Option(inner), _)
                if value != "null" && !is_first_value(self.old.rest(), "null") =>
            {
                self.value(inner, rules)
            }
            (Shape::Named(key), b'{') => match self.shapes.get(key)? {
                Definition::Structure(structure) => self.members(structure),
                Definition::Enumeration(_) => None,
            },
            (Shape::List(item), b'[') if !rules.unordered => self.items(item, rules),
            (Shape::Option(_) | Shape::List(_), _) | (_, b'{' | b'[') => None,
            _ => self.scalar(shape, rules, value),
        }
    }

    /// A value that is another text and no object or list.
    fn scalar(&mut self, shape: &Shape, rules: Rules, new: &str) -> Option<()> {
        let old = self.old.next_value()?;
        if old.starts_with(|first: char| first.is_whitespace())
            || old.len().max(new.len()) > LONGEST
        {
            return None;
        }
        let (before, after) = (json::parse(old).ok()?, json::parse(new).ok()?);
        if before.is_object() || before.is_array() || after.is_object() {
            return None;
        }
        self.comparison.value_below(&self.steps, (shape, rules), &before, &after);
        let old_text = digits::to_text(&before);
        self.new.pass(
            new.len(),
            if is_covered(shape, rules, &before, &after) { &old_text } else { new },
        );
        self.old.pass(old.len(), &old_text);
        Some(())
    }

    fn members(&mut self, structure: &StructureShape) -> Option<()> {
        self.pass("{")?;
        let mut fields = structure.fields.iter();
        if self.new.byte()? == b'}' {
            return self.pass("}");
        }
        loop {
            let key = self.new.next_value()?;
            let name = key.strip_prefix('"')?.strip_suffix('"')?;
            let field = fields.find(|field| field.name == name)?;
            self.pass(key)?;
            self.pass(":")?;
            if field.volatile && !is_first_value(self.old.rest(), self.new.next_value()?) {
                return None;
            }
            let rules = Rules { tolerance: field.tolerance, unordered: field.unordered };
            self.steps.push(Step::Field(field.name));
            self.value(&field.shape, rules)?;
            self.steps.pop();
            if self.new.byte()? == b'}' {
                return self.pass("}");
            }
            self.pass(",")?;
        }
    }

    fn items(&mut self, item: &Shape, rules: Rules) -> Option<()> {
        self.pass("[")?;
        if self.new.byte()? == b']' {
            return self.pass("]");
        }
        for index in 0.. {
            self.steps.push(Step::Index(index));
            self.value(item, rules)?;
            self.steps.pop();
            if self.new.byte()? == b']' {
                break;
            }
            self.pass(",")?;
        }
        self.pass("]")
    }
}

/// Whether a text begins with this value, and not with one that begins like it.
fn is_first_value(text: &str, value: &str) -> bool {
    let Some(rest) = text.strip_prefix(value) else { return false };
    matches!(rest.as_bytes().first(), None | Some(b',' | b'}' | b']'))
}

/// Whether a float is within its tolerance, and another one than the recorded.
fn is_covered(shape: &Shape, rules: Rules, old: &Value, new: &Value) -> bool {
    let (Shape::Float { bits }, Some(tolerance)) = (shape, rules.tolerance) else { return false };
    let (Some(before), Some(after)) = (old.as_f64(), new.as_f64()) else { return false };
    old != new && tolerance.covers(*bits, before, after)
}

#[cfg(test)]
mod tests {
    use athena_cases::case::CaseOutcome;
    use athena_structure::description::Field;

    use super::*;
    use crate::align::{OutcomeValues, align_values};
    use crate::differences::parsed_differences;

    /// An order with a line in a list, some of whose values may differ.
    fn order() -> TypeDescription {
        let option = |shape| Shape::Option(Box::new(shape));
        let float = || Shape::Float { bits: 64 };
        TypeDescription::new(|shapes| {
            let line = shapes.structure("m::Line", |_| {
                structure(
                    "Line",
                    vec![
                        Field::new("sku", 1, Shape::Text),
                        Field::new("price", 2, float()).tolerance(Some(0.1), None, None),
                        Field::new("at", 3, Shape::Text).volatile(),
                    ],
                )
            });
            shapes.structure("m::Order", |_| {
                structure(
                    "Order",
                    vec![
                        Field::new("id", 1, Shape::Int { bits: 64, signed: false }),
                        Field::new("net", 2, float()),
                        Field::new("note", 3, option(Shape::Text)),
                        Field::new("lines", 4, Shape::List(Box::new(line.clone()))),
                        Field::new("tags", 5, Shape::List(Box::new(Shape::Text))).unordered(),
                        Field::new("first", 6, option(line)),
                    ],
                )
            })
        })
    }

    fn structure(name: &'static str, fields: Vec<Field>) -> StructureShape {
        StructureShape { name, docs: "", open: false, reserved: &[], reserved_names: &[], fields }
    }

    fn outcome(text: &str) -> CaseOutcome {
        CaseOutcome { many: false, messages: vec![text.to_owned()], error: None }
    }

    /// What the comparison of parsed values has.
    fn by_value(described: &TypeDescription, old: &str, new: &str) -> ComparedTexts {
        let (old, new) = (outcome(old), outcome(new));
        let values = OutcomeValues::parse(&old, &new).unwrap();
        let differences = parsed_differences(described, (&old, &new), Some(&values));
        let (old, new) = align_values(described, (&old, &new), values);
        ComparedTexts { differences, recorded: old.messages.concat(), now: new.messages.concat() }
    }

    const NOW: &str = r#"{"id":7,"net":1.5,"note":"a \" ,}","lines":[{"sku":"x","price":2.0,"at":"1"},{"sku":"y","price":3.0,"at":"2"}],"tags":["a","b"],"first":{"sku":"z","price":1.0,"at":"3"}}"#;

    #[test]
    fn texts_are_compared_as_values_are() {
        let described = order();
        assert_eq!(is_plain(&described), !json::numbers_are_maps());
        if json::numbers_are_maps() {
            // Nothing is compared here then.
            return;
        }
        for (part, recorded, differ) in [
            ("7,", "8,", 1),
            ("7,", "70,", 1),
            ("7,", "-0,", 1),
            ("1.5", "1.50", 0),
            ("1.5", "15e-1", 0),
            ("1.5", "2", 1),
            ("1.5", "null", 1),
            ("1.5", "\"1.5\"", 1),
            ("2.0", "2.05", 0),
            ("2.0", "2.500", 1),
            ("\"a \\\" ,}\"", "\"b\"", 1),
            ("\"a \\\" ,}\"", "\"\\u0061 \\\" ,}\"", 0),
            ("\"y\"", "\"\u{e4}\"", 1),
            ("\"z\",\"price\":1.0", "\"w\",\"price\":9", 2),
        ] {
            let recorded = NOW.replacen(part, recorded, 1);
            let found = compare_texts(&described, &recorded, NOW).unwrap();
            assert_eq!(found, by_value(&described, &recorded, NOW), "{recorded}");
            assert_eq!(found.differences.len(), differ, "{recorded}");
        }
    }

    #[test]
    fn what_is_not_as_this_program_writes_it_is_left_to_values() {
        let described = order();
        for (part, recorded) in [
            ("\"id\":7,", ""),
            ("\"id\":7,", "\"id\":7,\"id\":7,"),
            ("\"id\":7,", "\"id\": 7,"),
            ("\"id\":7,", "\"ident\":7,"),
            ("7,", "123456789012345678901234567890,"),
            ("7,", "7 ,"),
            ("7,", "x,"),
            ("7,", "7"),
            ("1.5", "[1.5]"),
            ("1.5", "{}"),
            ("\"a \\\" ,}\"", "null"),
            ("\"1\"", "\"2\""),
            ("[\"a\",\"b\"]", "[\"b\",\"a\"]"),
            ("},{", "},{},{"),
            (",{\"sku\":\"y\",\"price\":3.0,\"at\":\"2\"}", ""),
            ("{\"sku\":\"z\",\"price\":1.0,\"at\":\"3\"}", "null"),
        ] {
            let recorded = NOW.replacen(part, recorded, 1);
            assert_eq!(compare_texts(&described, &recorded, NOW), None, "{recorded}");
        }
        for end in 0..NOW.len() {
            assert_eq!(compare_texts(&described, &NOW[..end], NOW), None, "{end}");
        }
        assert_eq!(compare_texts(&described, &format!("{NOW} "), NOW), None);
    }

    #[test]
    fn only_types_whose_text_is_that_of_their_values_are_plain() {
        let of = |shape: Shape| is_plain(&TypeDescription::new(|_| shape));
        assert_eq!(of(Shape::List(Box::new(Shape::Float { bits: 64 }))), !json::numbers_are_maps());
        for shape in [
            Shape::Float { bits: 32 },
            Shape::Int { bits: 128, signed: true },
            Shape::Json,
            Shape::Map(Box::new(Shape::Text), Box::new(Shape::Text)),
            Shape::Option(Box::new(Shape::Set(Box::new(Shape::Text)))),
        ] {
            assert!(!of(shape.clone()), "{shape:?}");
        }
        let recursive = TypeDescription::new(|shapes| {
            shapes.structure("m::Node", |_| {
                let next = Shape::Option(Box::new(Shape::Named("m::Node")));
                structure("Node", vec![Field::new("next", 1, next)])
            })
        });
        assert!(!is_plain(&recursive));
    }
}
