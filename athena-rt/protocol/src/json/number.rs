//! A JSON number.

use serde::de::{self, Visitor};

/// A JSON number, as `serde_json` reads it without further features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum JsonNumber {
    /// A whole number from 0.
    Unsigned(u64),
    /// A whole number below 0.
    Signed(i64),
    /// Any other number, and the whole numbers that 64 bits can't hold.
    Float(f64),
}

impl JsonNumber {
    /// Reads a number in JSON's notation; `None` if it is beyond the range of a float.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(unsigned) = text.parse() {
            return Some(Self::Unsigned(unsigned));
        }
        match text.parse() {
            // -0 is a float.
            Ok(signed) if signed < 0 => Some(Self::Signed(signed)),
            _ => text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float),
        }
    }

    /// Hands the number to a visitor.
    pub fn visit<'de, V: Visitor<'de>, E: de::Error>(self, visitor: V) -> Result<V::Value, E> {
        match self {
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
        }
    }

    /// The number as errors show it.
    pub fn unexpected(self) -> de::Unexpected<'static> {
        match self {
            Self::Unsigned(value) => de::Unexpected::Unsigned(value),
            Self::Signed(value) => de::Unexpected::Signed(value),
            Self::Float(value) => de::Unexpected::Float(value),
        }
    }
}
