//! Makes the new outcome look like the recorded one where they are equal: items of unordered lists
//! stand where their matches are, and values that are volatile or within their tolerance are as
//! recorded. So a diff shows what changed.

use athena_cases::case::CaseOutcome;
use athena_protocol::json;
use athena_structure::description::{Definition, Shape, Shapes, TypeDescription};
use serde_json::{Map, Value};

use crate::compare::match_all;
use crate::declared;
use crate::unordered::Rules;

/// Both outcomes with their fields in declared order, the new one as the recorded one where they are
/// equal; `None` if they can't be read.
pub(crate) fn aligned(
    described: &TypeDescription,
    old: &CaseOutcome,
    new: &CaseOutcome,
) -> Option<(CaseOutcome, CaseOutcome)> {
    let values = OutcomeValues::parse(old, new)?;
    Some(align_values(described, (old, new), values))
}

/// The values of the messages of two outcomes.
pub(crate) struct OutcomeValues {
    pub(crate) old: Vec<Value>,
    pub(crate) new: Vec<Value>,
}

impl OutcomeValues {
    /// `None` if one can't be read.
    pub(crate) fn parse(old: &CaseOutcome, new: &CaseOutcome) -> Option<Self> {
        let read = |outcome: &CaseOutcome| -> Option<Vec<Value>> {
            outcome.messages.iter().map(|text| json::parse(text).ok()).collect()
        };
        Some(Self { old: read(old)?, new: read(new)? })
    }
}

/// [`aligned`] for outcomes that were parsed.
pub(crate) fn align_values(
    described: &TypeDescription,
    (old, new): (&CaseOutcome, &CaseOutcome),
    values: OutcomeValues,
) -> (CaseOutcome, CaseOutcome) {
    let OutcomeValues { old: before, new: mut after } = values;
    for (one, other) in before.iter().zip(&mut after) {
        let alignment = Alignment { shapes: &described.shapes };
        alignment.value(&described.shape, Rules::default(), one, other);
    }
    let text = |value: &Value| declared::to_text(&described.shapes, &described.shape, value);
    let write = |outcome: &CaseOutcome, values: &[Value]| CaseOutcome {
        many: outcome.many,
        messages: values.iter().map(text).collect(),
        error: outcome.error.clone(),
    };
    (write(old, &before), write(new, &after))
}

struct Alignment<'a> {
    shapes: &'a Shapes,
}

impl Alignment<'_> {
    fn value(&self, shape: &Shape, rules: Rules, old: &Value, new: &mut Value) {
        match (shape, old, &mut *new) {
            (Shape::Array(inner, _) | Shape::Boxed(inner) | Shape::Option(inner), _, _) => {
                self.value(inner, rules, old, new);
            }
            (Shape::Float { bits }, Value::Number(one), Value::Number(other)) => {
                let is_covered = rules.tolerance.is_some_and(|tolerance| {
                    one.as_f64()
                        .zip(other.as_f64())
                        .is_some_and(|(one, other)| tolerance.covers(*bits, one, other))
                });
                if is_covered && one != other {
                    old.clone_into(new);
                }
            }
            (Shape::Set(item), Value::Array(old), Value::Array(new)) => {
                self.list(item, rules, true, old, new);
            }
            (Shape::List(item), Value::Array(old), Value::Array(new)) => {
                self.list(item, rules, rules.unordered, old, new);
            }
            (Shape::Json, Value::Array(old), Value::Array(new)) => {
                self.list(shape, rules, rules.unordered, old, new);
            }
            (Shape::Tuple(items), Value::Array(old), Value::Array(new)) => {
                for ((item, one), other) in items.iter().zip(old).zip(new) {
                    self.value(item, rules, one, other);
                }
            }
            (Shape::Map(_, _) | Shape::Json, Value::Object(old), Value::Object(new)) => {
                let item = if let Shape::Map(_, item) = shape { item } else { shape };
                for (name, other) in new {
                    if let Some(one) = old.get(name) {
                        self.value(item, rules, one, other);
                    }
                }
            }
            (Shape::Named(key), Value::Object(old), Value::Object(new)) => {
                match self.shapes.get(key) {
                    Some(Definition::Structure(structure)) => {
                        for field in &structure.fields {
                            if field.volatile {
                                Self::settle(field.name, old, new);
                                continue;
                            }
                            let rules =
                                Rules { tolerance: field.tolerance, unordered: field.unordered };
                            if let (Some(one), Some(other)) =
                                (old.get(field.name), new.get_mut(field.name))
                            {
                                self.value(&field.shape, rules, one, other);
                            }
                        }
                    }
                    Some(Definition::Enumeration(shape)) => {
                        for variant in &shape.variants {
                            if let (Some(data), Some(one), Some(other)) =
                                (&variant.data, old.get(variant.name), new.get_mut(variant.name))
                            {
                                self.value(data, Rules::default(), one, other);
                            }
                        }
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }

    /// Takes a volatile value as recorded: also where it is not.
    fn settle(name: &str, old: &Map<String, Value>, new: &mut Map<String, Value>) {
        match (old.get(name), new.get_mut(name)) {
            (Some(one), Some(other))
                if one != other && std::mem::discriminant(one) == std::mem::discriminant(other) =>
            {
                one.clone_into(other);
            }
            (None, Some(_)) => {
                new.remove(name);
            }
            _ => {}
        }
    }

    fn list(
        &self,
        item: &Shape,
        rules: Rules,
        is_unordered: bool,
        old: &[Value],
        new: &mut Vec<Value>,
    ) {
        if is_unordered {
            self.reorder(item, rules, old, new);
        }
        for (one, other) in old.iter().zip(new) {
            self.value(item, rules, one, other);
        }
    }

    /// Orders `new` as the items of `old` that it matches. New items take the places of those that
    /// are gone; what is left comes last.
    fn reorder(&self, item: &Shape, rules: Rules, old: &[Value], new: &mut Vec<Value>) {
        let (found, closest) = match_all(self.shapes, item, rules, old, new);
        let mut places = vec![None; old.len()];
        for (one, other) in found.pairs.into_iter().chain(closest) {
            places[one] = Some(other);
        }
        let mut unmatched = found.new.into_iter();
        let mut order: Vec<usize> =
            places.into_iter().filter_map(|other| other.or_else(|| unmatched.next())).collect();
        order.extend(unmatched);
        *new = order.into_iter().map(|at| new[at].take()).collect();
    }
}
