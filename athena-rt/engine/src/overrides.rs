//! Variables that a message sets: `"environment": {"SEED": "3"}` among its fields.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use athena_core::environment::{Variable, Variables};
use athena_protocol::text::suggest;

/// The key of the variables.
pub const KEY: &str = "environment";

/// A message, and the variables that it set.
#[derive(Debug, PartialEq, Eq)]
pub struct SplitMessage {
    /// The message without the variables.
    pub message: String,
    pub overrides: Variables,
}

/// Takes the variables out of a message; `None` if it sets none or is not an object, which the model
/// reports when it parses the message.
///
/// # Errors
///
/// A name is not declared or is a secret; a value is not a string, number or boolean.
pub fn split(message: &[u8], declared: &[Variable]) -> Result<Option<SplitMessage>, String> {
    let Ok(Fields(fields)) = parse(message) else { return Ok(None) };
    let mut overrides: Option<Variables> = None;
    let mut rest = String::with_capacity(message.len());
    for (name, value) in &fields {
        if name == KEY {
            if overrides.is_some() {
                return Err(format!("duplicate field `{KEY}`"));
            }
            overrides = Some(parse_variables(value, declared)?);
            continue;
        }
        rest.push(if rest.is_empty() { '{' } else { ',' });
        rest.push_str(&Value::from(name.as_str()).to_string());
        rest.push(':');
        rest.push_str(value.get());
    }
    if rest.is_empty() {
        rest.push('{');
    }
    rest.push('}');
    Ok(overrides.map(|overrides| SplitMessage { message: rest, overrides }))
}

fn parse_variables(value: &RawValue, declared: &[Variable]) -> Result<Variables, String> {
    let Fields(fields) = parse(value.get().as_bytes()).map_err(|error| error.to_string())?;
    let open: Vec<&str> =
        declared.iter().filter(|variable| !variable.secret).map(|variable| variable.name).collect();
    let mut variables: Variables = Vec::new();
    for (name, value) in fields {
        if !open.contains(&name.as_str()) {
            return Err(format!("messages may not set {name}{}", suggest(&name, &open)));
        }
        if variables.iter().any(|(known, _)| *known == name) {
            return Err(format!("{name} is set twice"));
        }
        let text = match serde_json::from_str(value.get()) {
            Ok(Value::String(text)) => text,
            Ok(Value::Number(_) | Value::Bool(_)) => value.get().to_owned(),
            _ => return Err(format!("{name} is not a string, number or boolean")),
        };
        variables.push((name, text));
    }
    Ok(variables)
}

/// The fields of an object in their order, with duplicates.
struct Fields(Vec<(String, Box<RawValue>)>);

fn parse(text: &[u8]) -> serde_json::Result<Fields> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let fields = deserializer.deserialize_map(FieldsVisitor)?;
    deserializer.end()?;
    Ok(fields)
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> [Variable; 2] {
        [Variable::new("SEED", "i64"), Variable::new("KEY", "String").secret("secret")]
    }

    #[test]
    fn variables_are_taken_out_and_the_rest_is_unchanged() {
        let text = br#" {"a":1.0,"environment":{"SEED":3},"a":[ 2 ]} "#;
        let overrides = vec![("SEED".to_owned(), "3".to_owned())];
        let message = r#"{"a":1.0,"a":[ 2 ]}"#.to_owned();
        assert_eq!(split(text, &declared()), Ok(Some(SplitMessage { message, overrides })));
        let alone = split(br#"{"environment":{}}"#, &declared()).unwrap().unwrap();
        assert_eq!(alone, SplitMessage { message: "{}".to_owned(), overrides: vec![] });
        assert_eq!(split(b"{\"a\":1}", &declared()), Ok(None));
        assert_eq!(split(b"[1]", &declared()), Ok(None));
    }

    #[test]
    fn only_declared_variables_that_are_not_secret_can_be_set() {
        for (text, wanted) in [
            (r#"{"environment":{"KEY":"x"}}"#, "messages may not set KEY"),
            (r#"{"environment":{"SED":"x"}}"#, "did you mean `SEED`?"),
            (r#"{"environment":{"SEED":[1]}}"#, "SEED is not a"),
            (r#"{"environment":{"SEED":1,"SEED":2}}"#, "SEED is set twice"),
            (r#"{"environment":{},"environment":{}}"#, "duplicate field"),
            (r#"{"environment":3}"#, "expected an object"),
        ] {
            let error = split(text.as_bytes(), &declared()).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
