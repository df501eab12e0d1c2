//! Names in a `.proto` file: the names in Rust, if they are names in Protocol Buffers.

use std::collections::BTreeSet;

use super::type_syntax::WORDS;

/// Names that a message or an enum can't have, because they would be read as another type.
const PROTO: &[&str] = &[
    "bool", "bytes", "double", "fixed32", "fixed64", "float", "google", "group", "int32", "int64",
    "map", "message", "oneof", "reserved", "sfixed32", "sfixed64", "sint32", "sint64", "string",
    "uint32", "uint64",
];

/// The names in use, so that each is used once.
#[derive(Debug)]
pub(super) struct UniqueNames {
    taken: BTreeSet<String>,
}

impl UniqueNames {
    pub(super) fn new() -> Self {
        Self { taken: PROTO.iter().chain(WORDS).map(|word| (*word).to_owned()).collect() }
    }

    /// Reserves the name, with the first number from 2 that makes it free if it is taken.
    pub(super) fn reserve(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut next = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}{next}");
            next += 1;
        }
        name
    }
}

/// A name of letters, digits and underscores: other letters by their number.
pub(super) fn ascii(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            text.push(letter);
        } else {
            text.push_str(&format!("_u{:x}_", u32::from(letter)));
        }
    }
    text
}

/// The field of an element of a tuple, by its number from 1.
pub(super) fn element(number: u32) -> String {
    format!("item_{number}")
}

/// `unit_price` as `unitPrice`, as protoc calls a field in JSON.
pub(crate) fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            text.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    text
}

/// `SplitMode` as `SPLIT_MODE`.
pub(super) fn screaming(name: &str) -> String {
    athena_protocol::text::screaming(&ascii(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_an_enum_are_written_in_capitals() {
        for (name, expected) in [
            ("Retail", "RETAIL"),
            ("SplitMode", "SPLIT_MODE"),
            ("HTTPServer", "HTTP_SERVER"),
            ("V2Beta", "V2_BETA"),
            ("Größe", "GR_UF6__UDF_E"),
            ("already_so", "ALREADY_SO"),
        ] {
            assert_eq!(screaming(name), expected);
        }
    }

    #[test]
    fn a_name_is_reserved_once() {
        let mut names = UniqueNames::new();
        assert_eq!(names.reserve("Item"), "Item");
        assert_eq!(names.reserve("Item"), "Item2");
        assert_eq!(names.reserve("Item"), "Item3");
        assert_eq!(names.reserve("Duration"), "Duration2");
    }
}
