//! The size of an input, and its hash.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::to_text;

/// The size of an input: fewer parts first, then fewer characters, then simpler ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct InputSize {
    parts: u64,
    characters: u64,
    weight: u64,
}

impl InputSize {
    pub(crate) fn new(input: &ModelInput) -> Self {
        let mut size = Self::default();
        size.add(&input.message);
        for (name, value) in &input.env {
            // A variable counts as much as several fields: a case without one is easier to read.
            size.parts += 3;
            size.characters += name.len() as u64;
            size.add_text(value);
        }
        size
    }

    /// What a case costs its reader.
    pub(crate) fn cost(self) -> u64 {
        4 + 2 * self.parts + self.characters
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.weight += 1,
            Value::Bool(is) => self.weight += u64::from(*is),
            Value::Number(number) => {
                let text = number.to_string();
                self.characters += text.len() as u64;
                self.weight += text.bytes().map(|byte| u64::from(byte) % 48).sum::<u64>();
            }
            Value::String(text) => self.add_text(text),
            Value::Array(items) => {
                self.parts += items.len() as u64;
                for item in items {
                    self.add(item);
                }
            }
            Value::Object(members) => {
                self.parts += members.len() as u64;
                for member in members.values() {
                    self.add(member);
                }
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        for c in text.chars() {
            self.characters += 1;
            self.weight += match c {
                'a'..='z' => u64::from(c) - u64::from('a'),
                '0'..='9' => u64::from(c) - u64::from('0'),
                'A'..='Z' => u64::from(c) - 25,
                _ => 120 + u64::from(c).min(5_000),
            };
        }
    }
}

/// The hash of an input, the same in every process.
pub(crate) fn hash(input: &ModelInput) -> u64 {
    hash_text(&input.env, &to_text(&input.message))
}

/// The same, of the variables and the text of the message.
pub(crate) fn hash_text(env: &BTreeMap<String, String>, message: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    env.hash(&mut hasher);
    message.hash(&mut hasher);
    hasher.finish()
}
