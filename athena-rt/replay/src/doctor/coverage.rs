//! Counts the values of many messages along their type, without storing any.

use athena_structure::description::{
    Definition, EnumShape, Field, Shape, Shapes, StructureShape, TypeDescription,
};

/// The counts: one node per part of the type that a message has reached. A recursive type has one
/// node for all its depths.
pub(super) struct Coverage<'s> {
    pub(super) shapes: &'s Shapes,
    pub(super) nodes: Vec<Node<'s>>,
}

/// A part of the type.
pub(super) struct Node<'s> {
    pub(super) kind: NodeKind<'s>,
    /// The number of values, without `null`.
    pub(super) seen: u64,
    /// One per field, variant, tuple item or boolean value; a list or map has one.
    pub(super) slots: Vec<Slot>,
    /// The largest absolute value of a float.
    pub(super) largest: f64,
    parent: Option<usize>,
    key: Option<&'static str>,
}

/// The counts of a field, variant, item or value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The number of values that had it; for a list or map, the number that were not empty.
    pub(super) present: u64,
    /// Its node, once it had a value.
    pub(super) child: Option<usize>,
}

/// The kind of a node.
#[derive(Clone, Copy)]
pub(super) enum NodeKind<'s> {
    Structure(&'s StructureShape),
    Enumeration(&'s EnumShape),
    List(&'s Shape),
    Map(&'s Shape),
    Tuple(&'s [Shape]),
    Bool,
    Float,
    Plain,
}

impl<'s> Coverage<'s> {
    /// Empty counts; the type is the first node.
    pub(super) fn new(described: &'s TypeDescription) -> Self {
        let mut coverage = Self { shapes: &described.shapes, nodes: Vec::new() };
        coverage.add(&described.shape, None);
        coverage
    }

    /// The node of a slot.
    pub(super) fn child(&mut self, node: usize, slot: usize) -> usize {
        if let Some(child) = self.nodes[node].slots[slot].child {
            return child;
        }
        let shape = match self.nodes[node].kind {
            NodeKind::Structure(structure) => &structure.fields[slot].shape,
            NodeKind::Enumeration(shape) => match &shape.variants[slot].data {
                Some(data) => data,
                None => return node,
            },
            NodeKind::List(item) | NodeKind::Map(item) => item,
            NodeKind::Tuple(items) => &items[slot],
            NodeKind::Bool | NodeKind::Float | NodeKind::Plain => return node,
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
                    (NodeKind::Structure(structure), structure.fields.len())
                }
                Some(Definition::Enumeration(shape)) => {
                    (NodeKind::Enumeration(shape), shape.variants.len())
                }
                None => (NodeKind::Plain, 0),
            },
            Shape::List(item) | Shape::Set(item) => (NodeKind::List(item), 1),
            Shape::Map(_, item) => (NodeKind::Map(item), 1),
            Shape::Tuple(items) => (NodeKind::Tuple(items), items.len()),
            Shape::Bool => (NodeKind::Bool, 2),
            Shape::Float { .. } => (NodeKind::Float, 0),
            _ => (NodeKind::Plain, 0),
        };
        let slots = vec![Slot::default(); slots];
        self.nodes.push(Node { kind, seen: 0, slots, largest: 0.0, parent, key });
        self.nodes.len() - 1
    }
}

/// Whether the values of a field are counted: a secret holds a placeholder, and a volatile value
/// means nothing.
pub(super) fn is_followed(field: &Field) -> bool {
    !field.secret && !field.volatile
}

/// The shape without `Option`, `Box` and array.
pub(super) fn inner(shape: &Shape) -> &Shape {
    match shape {
        Shape::Option(item) | Shape::Boxed(item) | Shape::Array(item, _) => inner(item),
        other => other,
    }
}
