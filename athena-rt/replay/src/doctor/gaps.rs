//! Finds what the types allow and no message has, from the counts. A path leads along the type: the name of a
//! variant is part of it, also where JSON has a tag.

use athena_protocol::{MessageSide, Unseen};

use super::coverage::{Coverage, Node, NodeKind, inner};
use athena_structure::description::{Field, Shape};

/// Something that no message has: its path and its kind.
pub(super) type Gap = (String, Unseen);

/// The gaps of one side. A field that is never present hides everything below it.
pub(super) fn gaps(coverage: &Coverage<'_>, side: MessageSide) -> Vec<Gap> {
    let mut search = Search { coverage, side, path: String::new(), found: Vec::new() };
    search.node(0);
    search.found
}

struct Search<'t> {
    coverage: &'t Coverage<'t>,
    side: MessageSide,
    path: String,
    found: Vec<Gap>,
}

impl Search<'_> {
    fn node(&mut self, at: usize) {
        let node = &self.coverage.nodes[at];
        if node.seen == 0 {
            return;
        }
        match node.kind {
            NodeKind::Structure(structure) => {
                for (slot, field) in structure.fields.iter().enumerate() {
                    if field.flatten {
                        self.flattened(at, slot, field);
                    } else {
                        self.below(field.name, |inner| inner.field(at, slot, field));
                    }
                }
            }
            NodeKind::Enumeration(shape) => {
                let missing: Vec<String> = shape
                    .variants
                    .iter()
                    .zip(&node.slots)
                    .filter(|(_, slot)| slot.present == 0)
                    .map(|(variant, _)| variant.name.to_owned())
                    .collect();
                if !missing.is_empty() {
                    self.found(Unseen::Variants(missing));
                }
                for (slot, variant) in shape.variants.iter().enumerate() {
                    self.below(variant.name, |inner| inner.child(at, slot));
                }
            }
            NodeKind::List(_) | NodeKind::Map(_) if node.slots[0].present == 0 => {
                self.found(Unseen::Items);
            }
            NodeKind::List(_) | NodeKind::Map(_) => self.below("*", |inner| inner.child(at, 0)),
            NodeKind::Tuple(items) => {
                for slot in 0..items.len() {
                    self.below(&slot.to_string(), |inner| inner.child(at, slot));
                }
            }
            NodeKind::Bool => {
                let missing = [false, true].into_iter().zip(&node.slots);
                for (value, _) in missing.filter(|(_, slot)| slot.present == 0) {
                    self.found(Unseen::Value(value));
                }
            }
            NodeKind::Float | NodeKind::Plain => {}
        }
    }

    fn field(&mut self, at: usize, slot: usize, field: &Field) {
        if field.volatile && self.side == MessageSide::Output {
            return;
        }
        let node: &Node<'_> = &self.coverage.nodes[at];
        let present = node.slots[slot].present;
        let is_option = field.shape.is_optional();
        if present == 0 {
            if is_option {
                self.found(Unseen::Present);
            } else if field.default.is_some() {
                self.found(Unseen::Set);
            } else if !field.required && is_many(&field.shape) {
                self.found(Unseen::Items);
            }
            return;
        }
        if is_option && present >= node.seen {
            self.found(Unseen::Absent);
        }
        self.child(at, slot);
    }

    /// Visits a flattened field, whose members are those of the object around it. Nothing is missing where
    /// it keeps whatever other members there are.
    fn flattened(&mut self, at: usize, slot: usize, field: &Field) {
        if matches!(inner(&field.shape), Shape::Named(_)) {
            self.child(at, slot);
        }
    }

    /// Visits the child, except where a type contains itself.
    fn child(&mut self, at: usize, slot: usize) {
        if let Some(child) = self.coverage.nodes[at].slots[slot].child.filter(|&child| child > at) {
            self.node(child);
        }
    }

    fn found(&mut self, what: Unseen) {
        self.found.push((self.path.clone(), what));
    }

    fn below(&mut self, segment: &str, inner: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(segment);
        inner(self);
        self.path.truncate(length);
    }
}

fn is_many(shape: &Shape) -> bool {
    matches!(inner(shape), Shape::List(_) | Shape::Set(_) | Shape::Map(..) | Shape::Bytes)
}
