//! A buffered value as JSON text, as far as its digits are known.

use super::buffer::{Buffer, BufferMember};
use athena_protocol::json::NUMBER_TOKEN;

impl Buffer<'_> {
    /// Writes the value as JSON, unless it has a number whose digits are not known.
    pub(super) fn write_text(&self, text: &mut String) -> Result<(), ()> {
        let quoted = |value: &str| serde_json::to_string(value).unwrap_or_default();
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Signed(value) => text.push_str(&value.to_string()),
            Self::Unsigned(value) => text.push_str(&value.to_string()),
            Self::Float(_) => return Err(()),
            Self::Text(value) => text.push_str(&quoted(value)),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    text.push(if at == 0 { '[' } else { ',' });
                    item.write_text(text)?;
                }
                text.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => match &members[..] {
                [BufferMember { key, value: Self::Text(digits), .. }] if key == NUMBER_TOKEN => {
                    text.push_str(digits);
                }
                _ => {
                    for (at, member) in members.iter().enumerate() {
                        text.push(if at == 0 { '{' } else { ',' });
                        text.push_str(&quoted(&member.key));
                        text.push(':');
                        member.value.write_text(text)?;
                    }
                    text.push_str(if members.is_empty() { "{}" } else { "}" });
                }
            },
        }
        Ok(())
    }
}
