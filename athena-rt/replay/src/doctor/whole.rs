//! Counts values whose parts are known only when all of them is read: enums with a tag or without any, and
//! structures with flattened fields.

use athena_structure::description::{EnumShape, StructureShape, Tagging};
use serde::Deserializer as _;
use serde::de::DeserializeSeed as _;
use serde_json::{Map, Value};

use super::coverage::NodeKind;
use super::visitor::{CoverageVisitor, hash};

impl<'s> CoverageVisitor<'_, 's> {
    /// Whether the value is read as a whole before it is counted.
    pub(super) fn is_read_whole(&self) -> bool {
        match self.kind() {
            NodeKind::Enumeration(shape) => shape.tagging != Tagging::External,
            NodeKind::Structure(structure) => structure.is_flat(),
            _ => false,
        }
    }

    /// Counts such a value and hashes it.
    pub(super) fn whole(self, value: Value) -> serde_json::Result<Option<u64>> {
        match (self.kind(), value) {
            (NodeKind::Enumeration(shape), value) => self.variant(shape, value),
            (NodeKind::Structure(structure), Value::Object(members)) => {
                self.flattened(structure, members)
            }
            (_, value) => value.deserialize_any(self),
        }
    }

    fn variant(mut self, shape: &'s EnumShape, value: Value) -> serde_json::Result<Option<u64>> {
        let shapes = self.coverage.shapes;
        let Some(located) = shape.locate(shapes, &value) else {
            // A null is a field that is missing; other values are of no variant.
            let unknown = CoverageVisitor { coverage: self.coverage, node: None };
            return value.deserialize_any(unknown);
        };
        let name = located.variant.name;
        let data = located.data.map(std::borrow::Cow::into_owned);
        self.record();
        let slot = shape.variants.iter().position(|variant| variant.name == name);
        if let Some(slot) = slot {
            self.record_slot(slot);
        }
        let data = match data {
            Some(data) => self.child(slot).deserialize(data)?,
            None => None,
        };
        Ok(Some(hash((b'v', name, data))))
    }

    fn flattened(
        mut self,
        structure: &'s StructureShape,
        mut members: Map<String, Value>,
    ) -> serde_json::Result<Option<u64>> {
        let (parts, _) = structure.split(self.coverage.shapes, &members);
        for (_, taken) in &parts {
            members.retain(|key, _| !taken.contains_key(key));
        }
        let own = CoverageVisitor { coverage: &mut *self.coverage, node: self.node };
        let mut sum = Value::Object(members).deserialize_any(own)?.unwrap_or_default();
        for (field, taken) in parts {
            let slot = structure.fields.iter().position(|one| std::ptr::eq(one, field));
            if taken.is_empty() && field.shape.is_optional() {
                continue;
            }
            if let Some(slot) = slot {
                self.record_slot(slot);
            }
            let part = self.child(slot).deserialize(Value::Object(taken))?;
            sum = sum.wrapping_add(hash((field.name, part)));
        }
        Ok(Some(sum))
    }
}
