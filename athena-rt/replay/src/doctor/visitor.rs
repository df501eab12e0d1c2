//! Reads a message once: counts it along its type, and hashes it by value.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use athena_protocol::json::FirstMember;
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

use super::coverage::{Coverage, NodeKind, is_followed};

impl Coverage<'_> {
    /// Counts a message and returns its hash: equal for messages that are equal by value.
    pub(super) fn count(&mut self, text: &str) -> serde_json::Result<u64> {
        let hash = walk(self, Some(0), text)?;
        Ok(hash.unwrap_or_default())
    }

    /// Counts the defaults of fields that were left out.
    pub(super) fn count_defaults(&mut self) {
        let mut done: HashMap<usize, Vec<bool>> = HashMap::new();
        loop {
            let mut left = Vec::new();
            for (at, node) in self.nodes.iter().enumerate() {
                let NodeKind::Structure(structure) = node.kind else { continue };
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
                // A default that is not JSON, such as NaN, is not counted.
                let _ = walk(self, Some(child), default);
            }
        }
    }
}

/// Counts a value below a node, if any, and hashes it; `None` for `null`.
///
/// The order of an object's keys and the notation of a number make no difference. A `null` field
/// counts as missing. Only the presence of a secret counts.
fn walk(
    coverage: &mut Coverage<'_>,
    node: Option<usize>,
    text: &str,
) -> serde_json::Result<Option<u64>> {
    CoverageVisitor { coverage, node }.deserialize(&mut serde_json::Deserializer::from_str(text))
}

/// A hash of a few values.
pub(super) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

pub(super) struct CoverageVisitor<'t, 's> {
    pub(super) coverage: &'t mut Coverage<'s>,
    pub(super) node: Option<usize>,
}

impl<'s> CoverageVisitor<'_, 's> {
    pub(super) fn kind(&self) -> NodeKind<'s> {
        self.node.map_or(NodeKind::Plain, |node| self.coverage.nodes[node].kind)
    }

    pub(super) fn record(&mut self) {
        if let Some(node) = self.node {
            self.coverage.nodes[node].seen += 1;
        }
    }

    pub(super) fn record_slot(&mut self, slot: usize) {
        if let Some(node) = self.node {
            self.coverage.nodes[node].slots[slot].present += 1;
        }
    }

    /// The visitor of a slot.
    pub(super) fn child(&mut self, slot: Option<usize>) -> CoverageVisitor<'_, 's> {
        let node = match (self.node, slot) {
            (Some(node), Some(slot)) => Some(self.coverage.child(node, slot)),
            _ => None,
        };
        CoverageVisitor { coverage: self.coverage, node }
    }

    fn number(&mut self, float: f64) -> u64 {
        self.record();
        if let Some(node) = self.node {
            let largest = &mut self.coverage.nodes[node].largest;
            *largest = largest.max(float.abs());
        }
        hash((b'f', float.to_bits()))
    }

    fn integer(&mut self, integer: i128) -> u64 {
        self.record();
        hash((b'i', integer))
    }
}

impl<'de> DeserializeSeed<'de> for CoverageVisitor<'_, '_> {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        if !self.is_read_whole() {
            return deserializer.deserialize_any(self);
        }
        let value = Value::deserialize(deserializer)?;
        self.whole(value).map_err(D::Error::custom)
    }
}

