//! Finds a smaller input that still does what a first one did: knows JSON, and nothing of models.

mod number;
mod search;
mod size;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(crate) use self::search::{ShrinkResult, ShrinkSettings, shrink};
use self::size::Size;
pub(crate) use self::size::{Variant, Variants};

/// What goes into a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ModelInput {
    /// The variables that are set.
    pub(crate) env: BTreeMap<String, String>,
    /// The message.
    pub(crate) message: Value,
}

impl ModelInput {
    /// How many fields, elements and variables it has, however deep.
    pub(crate) fn values(&self) -> usize {
        let values = Size::new(&self.message, &Variants::default()).values;
        values + self.env.len()
    }

    /// How many bytes of JSON it is.
    pub(crate) fn bytes(&self) -> usize {
        let variables = self.env.iter().map(|(name, value)| name.len() + value.len());
        self.message.to_string().len() + variables.sum::<usize>()
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
