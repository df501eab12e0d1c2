//! YAML as JSON. The tests of `examples/deploy` read theirs by this file as well.

use saphyr::{LoadableYamlNode as _, ScanError, Yaml};
use serde_json::Value;

/// The documents of a text.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, ScanError> {
    Ok(Yaml::load_from_str(text)?.iter().map(value).collect())
}

fn value(node: &Yaml<'_>) -> Value {
    if let Some(mapping) = node.as_mapping() {
        let pairs =
            mapping.iter().map(|(key, node)| (key.as_str().unwrap().to_owned(), value(node)));
        Value::Object(pairs.collect())
    } else if let Some(sequence) = node.as_sequence() {
        sequence.iter().map(value).collect()
    } else if let Some(text) = node.as_str() {
        text.into()
    } else if let Some(number) = node.as_integer() {
        number.into()
    } else if let Some(truth) = node.as_bool() {
        truth.into()
    } else {
        assert!(node.is_null(), "{node:?}");
        Value::Null
    }
}