impl<'de> Visitor<'de> for CoverageVisitor<'_, '_> {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<Option<u64>, E> {
        self.record();
        if let NodeKind::Bool = self.kind() {
            self.record_slot(usize::from(value));
        }
        Ok(Some(hash((b'b', value))))
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<Option<u64>, E> {
        #[allow(clippy::cast_precision_loss, reason = "as the model reads it")]
        Ok(Some(match self.kind() {
            NodeKind::Float => self.number(value as f64),
            _ => self.integer(value.into()),
        }))
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<Option<u64>, E> {
        #[allow(clippy::cast_precision_loss, reason = "as the model reads it")]
        Ok(Some(match self.kind() {
            NodeKind::Float => self.number(value as f64),
            _ => self.integer(value.into()),
        }))
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<Option<u64>, E> {
        let is_whole = value.fract() == 0.0 && value.abs() < 1e18;
        #[allow(clippy::cast_possible_truncation, reason = "whole, and of less than 63 bits")]
        Ok(Some(match self.kind() {
            NodeKind::Float => self.number(value),
            _ if is_whole => self.integer(i128::from(value as i64)),
            _ => self.number(value),
        }))
    }

    fn visit_str<E>(mut self, value: &str) -> Result<Option<u64>, E> {
        self.record();
        if let NodeKind::Enumeration(shape) = self.kind()
            && let Some(slot) = shape.called(value)
        {
            self.record_slot(slot);
        }
        Ok(Some(hash((b's', value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Option<u64>, A::Error> {
        self.record();
        let mut hasher = DefaultHasher::new();
        b'l'.hash(&mut hasher);
        let kind = self.kind();
        let mut length = 0;
        loop {
            let slot = match kind {
                NodeKind::List(_) => Some(0),
                NodeKind::Tuple(items) => Some(length).filter(|&at| at < items.len()),
                _ => None,
            };
            let Some(item) = seq.next_element_seed(Parts { walk: &mut self, slot })? else { break };
            item.hash(&mut hasher);
            length += 1;
        }
        if let (NodeKind::List(_), 1..) = (kind, length) {
            self.record_slot(0);
        }
        Ok(Some(hasher.finish()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Option<u64>, A::Error> {
        let first = FirstMember::read(&mut map)?;
        if let FirstMember::Number(number) = first {
            return number.visit(self);
        }
        self.record();
        let kind = self.kind();
        // A sum is the same in any order.
        let mut sum = hash(b'm');
        let (mut next, mut text) = match first {
            FirstMember::Key(key) => (Some(Keys(kind).visit_str(&key)?), None),
            FirstMember::Text(key, text) => (Some(Keys(kind).visit_str(&key)?), Some(text)),
            _ => (None, None),
        };
        let is_empty = next.is_none();
        while let Some(Key { slot, follow, secret, hash: key }) = next {
            let parts = Parts { walk: &mut self, slot: slot.filter(|_| follow) };
            let value = match text.take() {
                Some(text) => parts.deserialize(text.into_deserializer())?,
                None => map.next_value_seed(parts)?,
            };
            next = map.next_key_seed(Keys(kind))?;
            match (kind, slot) {
                (NodeKind::Structure(_), Some(slot)) if value.is_some() => self.record_slot(slot),
                // A variant without data may be written as a map too.
                (NodeKind::Enumeration(_), Some(slot)) => self.record_slot(slot),
                (NodeKind::Structure(_), _) if value.is_none() => continue,
                _ => {}
            }
            let value = if secret { None } else { value };
            sum = sum.wrapping_add(hash((key, value)));
        }
        if let (NodeKind::Map(_), false) = (kind, is_empty) {
            self.record_slot(0);
        }
        Ok(Some(sum))
    }
}

/// Reads a slot of the visited value.
struct Parts<'w, 't, 's> {
    walk: &'w mut CoverageVisitor<'t, 's>,
    slot: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Parts<'_, '_, '_> {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        self.walk.child(self.slot).deserialize(deserializer)
    }
}

/// Reads a key.
struct Keys<'s>(NodeKind<'s>);

struct Key {
    slot: Option<usize>,
    /// Whether its value is counted.
    follow: bool,
    secret: bool,
    hash: u64,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Keys<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        let plain = |slot| Key { slot, follow: true, secret: false, hash: hash(key) };
        Ok(match self.0 {
            NodeKind::Structure(structure) => {
                let fields = &structure.fields;
                let found = fields
                    .iter()
                    .position(|field| field.name == key)
                    .or_else(|| fields.iter().position(|field| field.is_called(key)));
                found.map_or_else(
                    || plain(None),
                    |slot| Key {
                        slot: Some(slot),
                        follow: is_followed(&fields[slot]),
                        secret: fields[slot].secret,
                        hash: hash(fields[slot].name),
                    },
                )
            }
            NodeKind::Enumeration(shape) => plain(shape.called(key)),
            NodeKind::Map(_) => plain(Some(0)),
            _ => plain(None),
        })
    }
}
