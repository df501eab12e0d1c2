//! Defaults as Protocol Buffers writes them.

use athena_protocol::json;
use base64::Engine as _;
use serde_json::Value;

use super::schema::Type;

/// The literal of a default given as JSON text, for the types that have one.
pub(super) fn literal(kind: &Type, text: &str) -> Option<String> {
    let value: Value = json::parse(text).ok()?;
    match (kind, value) {
        (Type::Bool, Value::Bool(value)) => Some(value.to_string()),
        (Type::Int { bits: 128, .. }, Value::Number(number)) => {
            Some(quoted(number.to_string().as_bytes()))
        }
        (Type::Int { .. } | Type::Float { .. }, Value::Number(number)) => Some(number.to_string()),
        (Type::Text | Type::TextOf(_), Value::String(text)) => Some(quoted(text.as_bytes())),
        (Type::Bytes, Value::String(text)) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
            Some(escaped(&bytes))
        }
        _ => None,
    }
}

/// Text in quotes, as it is read back.
pub(super) fn quoted(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => {
            let mut out = String::from('"');
            for letter in text.chars() {
                match letter {
                    '"' | '\\' => out.extend(['\\', letter]),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    control if control.is_ascii_control() => {
                        out.push_str(&format!("\\{:03o}", u32::from(control)));
                    }
                    other => out.push(other),
                }
            }
            out.push('"');
            out
        }
        Err(_) => escaped(text),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::from('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// The text in quotes at the start, and what comes after it.
pub(super) fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text.strip_prefix('"')?;
    loop {
        let (at, special) = rest.char_indices().find(|(_, c)| matches!(c, '"' | '\\'))?;
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if special == '"' {
            return Some((String::from_utf8(bytes).ok()?, rest));
        }
        let escape = rest.chars().next()?;
        rest = &rest[escape.len_utf8()..];
        match escape {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '"' | '\\' => bytes.push(escape as u8),
            '0'..='3' => {
                let digits = format!("{escape}{}", rest.get(..2)?);
                bytes.push(u8::from_str_radix(&digits, 8).ok()?);
                rest = &rest[2..];
            }
            _ => return None,
        }
    }
}
