//! The names of types in a `.proto` file.

use super::names::ascii;
use super::schema::Type;
use crate::shape::Encoding;

/// The type of Protocol Buffers for a whole number.
pub(super) fn int(bits: u8, signed: bool, encoding: Encoding) -> &'static str {
    match (encoding, signed, bits > 32) {
        (Encoding::Plain, true, false) => "int32",
        (Encoding::Plain, true, true) => "int64",
        (Encoding::Plain, false, false) => "uint32",
        (Encoding::Plain, false, true) => "uint64",
        (Encoding::Sint, _, false) => "sint32",
        (Encoding::Sint, _, true) => "sint64",
        (Encoding::Fixed, true, false) => "sfixed32",
        (Encoding::Fixed, true, true) => "sfixed64",
        (Encoding::Fixed, false, false) => "fixed32",
        (Encoding::Fixed, false, true) => "fixed64",
    }
}

/// A name for a type that Rust writes by its parts: `Tuple2I64String`.
pub(super) fn structural(value: &Type) -> String {
    match value {
        Type::Option(inner) => format!("Option{}", structural(inner)),
        Type::List(inner) => format!("List{}", structural(inner)),
        Type::Array(inner, length) => format!("Array{length}{}", structural(inner)),
        Type::Map(key, value) => format!("Map{}{}", structural(key), structural(value)),
        Type::Boxed(inner) => structural(inner),
        Type::Tuple(items) => {
            let parts: String = items.iter().map(structural).collect();
            format!("Tuple{}{parts}", items.len())
        }
        Type::Set(inner) => format!("Set{}", structural(inner)),
        Type::TextOf(name) => format!("Text{}", ascii(name)),
        Type::Bytes => "Bytes".to_owned(),
        Type::Int { bits, signed, encoding } => {
            let sign = if *signed { 'I' } else { 'U' };
            let encoding = match encoding {
                Encoding::Plain => "",
                Encoding::Sint => "Sint",
                Encoding::Fixed => "Fixed",
            };
            format!("{encoding}{sign}{bits}")
        }
        Type::Bool => "Bool".to_owned(),
        Type::Float { bits } => format!("F{bits}"),
        Type::Named(name) | Type::Oneof(name) => name.clone(),
        other => other.to_string(),
    }
}
