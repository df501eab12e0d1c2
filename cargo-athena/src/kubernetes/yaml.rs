//! Writes JSON as YAML.

use saphyr::{Mapping, Scalar, ScalarStyle, Yaml, YamlEmitter};
use serde_json::Value;

/// A YAML document with a line feed at its end.
pub(super) fn text(value: &Value) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = YamlEmitter::new(&mut text).dump(&node(value));
    let text = text.strip_prefix("---\n").unwrap_or(&text);
    format!("{text}\n")
}

fn node(value: &Value) -> Yaml<'_> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(truth) => Yaml::Value(Scalar::Boolean(*truth)),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Yaml::Value(Scalar::Integer(number)),
            None => Yaml::Value(Scalar::FloatingPoint(number.as_f64().unwrap_or(f64::NAN).into())),
        },
        Value::String(text) if is_like_a_number(text) => {
            Yaml::Representation(text.into(), ScalarStyle::DoubleQuoted, None)
        }
        Value::String(text) => Yaml::Value(Scalar::String(text.into())),
        Value::Array(values) => Yaml::Sequence(values.iter().map(node).collect()),
        Value::Object(pairs) => {
            let key = |key: &'_ String| Yaml::Value(Scalar::String(key.clone().into()));
            let pairs = pairs.iter().map(|(name, value)| (key(name), node(value)));
            Yaml::Mapping(pairs.collect::<Mapping<'_>>())
        }
    }
}

/// Kubernetes reads YAML 1.1, in which more texts are numbers and dates than the emitter quotes:
/// `1_000`, `0b1`, `2001-01-01`.
fn is_like_a_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '+')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use saphyr::LoadableYamlNode as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let value = json!({
            "a": [1, -2, 1.5, true, null, "", "true", "yes", "null", "~", "- a", "a: b"],
            "b": {"c": {}, "d": [], "e": ["#", "'", "\"", "\\", "a\nb", " a ", "*", "&a", "{", "%"]},
            "-n": "-n", "1": "x", "f": "12:30", "g": "no", "i": "on",
        });
        let text = text(&value);
        let read = Yaml::load_from_str(&text).unwrap();
        assert_eq!(read, [node(&value)], "{text}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.starts_with("---"));
    }
    #[test]
    fn text_that_an_old_reader_takes_for_a_number_or_a_date_is_quoted() {
        for number in ["1", "1.5", "010", "0x1f", "1e3", "1_000", "0b1", "+1_0", "2001-01-01"] {
            assert_eq!(text(&json!({ "a": number })), format!("a: \"{number}\"\n"));
        }
        assert_eq!(text(&json!({"a": 1, "b": "a-1"})), "a: 1\nb: a-1\n");
    }
}
