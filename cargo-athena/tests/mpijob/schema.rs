//! The schema in a custom resource definition, made as strict as the API server.

use std::path::Path;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::yaml;

/// Where the definition is.
pub(super) const VARIABLE: &str = "ATHENA_MPIJOB_CRD";

/// Reads the definition and compiles its schema of `v2beta1`.
pub(super) fn validator(path: &Path) -> Result<Validator, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{VARIABLE}: {} can't be read: {error}", path.display()))?;
    let documents = yaml::documents(&text).map_err(|error| format!("{VARIABLE}: {error}"))?;
    let definition = documents.into_iter().next().unwrap_or_default();
    let versions = definition["spec"]["versions"].as_array();
    let version = versions.and_then(|all| all.iter().find(|version| version["name"] == "v2beta1"));
    let version = version.ok_or_else(|| format!("{VARIABLE}: no v2beta1 in {}", path.display()))?;
    let mut schema = version["schema"]["openAPIV3Schema"].clone();
    make_strict(&mut schema);
    // OpenAPI 3.0 is that draft with keywords of its own.
    let options = jsonschema::options().with_draft(Draft::Draft4);
    options.build(&schema).map_err(|error| error.to_string())
}

/// What is wrong, each with where.
pub(super) fn errors(schema: &Validator, manifest: &Value) -> Vec<String> {
    schema
        .iter_errors(manifest)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// OpenAPI's own words as JSON Schema has them; what no schema names is refused, since the API
/// server would drop it without a word, and a typo with it.
fn make_strict(schema: &mut Value) {
    let Some(node) = schema.as_object_mut() else { return };
    let says =
        |node: &serde_json::Map<String, Value>, word: &str| node.get(word) == Some(&json!(true));
    if says(node, "x-kubernetes-int-or-string") {
        node.remove("type");
        node.insert("anyOf".to_owned(), json!([{"type": "integer"}, {"type": "string"}]));
    }
    if says(node, "nullable")
        && let Some(kind) = node.remove("type")
    {
        node.insert("type".to_owned(), json!([kind, "null"]));
    }
    let is_closed = node.contains_key("properties")
        && !node.contains_key("additionalProperties")
        && !says(node, "x-kubernetes-preserve-unknown-fields");
    if is_closed {
        node.insert("additionalProperties".to_owned(), json!(false));
    }
    for (word, inner) in node.iter_mut() {
        match (word.as_str(), inner) {
            ("properties", Value::Object(fields)) => fields.values_mut().for_each(make_strict),
            ("items" | "additionalProperties" | "not", inner) => make_strict(inner),
            ("anyOf" | "allOf" | "oneOf", Value::Array(all)) => {
                all.iter_mut().for_each(make_strict);
            }
            _ => {}
        }
    }
}
