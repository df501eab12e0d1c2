//! The syntax of types in a lock: as Rust writes them, behind each field.

use std::fmt;

use super::schema::Type;
use crate::shape::Encoding;

/// The names that a declared type may not have, because they mean another type here.
pub(super) const WORDS: &[&str] = &[
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "f32",
    "f64",
    "String",
    "Vec",
    "Option",
    "Map",
    "Box",
    "Duration",
    "Timestamp",
    "Uuid",
    "Text",
    "Set",
    "Value",
    "Oneof",
    "sint",
    "fixed",
    "plain",
];

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int { bits, signed, encoding } => {
                let sign = if *signed { 'i' } else { 'u' };
                match encoding {
                    Encoding::Plain => write!(f, "{sign}{bits}"),
                    Encoding::Sint => write!(f, "sint<{sign}{bits}>"),
                    Encoding::Fixed => write!(f, "fixed<{sign}{bits}>"),
                }
            }
            Self::Float { bits } => write!(f, "f{bits}"),
            Self::Text => f.write_str("String"),
            Self::Bytes => f.write_str("Vec<u8>"),
            Self::Option(inner) => write!(f, "Option<{inner}>"),
            Self::List(item) => write!(f, "Vec<{}>", Element(item)),
            Self::Array(inner, length) => match &**inner {
                Self::Bytes => write!(f, "[u8; {length}]"),
                Self::List(item) => write!(f, "[{}; {length}]", Element(item)),
                other => write!(f, "[{other}; {length}]"),
            },
            Self::Map(key, value) => write!(f, "Map<{key}, {value}>"),
            Self::Tuple(items) => {
                f.write_str("(")?;
                for (at, item) in items.iter().enumerate() {
                    let space = if at == 0 { "" } else { " " };
                    let comma = if at + 1 == items.len() && at > 0 { "" } else { "," };
                    write!(f, "{space}{item}{comma}")?;
                }
                f.write_str(")")
            }
            Self::Boxed(inner) => write!(f, "Box<{inner}>"),
            Self::Duration => f.write_str("Duration"),
            Self::Timestamp => f.write_str("Timestamp"),
            Self::Uuid => f.write_str("Uuid"),
            Self::TextOf(name) => write!(f, "Text<{name}>"),
            Self::Set(item) => write!(f, "Set<{item}>"),
            Self::Json => f.write_str("Value"),
            Self::Named(name) => f.write_str(name),
            Self::Oneof(name) => write!(f, "Oneof<{name}>"),
        }
    }
}

/// The element of a list. A list of `u8` would be bytes: one of a type that is `u8` in messages is not.
struct Element<'a>(&'a Type);

impl fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self.0 == BYTE { write!(f, "plain<{BYTE}>") } else { self.0.fmt(f) }
    }
}

const BYTE: Type = Type::Int { bits: 8, signed: false, encoding: Encoding::Plain };

impl Type {
    /// Reads what `Display` wrote.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = TypeParser { rest: text, depth: 0 };
        match reader.value() {
            Some(value) if reader.rest.is_empty() => Ok(value),
            _ => Err(format!("`{text}` is not a type, at `{}`", reader.rest)),
        }
    }
}

/// The levels to which types may be nested.
const DEPTH: u32 = 100;

struct TypeParser<'a> {
    rest: &'a str,
    depth: u32,
}

