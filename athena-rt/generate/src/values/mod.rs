//! Messages of a type: the first ones, random ones, and mutations of one.
//!
//! | file | its job |
//! |---|---|
//! | `pools.rs` | the texts and numbers that values are made of |
//! | `first.rs` | the simplest value of a type, and the boundary of each leaf |
//! | `fresh.rs` | a random value |
//! | `mutate.rs` | a value that differs in one or a few places |
//! | `leaves.rs` | values that are equal to others of their message |
//! | `layout.rs` | structures and enums as JSON has them |
//! | `text.rs`, `number.rs`, `time.rs`, `forms.rs` | leaves |
//! | `variables.rs` | values of environment variables |

mod first;
mod forms;
mod fresh;
mod layout;
mod leaves;
mod mutate;
mod number;
mod pools;
mod text;
mod time;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use athena_structure::description::{Shape, Shapes, TypeDescription};
use serde_json::Value;

pub(crate) use self::first::find_valid;
pub(crate) use self::number::to_text;
pub(crate) use self::pools::Pools;
use crate::random::Random;

/// The most values of a message, at any depth, before only the simplest are added.
const ROOM: usize = 24;

/// The greatest depth of a message.
const DEPTH: usize = 4;

/// Makes values of one type.
#[derive(Clone, Debug)]
pub(crate) struct ValueGenerator<'a> {
    described: &'a TypeDescription,
    pub(crate) pools: Pools,
    /// Texts that types with a text form have been read from, by the type's name.
    forms: BTreeMap<&'static str, Vec<Value>>,
    /// The leaves of the message that is made or changed.
    shared: Vec<(&'a Shape, Value)>,
    /// Its longer texts.
    related: Vec<String>,
    pub(crate) random: Random,
}

/// How much more a value may hold.
#[derive(Clone, Copy, Debug)]
struct Room {
    values: usize,
    depth: usize,
}

impl Room {
    fn new() -> Self {
        Self { values: ROOM, depth: DEPTH }
    }

    /// Takes room for one value that has others in it; `false` if there is none.
    fn enter(&mut self) -> bool {
        self.values = self.values.saturating_sub(1);
        self.depth = self.depth.saturating_sub(1);
        self.values > 0 && self.depth > 0
    }
}

impl<'a> ValueGenerator<'a> {
    pub(crate) fn new(described: &'a TypeDescription, pools: Pools, random: Random) -> Self {
        let (forms, shared, related) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { described, pools, forms, shared, related, random }
    }

    /// The same pools and texts with other random numbers.
    pub(crate) fn with_random(&self, random: Random) -> Self {
        Self { random, ..self.clone() }
    }

    /// A random message.
    pub(crate) fn fresh(&mut self) -> Value {
        let shape = &self.described.shape;
        self.shared.clear();
        self.related.clear();
        self.fresh_of(shape, Room::new())
    }

    /// Changes a message in one place.
    pub(crate) fn mutate(&mut self, value: &mut Value) {
        let shape = &self.described.shape;
        self.share_leaves(value);
        self.relate_texts();
        self.mutate_of(shape, value);
    }

    fn shapes(&self) -> &'a Shapes {
        &self.described.shapes
    }
}
