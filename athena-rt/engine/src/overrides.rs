//! Settings that come with a message: `"environment": {"SEED": "3"}` beside its fields.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use athena_core::environment::{Variable, Variables};
use athena_protocol::text::suggest;

/// The key beside a message's fields.
pub const KEY: &str = "environment";

/// A message without its settings, and these.
#[derive(Debug, PartialEq, Eq)]
pub struct Split {
    pub rest: String,
    pub over: Variables,
}

/// Takes the settings out of a message; none where there are none, or where it is no object, which
/// the model's own reading tells.
///
/// # Errors
///
/// A name that is not declared, or is a secret's; a value that is no text, number or boolean.
pub fn split(message: &[u8], declared: &[Variable]) -> Result<Option<Split>, String> {
    let Ok(Fields(fields)) = read(message) else { return Ok(None) };
    let mut over: Option<Variables> = None;
    let mut rest = String::with_capacity(message.len());
    for (name, value) in &fields {
        if name == KEY {
            if over.is_some() {
                return Err(format!("duplicate field `{KEY}`"));
            }
            over = Some(variables(value, declared)?);
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
    Ok(over.map(|over| Split { rest, over }))
}

fn variables(value: &RawValue, declared: &[Variable]) -> Result<Variables, String> {
    let Fields(fields) = read(value.get().as_bytes()).map_err(|error| error.to_string())?;
    let open: Vec<&str> =
        declared.iter().filter(|variable| !variable.secret).map(|variable| variable.name).collect();
    let mut variables: Variables = Vec::new();
    for (name, value) in fields {
        if !open.contains(&name.as_str()) {
            return Err(format!("no message may set {name}{}", suggest(&name, &open)));
        }
        if variables.iter().any(|(known, _)| *known == name) {
            return Err(format!("{name} is set twice"));
        }
        let text = match serde_json::from_str(value.get()) {
            Ok(Value::String(text)) => text,
            Ok(Value::Number(_) | Value::Bool(_)) => value.get().to_owned(),
            _ => return Err(format!("{name} is neither text, number nor boolean")),
        };
        variables.push((name, text));
    }
    Ok(variables)
}

/// The fields of an object, in their order, each as often as it is there.
struct Fields(Vec<(String, Box<RawValue>)>);

fn read(text: &[u8]) -> serde_json::Result<Fields> {
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
    fn settings_are_taken_out_and_all_else_stays_as_it_is() {
        let text = br#" {"a":1.0,"environment":{"SEED":3},"a":[ 2 ]} "#;
        let over = vec![("SEED".to_owned(), "3".to_owned())];
        let rest = r#"{"a":1.0,"a":[ 2 ]}"#.to_owned();
        assert_eq!(split(text, &declared()), Ok(Some(Split { rest, over })));
        let alone = split(br#"{"environment":{}}"#, &declared()).unwrap().unwrap();
        assert_eq!(alone, Split { rest: "{}".to_owned(), over: vec![] });
        assert_eq!(split(b"{\"a\":1}", &declared()), Ok(None));
        assert_eq!(split(b"[1]", &declared()), Ok(None));
    }

    #[test]
    fn only_what_is_declared_and_not_secret_can_be_set() {
        for (text, wanted) in [
            (r#"{"environment":{"KEY":"x"}}"#, "no message may set KEY"),
            (r#"{"environment":{"SED":"x"}}"#, "did you mean `SEED`?"),
            (r#"{"environment":{"SEED":[1]}}"#, "SEED is neither"),
            (r#"{"environment":{"SEED":1,"SEED":2}}"#, "SEED is set twice"),
            (r#"{"environment":{},"environment":{}}"#, "duplicate field"),
            (r#"{"environment":3}"#, "expected an object"),
        ] {
            let error = split(text.as_bytes(), &declared()).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
