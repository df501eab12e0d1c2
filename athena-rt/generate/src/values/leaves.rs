//! The leaves of a message, each with its type. A value is often equal to another of its message, such as a name
//! that is declared and used, or both ends of an edge. Values that know nothing of each other almost never are.

use athena_structure::description::{Definition, Shape};
use serde_json::Value;

use super::ValueGenerator;
use super::layout::array_item;

/// How many leaves of a message others are made equal to.
const SHARED: usize = 24;

impl<'a> ValueGenerator<'a> {
    /// Notes the leaves of a message, to which others of it can be made equal.
    pub(super) fn share_leaves(&mut self, message: &Value) {
        let mut leaves = Vec::new();
        let shape = &self.described.shape;
        self.leaves_of(shape, message, &mut leaves);
        leaves.truncate(SHARED);
        self.shared = leaves;
    }

    /// Notes a new leaf.
    pub(super) fn share(&mut self, shape: &'a Shape, value: &Value) {
        if self.shared.len() < SHARED {
            self.shared.push((shape, value.clone()));
        }
    }

    /// A leaf of the message of this type, other than this value.
    pub(super) fn shared_leaf(&mut self, shape: &Shape, other_than: &Value) -> Option<Value> {
        let alike = self.shared.iter().filter(|(of, value)| *of == shape && value != other_than);
        let count = alike.clone().count();
        let at = self.random.below(count);
        alike.clone().nth(at).map(|(_, value)| value.clone())
    }

    /// The leaves of a value, in order, with the keys of maps.
    pub(super) fn leaves_of(
        &self,
        shape: &'a Shape,
        value: &Value,
        leaves: &mut Vec<(&'a Shape, Value)>,
    ) {
        match (shape, value) {
            (_, Value::Null) => {}
            _ if is_leaf(shape) => leaves.push((shape, value.clone())),
            (Shape::Boxed(inner) | Shape::Option(inner), _) => {
                self.leaves_of(inner, value, leaves);
            }
            (Shape::Array(item, _), Value::Array(items)) => {
                let item = array_item(item);
                for value in items {
                    self.leaves_of(item, value, leaves);
                }
            }
            (Shape::List(item) | Shape::Set(item), Value::Array(items)) => {
                for value in items {
                    self.leaves_of(item, value, leaves);
                }
            }
            (Shape::Tuple(shapes), Value::Array(items)) => {
                for (shape, value) in shapes.iter().zip(items) {
                    self.leaves_of(shape, value, leaves);
                }
            }
            (Shape::Map(key, item), Value::Object(map)) => {
                for (name, value) in map {
                    if matches!(**key, Shape::Text) {
                        leaves.push((key, name.as_str().into()));
                    }
                    self.leaves_of(item, value, leaves);
                }
            }
            (Shape::Named(key), _) => match self.shapes().get(key) {
                Some(Definition::Structure(owner)) => {
                    let Value::Object(object) = value else { return };
                    for field in owner.fields.iter().filter(|field| !field.secret && !field.flatten)
                    {
                        if let Some(value) = object.get(field.name) {
                            self.leaves_of(&field.shape, value, leaves);
                        }
                    }
                }
                Some(Definition::Enumeration(owner)) => {
                    let located = owner.locate(self.shapes(), value);
                    let found = located.and_then(|it| Some((it.variant.data.as_ref()?, it.data?)));
                    if let Some((shape, data)) = found {
                        self.leaves_of(shape, &data, leaves);
                    }
                }
                None => {}
            },
            _ => {}
        }
    }
}

/// Whether values of a type have no parts, and are more than a flag.
pub(super) fn is_leaf(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Int { .. }
            | Shape::Float { .. }
            | Shape::Text
            | Shape::TextOf(_)
            | Shape::Bytes
            | Shape::Duration
            | Shape::Timestamp
            | Shape::Uuid
            | Shape::Json
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use athena_rt::prelude::*;
    use athena_structure::description::TypeDescription;
    use serde_json::json;

    use crate::random::Random;
    use crate::values::{Pools, ValueGenerator};

    #[structure]
    struct Graph {
        edges: Vec<Edge>,
        weights: BTreeMap<String, u8>,
    }

    #[structure]
    struct Edge {
        from: String,
        to: String,
    }

    #[test]
    fn parts_of_a_message_are_equal_to_others() {
        let described = TypeDescription::for_type::<Graph>();
        let mut generator = ValueGenerator::new(&described, Pools::default(), Random::new(&[1, 2]));
        let messages: Vec<_> = (0..2_000).map(|_| generator.fresh()).collect();
        let has = |is: &dyn Fn(&serde_json::Value) -> bool| messages.iter().any(is);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        // A path of two edges, an edge to its own node, and a node that has a weight.
        assert!(has(&|it| {
            let (one, other) = (&it["edges"][0], &it["edges"][1]);
            !text(&one["to"]).is_empty() && one["to"] == other["from"] && one != other
        }));
        assert!(has(&|it| {
            let edge = &it["edges"][0];
            !text(&edge["to"]).is_empty() && edge["to"] == edge["from"]
        }));
        assert!(has(&|it| it["weights"].get(text(&it["edges"][0]["to"])).is_some()));
        let base = json!({
            "edges": [{"from": "left", "to": "right"}, {"from": "up", "to": "down"}],
            "weights": {"middle": 1}
        });
        let mut ends = std::collections::BTreeSet::new();
        for _ in 0..4_000 {
            let mut message = base.clone();
            generator.mutate(&mut message);
            ends.insert(text(&message["edges"][1]["to"]));
        }
        for name in ["left", "right", "up", "middle"] {
            assert!(ends.contains(name), "{name}");
        }
    }
}
