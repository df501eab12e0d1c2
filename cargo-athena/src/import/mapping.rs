//! From a record of any form to a case.

use std::collections::HashSet;

use athena_protocol::json::digits;
use athena_protocol::json::pointer::escaped;
use athena_protocol::{ModelInfo, TypeInfo};
use serde_json::{Map, Value};

/// The most fields of a record that an error names.
const NAMED: usize = 8;

/// Where the parts of a case are in a record.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) input: Vec<Part>,
    pub(crate) output: Vec<Part>,
    pub(crate) error: String,
    pub(crate) name: Option<String>,
    pub(crate) env: Option<String>,
    pub(crate) note: Option<String>,
}

/// A message, or one field of it, by its JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) field: Option<String>,
    pub(crate) pointer: String,
}

/// A record as a case, or why it is none.
#[derive(Debug, PartialEq)]
enum Extraction {
    Case(Value),
    /// It is a text or a number between the records.
    Comment,
    /// It has neither an outcome nor an error.
    NoOutcome,
}

/// The lines of a suite, and what is to say about them.
#[derive(Debug, Default)]
pub(crate) struct ImportedSuite {
    pub(crate) lines: Vec<String>,
    /// Where each line comes from: `suite.json#/0`.
    pub(crate) sources: Vec<String>,
    names: HashSet<String>,
    pub(crate) comments: usize,
    pub(crate) without_outcome: usize,
    /// The fields of the first record without an outcome, as pointers.
    pub(crate) fields_without_outcome: Vec<String>,
    /// Cases whose error is of a kind that the model does not have.
    pub(crate) any_errors: usize,
}

impl Part {
    /// Parses `POINTER` or `NAME=POINTER`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (field, pointer) = match text.split_once('=') {
            Some((field, pointer)) if !text.starts_with('/') => (Some(field.to_owned()), pointer),
            _ => (None, text),
        };
        let pointer = athena_protocol::args::value::pointer(pointer)?;
        Ok(Self { field, pointer })
    }
}

impl ImportedSuite {
    /// Adds a record of this place, `suite.json#/0`.
    ///
    /// # Errors
    ///
    /// The record has no message, or a part of it is not what it must be.
    pub(crate) fn add(
        &mut self,
        mapping: &Mapping,
        model: &ModelInfo,
        source: &str,
        record: &Value,
    ) -> Result<(), String> {
        match self.extract(mapping, model, source, record)? {
            Extraction::Case(case) => {
                self.lines.push(line(&case, model));
                self.sources.push(source.to_owned());
            }
            Extraction::Comment => self.comments += 1,
            Extraction::NoOutcome => {
                if self.without_outcome == 0 {
                    self.fields_without_outcome = fields(record);
                }
                self.without_outcome += 1;
            }
        }
        Ok(())
    }

    fn extract(
        &mut self,
        mapping: &Mapping,
        model: &ModelInfo,
        source: &str,
        record: &Value,
    ) -> Result<Extraction, String> {
        if !record.is_object() && !record.is_array() {
            return Ok(Extraction::Comment);
        }
        let Some(input) = gather(&mapping.input, record) else {
            return Err(format!("{source} has no message at {}", pointers(&mapping.input)));
        };
        let mut case = Map::new();
        let expected = record.pointer(&mapping.error);
        if let Some(kind) =
            expected.filter(|kind| !matches!(kind, Value::Null | Value::Bool(false)))
        {
            case.insert("error".into(), self.error(model, kind));
        } else if let Some(output) = gather(&mapping.output, record) {
            match output {
                Value::Array(_) if model.many => case.insert("outputs".into(), output),
                one if model.many => case.insert("outputs".into(), vec![one].into()),
                one => case.insert("output".into(), one),
            };
        } else {
            return Ok(Extraction::NoOutcome);
        }
        let text = |pointer: &Option<String>| {
            let value = record.pointer(pointer.as_deref()?)?;
            Some(value.as_str().map_or_else(|| digits::to_text(value), str::to_owned))
        };
        let name = text(&mapping.name)
            .map_or_else(|| format!("{:04}", self.names.len() + 1), |name| file_name(&name));
        let name = self.unique(&name);
        case.insert("model".into(), model.id.clone().into());
        case.insert("case".into(), name.into());
        case.insert("format".into(), 1.into());
        case.insert("env".into(), environment(mapping, record, source)?);
        case.insert("input".into(), input);
        case.insert("source".into(), source.into());
        if let Some(note) = text(&mapping.note) {
            case.insert("note".into(), note.into());
        }
        Ok(Extraction::Case(Value::Object(case)))
    }

    /// The expected error: of the model's kind, or any.
    fn error(&mut self, model: &ModelInfo, kind: &Value) -> Value {
        match kind {
            Value::String(kind) if model.error.as_ref() == Some(kind) => {
                Value::Object(Map::from_iter([("kind".to_owned(), kind.as_str().into())]))
            }
            Value::String(any) if any == "any" => "any".into(),
            Value::Bool(_) => "any".into(),
            _ => {
                self.any_errors += 1;
                "any".into()
            }
        }
    }

    /// The name, with a number if an earlier case has it.
    fn unique(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut number = 1;
        while !self.names.insert(unique.clone()) {
            number += 1;
            unique = format!("{name}-{number}");
        }
        unique
    }
}

/// The fields of a record, as pointers: the first of many.
pub(crate) fn fields(record: &Value) -> Vec<String> {
    let names = record.as_object().into_iter().flat_map(Map::keys);
    let mut fields: Vec<String> = names.map(|name| format!("`/{}`", escaped(name))).collect();
    if fields.len() > NAMED {
        fields.truncate(NAMED);
        fields.push("..".to_owned());
    }
    fields
}

