//! A buffered value as JSON text, as far as its digits are known.

use athena_protocol::json::digits::missed;
use serde::de;

use super::buffer::Buffer;

impl Buffer<'_> {
    /// The value as JSON.
    ///
    /// # Errors
    ///
    /// The digits of a number are not known, and the message is read again.
    pub(super) fn to_text<E: de::Error>(&self) -> Result<String, E> {
        let mut text = String::new();
        self.write_text(&mut text).map_err(|()| missed())?;
        Ok(text)
    }

    fn write_text(&self, text: &mut String) -> Result<(), ()> {
        let quoted = |value: &str| serde_json::to_string(value).unwrap_or_default();
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Signed(value) => text.push_str(&value.to_string()),
            Self::Unsigned(value) => text.push_str(&value.to_string()),
            Self::Float(_) => return Err(()),
            Self::Digits(digits) => text.push_str(digits),
            Self::Text(value) => text.push_str(&quoted(value)),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    text.push(if at == 0 { '[' } else { ',' });
                    item.write_text(text)?;
                }
                text.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                for (at, member) in members.iter().enumerate() {
                    text.push(if at == 0 { '{' } else { ',' });
                    text.push_str(&quoted(&member.key));
                    text.push(':');
                    member.value.write_text(text)?;
                }
                text.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
        Ok(())
    }
}
