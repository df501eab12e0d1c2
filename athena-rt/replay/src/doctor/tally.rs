//! What the values of many messages are like, counted along their type without keeping any.

use std::collections::HashMap;

use athena_structure::description::{
    Definition, EnumShape, Field, Shape, Shapes, StructureShape, TypeDescription,
};

/// Counts, a node for each place in the type that a message has reached. A type that contains
/// itself has one node for all its depths.
pub(super) struct Tally<'s> {
    shapes: &'s Shapes,
    pub(super) nodes: Vec<Node<'s>>,
}

/// A place in the type.
pub(super) struct Node<'s> {
    pub(super) kind: Kind<'s>,
    /// How many values were there; `null` is none.
    pub(super) seen: u64,
    /// By field, variant, item of a tuple or value of a boolean; of a list or map the first one.
    pub(super) slots: Vec<Slot>,
    parent: Option<usize>,
    key: Option<&'static str>,
}

/// A part of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// How many values had it; of a list or map, how many were not empty.
    pub(super) present: u64,
    /// Its own place, once a value was there.
    pub(super) child: Option<usize>,
}

/// What is in a place.
#[derive(Clone, Copy)]
pub(super) enum Kind<'s> {
    Structure(&'s StructureShape),
    Enumeration(&'s EnumShape),
    List(&'s Shape),
    Map(&'s Shape),
    Tuple(&'s [Shape]),
    Bool,
    Float,
    Plain,
}

impl<'s> Tally<'s> {
    /// Nothing counted yet; the type is the first node.
    pub(super) fn new(described: &'s TypeDescription) -> Self {
        let mut tally = Self { shapes: &described.shapes, nodes: Vec::new() };
        tally.add(&described.shape, None);
        tally
    }

    /// Counts a message and gives its hash: equal for messages that are equal by value.
    pub(super) fn count(&mut self, text: &str) -> serde_json::Result<u64> {
        let hash = super::walk::walk(self, Some(0), text)?;
        Ok(hash.unwrap_or_default())
    }

    /// Counts what stands in the place of fields that were left out: their defaults.
    pub(super) fn count_defaults(&mut self) {
        let mut done: HashMap<usize, Vec<bool>> = HashMap::new();
        loop {
            let mut left = Vec::new();
            for (at, node) in self.nodes.iter().enumerate() {
                let Kind::Structure(structure) = node.kind else { continue };
                let done = done.entry(at).or_insert_with(|| vec![false; node.slots.len()]);
                for (slot, field) in structure.fields.iter().enumerate() {
                    let was_left_out = node.seen > node.slots[slot].present;
                    if was_left_out && !done[slot] && is_followed(field) {
                        done[slot] = true;
                        left.extend(field.default.as_deref().map(|default| (at, slot, default)));
                    }
                }
            }
            if left.is_empty() {
                return;
            }
            for (at, slot, default) in left {
                let child = self.child(at, slot);
                // A default that is no JSON, NaN for one, says nothing here.
                let _ = super::walk::walk(self, Some(child), default);
            }
        }
    }

    /// The place of a part.
    pub(super) fn child(&mut self, node: usize, slot: usize) -> usize {
        if let Some(child) = self.nodes[node].slots[slot].child {
            return child;
        }
        let shape = match self.nodes[node].kind {
            Kind::Structure(structure) => &structure.fields[slot].shape,
            Kind::Enumeration(shape) => match &shape.variants[slot].data {
                Some(data) => data,
                None => return node,
            },
            Kind::List(item) | Kind::Map(item) => item,
            Kind::Tuple(items) => &items[slot],
            Kind::Bool | Kind::Float | Kind::Plain => return node,
        };
        let child = self.add(shape, Some(node));
        self.nodes[node].slots[slot].child = Some(child);
        child
    }

    fn add(&mut self, shape: &'s Shape, parent: Option<usize>) -> usize {
        let shape = inner(shape);
        let key = if let Shape::Named(key) = shape { Some(*key) } else { None };
        let mut above = parent;
        while let (Some(at), Some(_)) = (above, key) {
            if self.nodes[at].key == key {
                return at;
            }
            above = self.nodes[at].parent;
        }
        let (kind, slots) = match shape {
            Shape::Named(key) => match self.shapes.get(key) {
                Some(Definition::Structure(structure)) => {
                    (Kind::Structure(structure), structure.fields.len())
                }
                Some(Definition::Enumeration(shape)) => {
                    (Kind::Enumeration(shape), shape.variants.len())
                }
                None => (Kind::Plain, 0),
            },
            Shape::List(item) => (Kind::List(item), 1),
            Shape::Map(_, item) => (Kind::Map(item), 1),
            Shape::Tuple(items) => (Kind::Tuple(items), items.len()),
            Shape::Bool => (Kind::Bool, 2),
            Shape::Float { .. } => (Kind::Float, 0),
            _ => (Kind::Plain, 0),
        };
        let slots = vec![Slot::default(); slots];
        self.nodes.push(Node { kind, seen: 0, slots, parent, key });
        self.nodes.len() - 1
    }
}

/// Whether the values of a field are looked into: those of a secret are placeholders, those that
/// are volatile mean nothing.
pub(super) fn is_followed(field: &Field) -> bool {
    !field.secret && !field.volatile
}

/// The shape of a value that is there.
pub(super) fn inner(shape: &Shape) -> &Shape {
    match shape {
        Shape::Option(item) | Shape::Boxed(item) | Shape::Array(item, _) => inner(item),
        other => other,
    }
}
