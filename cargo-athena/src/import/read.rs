//! Records in files.

use std::fs;
use std::path::Path;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value};

use super::csv;
use crate::error::{Error, Result};

/// The records of a file, by its extension, each with its place in the file. With `each`, those that
/// this pointer finds in every element, together with the other members of the element.
///
/// # Errors
///
/// The file can't be read, is of another format, or has no list at the pointer.
pub(crate) fn records(path: &Path, each: Option<&str>) -> Result<Vec<(String, Value)>> {
    let text = fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let invalid = |reason: String| Error::usage(format!("{}: {reason}", path.display()));
    let whole = match extension {
        "json" => {
            athena_protocol::json::parse(&text).map_err(|error| invalid(error.to_string()))?
        }
        "jsonl" | "ndjson" => Value::Array(lines(&text).map_err(invalid)?),
        "csv" => Value::Array(csv::rows(&text).map_err(invalid)?),
        "yaml" | "yml" => yaml(&text).map_err(invalid)?,
        _ => {
            return Err(invalid("the extension does not say what it is".to_owned())
                .help("name it .json, .jsonl, .csv or .yaml"));
        }
    };
    let elements = match whole {
        Value::Array(elements) => {
            elements.into_iter().enumerate().map(|(at, one)| (format!("/{at}"), one)).collect()
        }
        other => vec![(String::new(), other)],
    };
    let Some(pointer) = each else { return Ok(elements) };
    let mut records = Vec::new();
    for (place, element) in elements {
        // A text between the elements is a comment.
        if element.is_object() || element.is_array() {
            records.extend(nested(&place, element, pointer).map_err(invalid)?);
        }
    }
    Ok(records)
}

fn lines(text: &str) -> std::result::Result<Vec<Value>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            athena_protocol::json::parse(line).map_err(|error| {
                let reason = error.to_string();
                let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
                format!("line {}: {reason}", at + 1)
            })
        })
        .collect()
}

/// The records at a pointer in an element, with the element's other members.
fn nested(
    place: &str,
    mut element: Value,
    pointer: &str,
) -> std::result::Result<Vec<(String, Value)>, String> {
    let found = element.pointer_mut(pointer).map(Value::take);
    let records: Vec<(String, Value)> = match found {
        Some(Value::Array(records)) => {
            records.into_iter().enumerate().map(|(at, one)| (at.to_string(), one)).collect()
        }
        Some(Value::Object(records)) => records.into_iter().collect(),
        _ => {
            return Err(format!(
                "--each {pointer}: {} has no list there",
                if place.is_empty() { "the file" } else { place }
            ));
        }
    };
    let first = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
    let shared: Map<String, Value> = match element {
        Value::Object(members) => members.into_iter().filter(|(name, _)| name != first).collect(),
        _ => Map::new(),
    };
    let with_shared = |record| match record {
        Value::Object(own) => Value::Object(shared.clone().into_iter().chain(own).collect()),
        other => other,
    };
    Ok(records
        .into_iter()
        .map(|(key, record)| (format!("{place}{pointer}/{key}"), with_shared(record)))
        .collect())
}

fn yaml(text: &str) -> std::result::Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let mut values = documents.iter().map(from_yaml).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(if values.len() == 1 { values.remove(0) } else { Value::Array(values) })
}

fn from_yaml(node: &Yaml<'_>) -> std::result::Result<Value, String> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(items) => {
            Value::Array(items.iter().map(from_yaml).collect::<std::result::Result<_, _>>()?)
        }
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (key, value) in members {
                let key = match from_yaml(key)? {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                object.insert(key, from_yaml(value)?);
            }
            Value::Object(object)
        }
        other => return Err(format!("a value that JSON does not have: {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(name: &str, text: &str, each: Option<&str>) -> Result<Vec<(String, Value)>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        records(&path, each)
    }

    #[test]
    fn every_format_has_the_same_records() {
        let expected = [("/0".to_owned(), json!({"a": 1})), ("/1".to_owned(), json!({"a": "x"}))];
        for (name, text) in [
            ("r.json", "[{\"a\":1},{\"a\":\"x\"}]"),
            ("r.jsonl", "{\"a\":1}\n\n{\"a\":\"x\"}\n"),
            ("r.csv", "a\n1\nx\n"),
            ("r.yaml", "- a: 1\n- a: x\n"),
        ] {
            assert_eq!(read(name, text, None).unwrap(), expected, "{name}");
        }
        assert!(read("r.txt", "", None).is_err());
        assert!(read("r.jsonl", "{}\n{", None).unwrap_err().to_line().contains("line 2"));
    }

    #[test]
    fn nested_records_have_the_members_around_them() {
        let text = r#"["comment", {"given": 1, "cases": [{"x": 2}, {"given": 3}]}]"#;
        let expected = [
            ("/1/cases/0".to_owned(), json!({"given": 1, "x": 2})),
            ("/1/cases/1".to_owned(), json!({"given": 3})),
        ];
        assert_eq!(read("r.json", text, Some("/cases")).unwrap(), expected);
        assert!(read("r.json", "[{}]", Some("/cases")).is_err());
    }
}