impl TypeParser<'_> {
    fn take(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn word(&mut self) -> &str {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c: char| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn value(&mut self) -> Option<Type> {
        self.depth += 1;
        let value = (self.depth <= DEPTH).then(|| self.any()).flatten();
        self.depth -= 1;
        value
    }

    fn any(&mut self) -> Option<Type> {
        if self.take("(").is_some() {
            return self.tuple();
        }
        if self.take("[").is_some() {
            return self.array();
        }
        let word = self.word().to_owned();
        Some(match word.as_str() {
            "" => return None,
            "bool" => Type::Bool,
            "f32" => Type::Float { bits: 32 },
            "f64" => Type::Float { bits: 64 },
            "String" => Type::Text,
            "Duration" => Type::Duration,
            "Timestamp" => Type::Timestamp,
            "Uuid" => Type::Uuid,
            "Value" => Type::Json,
            "Text" => {
                self.take("<")?;
                let name = self.word().to_owned();
                self.take(">")?;
                Some(Type::TextOf(name)).filter(|kind| *kind != Type::TextOf(String::new()))?
            }
            "Set" => Type::Set(Box::new(self.one()?)),
            "Option" => Type::Option(Box::new(self.one()?)),
            "Vec" => {
                self.take("<")?;
                let list = self.list()?;
                self.take(">")?;
                list
            }
            "Box" => Type::Boxed(Box::new(self.one()?)),
            "Oneof" => match self.one()? {
                Type::Named(name) => Type::Oneof(name),
                _ => return None,
            },
            "sint" => encoded(&self.one()?, Encoding::Sint)?,
            "fixed" => encoded(&self.one()?, Encoding::Fixed)?,
            "Map" => {
                self.take("<")?;
                let key = self.value()?;
                self.take(", ")?;
                let value = self.value()?;
                self.take(">")?;
                Type::Map(Box::new(key), Box::new(value))
            }
            name => match int(name) {
                Some(int) => int,
                None if name.starts_with(|c: char| c.is_ascii_digit()) => return None,
                None => Type::Named(word),
            },
        })
    }

    fn one(&mut self) -> Option<Type> {
        self.take("<")?;
        let inner = self.value()?;
        self.take(">")?;
        Some(inner)
    }

    fn tuple(&mut self) -> Option<Type> {
        let mut items = Vec::new();
        while self.take(")").is_none() {
            items.push(self.value()?);
            if self.take(", ").is_none() && self.take(",)").is_some() {
                break;
            }
        }
        (!items.is_empty()).then_some(Type::Tuple(items))
    }

    fn array(&mut self) -> Option<Type> {
        let list = self.list()?;
        self.take("; ")?;
        let length = self.word().parse().ok()?;
        self.take("]")?;
        Some(Type::Array(Box::new(list), length))
    }

    /// The list of an element.
    fn list(&mut self) -> Option<Type> {
        if self.take("plain<u8>").is_some() {
            return Some(Type::List(Box::new(BYTE)));
        }
        let item = self.value()?;
        Some(if item == BYTE { Type::Bytes } else { Type::List(Box::new(item)) })
    }
}

fn int(word: &str) -> Option<Type> {
    let (sign, bits) = word.split_at_checked(1)?;
    let signed = match sign {
        "i" => true,
        "u" => false,
        _ => return None,
    };
    let bits = match bits {
        "8" => 8,
        "16" => 16,
        "32" => 32,
        "64" => 64,
        "128" => 128,
        _ => return None,
    };
    Some(Type::Int { bits, signed, encoding: Encoding::Plain })
}

fn encoded(value: &Type, encoding: Encoding) -> Option<Type> {
    match *value {
        Type::Int { bits, signed, .. } => Some(Type::Int { bits, signed, encoding }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "bool",
            "u8",
            "sint<i64>",
            "fixed<u32>",
            "f64",
            "Vec<u8>",
            "[u8; 16]",
            "[Vec<u8>; 2]",
            "Vec<plain<u8>>",
            "[plain<u8>; 2]",
            "[f64; 3]",
            "Option<Vec<Item>>",
            "Map<String, Vec<(i64, Option<f32>)>>",
            "(u8,)",
            "(u8, (Duration, Timestamp), Uuid)",
            "Box<Map<u64, bool>>",
            "Box<Option<Item>>",
            "Oneof<Item>",
            "Map<Text<char>, Set<i128>>",
            "Vec<Value>",
        ] {
            assert_eq!(Type::parse(text).map(|value| value.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_not_a_type_is_an_error() {
        let deep = format!("{}u8{}", "Vec<".repeat(5000), ">".repeat(5000));
        let wrong = [
            "",
            "Vec<",
            "Vec<>",
            "()",
            "(u8",
            "[u8]",
            "[u8; x]",
            "Map<u8>",
            "u8 ",
            "7x",
            "sint<f64>",
            &deep,
        ];
        for text in wrong {
            assert!(Type::parse(text).is_err(), "{text}");
        }
    }
}