/// A name made of any text: what no name may have becomes `-`.
pub(crate) fn file_name(text: &str) -> String {
    let is_legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = text.chars().map(|c| if is_legal(&c) { c } else { '-' }).take(110).collect();
    let name = name.trim_matches(|c| c == '.' || c == '-');
    if name.is_empty() { "case".to_owned() } else { name.to_owned() }
}

fn environment(mapping: &Mapping, record: &Value, source: &str) -> Result<Value, String> {
    let found = mapping.env.as_ref().and_then(|pointer| record.pointer(pointer));
    let Some(found) = found.filter(|value| !value.is_null()) else {
        return Ok(Value::Object(Map::new()));
    };
    let Value::Object(variables) = found else {
        return Err(format!("{source}: the environment is not an object"));
    };
    let text = |value: &Value| value.as_str().map_or_else(|| digits::to_text(value), str::to_owned);
    let pairs = variables.iter().map(|(name, value)| (name.clone(), text(value).into()));
    Ok(Value::Object(pairs.collect()))
}

/// The message that the parts make; `None` if none of them is there.
fn gather(parts: &[Part], record: &Value) -> Option<Value> {
    let mut message = None;
    for Part { field, pointer } in parts {
        let Some(value) = record.pointer(pointer) else { continue };
        match field {
            None => message = Some(value.clone()),
            Some(field) => {
                let object = message.get_or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(object) = object {
                    object.insert(field.clone(), value.clone());
                }
            }
        }
    }
    message
}

fn pointers(parts: &[Part]) -> String {
    parts.iter().map(|part| format!("`{}`", part.pointer)).collect::<Vec<_>>().join(", ")
}

/// The line of a suite, with the keys in the order in which a recorded line has them.
fn line(case: &Value, model: &ModelInfo) -> String {
    const ORDER: [&str; 10] =
        ["model", "case", "format", "env", "input", "output", "outputs", "error", "note", "source"];
    let text = |key: &str, value: &Value| match (key, value) {
        ("input", value) => message(value, &model.input),
        ("output", value) => message(value, &model.output),
        ("outputs", Value::Array(states)) => {
            let states = states.iter().map(|state| message(state, &model.output));
            format!("[{}]", states.collect::<Vec<_>>().join(","))
        }
        (_, value) => digits::to_text(value),
    };
    let members = ORDER
        .iter()
        .filter_map(|key| Some(format!("\"{key}\":{}", text(key, case.get(*key)?))))
        .collect::<Vec<_>>();
    format!("{{{}}}", members.join(","))
}

/// The text of a message, with its fields in the order in which the type declares them.
fn message(value: &Value, declared: &TypeInfo) -> String {
    let members = match value {
        Value::Object(members) if digits::of(value).is_none() => members,
        _ => return digits::to_text(value),
    };
    let place = |name: &str| declared.fields.iter().position(|field| field.name == name);
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    members.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    let text = |(name, value): (&String, &Value)| {
        format!("{}:{}", Value::from(name.as_str()), digits::to_text(value))
    };
    format!("{{{}}}", members.into_iter().map(text).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use athena_protocol::FieldInfo;
    use serde_json::json;

    use super::*;

    fn mapping() -> Mapping {
        let part = |text: &str| Part::parse(text).unwrap();
        Mapping {
            input: vec![part("/in")],
            output: vec![part("net=/net"), part("text=/text")],
            error: "/error".to_owned(),
            name: Some("/name".to_owned()),
            env: Some("/env".to_owned()),
            note: None,
        }
    }

    #[test]
    fn a_record_is_a_case_with_its_expected_outcome() {
        let model =
            ModelInfo { id: "m::f".into(), error: Some("Refused".into()), ..ModelInfo::default() };
        let mut suite = ImportedSuite::default();
        for record in [
            json!({"in": 1, "net": 2.5, "name": "a b", "env": {"N": 3}}),
            json!({"in": 1, "error": "Refused", "name": "a b"}),
            json!({"in": 1, "error": "syntax"}),
            json!({"in": 1, "error": false, "text": null}),
            json!({"in": 1}),
            json!("a comment"),
        ] {
            suite.add(&mapping(), &model, "s.json#/0", &record).unwrap();
        }
        let start = "{\"model\":\"m::f\",\"case\":";
        let middle = ",\"format\":1,\"env\":{},\"input\":1";
        let end = ",\"source\":\"s.json#/0\"}";
        assert_eq!(
            suite.lines,
            [
                format!(
                    "{start}\"a-b\",\"format\":1,\"env\":{{\"N\":\"3\"}},\"input\":1,\"output\":{{\"net\":2.5}}{end}"
                ),
                format!("{start}\"a-b-2\"{middle},\"error\":{{\"kind\":\"Refused\"}}{end}"),
                format!("{start}\"0003\"{middle},\"error\":\"any\"{end}"),
                format!("{start}\"0004\"{middle},\"output\":{{\"text\":null}}{end}"),
            ]
        );
        assert_eq!((suite.comments, suite.without_outcome, suite.any_errors), (1, 1, 1));
        let field = |name: &str| FieldInfo { name: name.into(), ..FieldInfo::default() };
        let declared =
            TypeInfo { fields: vec![field("text"), field("net")], ..TypeInfo::default() };
        let model = ModelInfo { output: declared, ..model };
        suite.add(&mapping(), &model, "s", &json!({"in": 1, "net": 1, "text": "x"})).unwrap();
        let last = suite.lines.last().unwrap();
        assert!(last.contains("\"output\":{\"text\":\"x\",\"net\":1}"), "{last}");
        let error = suite.add(&mapping(), &model, "s.json#/9", &json!({"net": 1})).unwrap_err();
        assert_eq!(error, "s.json#/9 has no message at `/in`");
    }
}
