//! Finds a smaller input with the same effect. Works on JSON and is independent of models: `cargo athena
//! shrink` and the generation of cases use it.

mod number;
mod search;
mod size;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use self::search::{ShrinkResult, ShrinkSettings, shrink};
pub use self::size::{Size, Variant, Variants};

/// The input of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelInput {
    /// Name and value of each variable that is set.
    pub env: BTreeMap<String, String>,
    /// The message.
    pub message: Value,
}

impl ModelInput {
    /// The number of fields, elements and variables at any depth.
    pub fn values(&self) -> usize {
        let values = Size::new(&self.message, &Variants::default()).values;
        values + self.env.len()
    }

    /// The size as JSON, in bytes.
    pub fn bytes(&self) -> usize {
        let variables = self.env.iter().map(|(name, value)| name.len() + value.len());
        self.message.to_string().len() + variables.sum::<usize>()
    }

    /// The size, by which inputs are ordered.
    pub fn size(&self, variants: &Variants) -> Size {
        Size::new(&self.to_tree(), variants)
    }

    fn to_tree(&self) -> Value {
        let env = self.env.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        let mut tree = Map::new();
        tree.insert("env".to_owned(), Value::Object(env.collect()));
        tree.insert("message".to_owned(), self.message.clone());
        Value::Object(tree)
    }

    fn from_tree(mut tree: Value) -> Self {
        let env = match tree["env"].take() {
            Value::Object(env) => env,
            _ => Map::new(),
        };
        let env = env.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        });
        Self { env: env.collect(), message: tree["message"].take() }
    }
}
