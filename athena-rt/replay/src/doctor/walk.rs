//! A message read once: counted along its type, and hashed by value.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::tally::{Kind, Tally, is_followed};
use athena_structure::matches_name;

/// Counts a value below a node, or nowhere, and hashes it; none for `null`.
///
/// Objects hash alike in any order of keys, numbers however they are written. A field that is
/// `null` is one that is not there. Of a secret only that it is there counts.
pub(super) fn walk(
    tally: &mut Tally<'_>,
    node: Option<usize>,
    text: &str,
) -> serde_json::Result<Option<u64>> {
    Walk { tally, node }.deserialize(&mut serde_json::Deserializer::from_str(text))
}

/// A hash of a few values.
pub(super) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

struct Walk<'t, 's> {
    tally: &'t mut Tally<'s>,
    node: Option<usize>,
}

impl<'s> Walk<'_, 's> {
    fn kind(&self) -> Kind<'s> {
        self.node.map_or(Kind::Plain, |node| self.tally.nodes[node].kind)
    }

    fn see(&mut self) {
        if let Some(node) = self.node {
            self.tally.nodes[node].seen += 1;
        }
    }

    fn see_slot(&mut self, slot: usize) {
        if let Some(node) = self.node {
            self.tally.nodes[node].slots[slot].present += 1;
        }
    }

    /// The walk of a part.
    fn part(&mut self, slot: Option<usize>) -> Walk<'_, 's> {
        let node = match (self.node, slot) {
            (Some(node), Some(slot)) => Some(self.tally.child(node, slot)),
            _ => None,
        };
        Walk { tally: self.tally, node }
    }

    fn number(&mut self, float: f64) -> u64 {
        self.see();
        hash((b'f', float.to_bits()))
    }

    fn integer(&mut self, integer: i128) -> u64 {
        self.see();
        hash((b'i', integer))
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<Option<u64>, E> {
        self.see();
        if let Kind::Bool = self.kind() {
            self.see_slot(usize::from(value));
        }
        Ok(Some(hash((b'b', value))))
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<Option<u64>, E> {
        #[allow(clippy::cast_precision_loss, reason = "as the model reads it")]
        Ok(Some(match self.kind() {
            Kind::Float => self.number(value as f64),
            _ => self.integer(value.into()),
        }))
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<Option<u64>, E> {
        #[allow(clippy::cast_precision_loss, reason = "as the model reads it")]
        Ok(Some(match self.kind() {
            Kind::Float => self.number(value as f64),
            _ => self.integer(value.into()),
        }))
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<Option<u64>, E> {
        let is_whole = value.fract() == 0.0 && value.abs() < 1e18;
        #[allow(clippy::cast_possible_truncation, reason = "whole, and of less than 63 bits")]
        Ok(Some(match self.kind() {
            Kind::Float => self.number(value),
            _ if is_whole => self.integer(i128::from(value as i64)),
            _ => self.number(value),
        }))
    }

    fn visit_str<E>(mut self, value: &str) -> Result<Option<u64>, E> {
        self.see();
        if let Kind::Enumeration(shape) = self.kind()
            && let Some(slot) = shape.variants.iter().position(|variant| variant.name == value)
        {
            self.see_slot(slot);
        }
        Ok(Some(hash((b's', value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Option<u64>, A::Error> {
        self.see();
        let mut hasher = DefaultHasher::new();
        b'l'.hash(&mut hasher);
        let kind = self.kind();
        let mut length = 0;
        loop {
            let slot = match kind {
                Kind::List(_) => Some(0),
                Kind::Tuple(items) => Some(length).filter(|&at| at < items.len()),
                _ => None,
            };
            let Some(item) = seq.next_element_seed(Parts { walk: &mut self, slot })? else { break };
            item.hash(&mut hasher);
            length += 1;
        }
        if let (Kind::List(_), 1..) = (kind, length) {
            self.see_slot(0);
        }
        Ok(Some(hasher.finish()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Option<u64>, A::Error> {
        self.see();
        let kind = self.kind();
        // A sum is the same in any order.
        let mut sum = hash(b'm');
        let mut is_empty = true;
        while let Some(Key { slot, follow, secret, hash: key }) = map.next_key_seed(Keys(kind))? {
            let part = slot.filter(|_| follow);
            let value = map.next_value_seed(Parts { walk: &mut self, slot: part })?;
            is_empty = false;
            match (kind, slot) {
                (Kind::Structure(_), Some(slot)) if value.is_some() => self.see_slot(slot),
                // A variant without data may be written so.
                (Kind::Enumeration(_), Some(slot)) => self.see_slot(slot),
                (Kind::Structure(_), _) if value.is_none() => continue,
                _ => {}
            }
            let value = if secret { None } else { value };
            sum = sum.wrapping_add(hash((key, value)));
        }
        if let (Kind::Map(_), false) = (kind, is_empty) {
            self.see_slot(0);
        }
        Ok(Some(sum))
    }
}

/// Reads a part of the value that is walked.
struct Parts<'w, 't, 's> {
    walk: &'w mut Walk<'t, 's>,
    slot: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Parts<'_, '_, '_> {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        self.walk.part(self.slot).deserialize(deserializer)
    }
}

/// Reads a key.
struct Keys<'s>(Kind<'s>);

struct Key {
    slot: Option<usize>,
    /// Whether what is behind it is counted.
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
            Kind::Structure(structure) => {
                let fields = &structure.fields;
                let found = fields
                    .iter()
                    .position(|field| field.name == key)
                    .or_else(|| fields.iter().position(|field| matches_name(field.name, key)));
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
            Kind::Enumeration(shape) => {
                plain(shape.variants.iter().position(|variant| variant.name == key))
            }
            Kind::Map(_) => plain(Some(0)),
            _ => plain(None),
        })
    }
}
