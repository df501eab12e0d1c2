//! One level of a JSON text, with its numbers as they are written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The levels that `serde_json` reads.
const DEPTH: usize = 128;

/// A value whose elements and members are still text.
#[derive(Debug)]
pub enum RawJson<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<&'a RawValue>),
    /// An object, with a member for each key that it has, also for one that it has twice.
    Object(Vec<(String, &'a RawValue)>),
}

impl<'a> RawJson<'a> {
    /// Reads one level. `depth` is the number of levels around it, of which 128 are the most.
    pub fn parse(raw: &'a RawValue, depth: usize) -> serde_json::Result<Self> {
        if depth >= DEPTH {
            return Err(serde_json::Error::custom("recursion limit exceeded"));
        }
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'[') => Self::List(serde_json::from_str(text)?),
            Some(b'{') => Self::Object(serde_json::from_str::<RawMembers<'a>>(text)?.0),
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            _ => Self::Number(text),
        })
    }
}

/// The members of an object in their order.
struct RawMembers<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawMembers<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}
