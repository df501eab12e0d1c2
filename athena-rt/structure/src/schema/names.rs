//! Names in a `.proto` file: the names in Rust, if they are names in Protocol Buffers.
//!
//! One rule tells equal names apart, in the `.proto` file, in descriptors, in JSON Schema and in OpenAPI: the first
//! has the name, and each other has the first number from 2 behind it that makes it free.

use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::collect::insert_all;

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
        Self { taken: insert_all(PROTO.iter().chain(WORDS).map(|word| (*word).to_owned())) }
    }

    /// Reserves the name, with the first number from 2 that makes it free if it is taken.
    pub(super) fn reserve(&mut self, wanted: &str) -> String {
        free(wanted, |name| self.taken.insert(name.to_owned()))
    }

    /// Reserves the first of the names that is free; if none is, the first of them with a number.
    pub(super) fn reserve_one_of(&mut self, wanted: [&str; 2]) -> String {
        let free = wanted.into_iter().find(|name| !self.taken.contains(*name));
        self.reserve(free.unwrap_or(wanted[0]))
    }

    /// Reserves a name for each key. Of those that want one name the first has it, and only then are the others
    /// numbered: another type called `Item` never takes the name of one called `Item2`.
    pub(super) fn assign<K: Copy + Ord>(&mut self, wanted: &[(String, K)]) -> BTreeMap<K, String> {
        let mut found = BTreeMap::new();
        for (name, key) in wanted {
            if self.taken.insert(name.clone()) {
                found.insert(*key, name.clone());
            }
        }
        for (name, key) in wanted {
            found.entry(*key).or_insert_with(|| self.reserve(name));
        }
        found
    }
}

/// Ids as names of letters, digits and underscores, each its own: what generated clients call a function.
pub fn identifiers<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let name = |id: &str| id.replace("::", "_").replace(|letter| !is_letter(letter), "_");
    let wanted: Vec<(String, &str)> = ids.map(|id| (name(id), id)).collect();
    UniqueNames { taken: BTreeSet::new() }.assign(&wanted)
}

/// The name of a package in Protocol Buffers.
pub fn package_name(package: &str) -> String {
    ascii(package).replace("_u2d_", "_")
}

/// The first of `Item`, `Item2`, `Item3` and so on that is free.
fn free(wanted: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut next = 2;
    while !is_free(&name) {
        name = format!("{wanted}{next}");
        next += 1;
    }
    name
}

/// The names within one message: of fields, of oneofs and of the entries of maps.
#[derive(Debug, Default)]
pub(super) struct FieldNames {
    taken: BTreeSet<String>,
    /// The keys in ProtoJSON.
    keys: BTreeSet<String>,
}

/// The names of a field.
#[derive(Debug)]
pub(super) struct FieldName {
    pub(super) name: String,
    /// The key in ProtoJSON, if it is not what follows from the name.
    pub(super) json_name: Option<String>,
}

impl FieldNames {
    /// Reserves the names of a field: the key is that of JSON, if it is another than the name in Rust.
    pub(super) fn field(&mut self, declared: &str, key: Option<&str>, is_map: bool) -> FieldName {
        let name = free(&ascii(declared), |name| {
            let entry = entry_name(name);
            let is_free = !self.taken.contains(name)
                && !(is_map && (entry == name || self.taken.contains(&entry)));
            if is_free {
                self.taken.insert(name.to_owned());
                self.taken.extend(is_map.then_some(entry));
            }
            is_free
        });
        let wanted = match key {
            Some(key) if key != declared => key.to_owned(),
            _ if name == declared => camel(&name),
            // Protocol Buffers can't write it, or it is taken.
            _ => declared.to_owned(),
        };
        let key = free(&wanted, |key| self.keys.insert(key.to_owned()));
        let json_name = (key != camel(&name)).then_some(key);
        FieldName { name, json_name }
    }

    /// Reserves the name of a oneof.
    pub(super) fn oneof(&mut self, wanted: &str) -> String {
        free(&ascii(wanted), |name| self.taken.insert(name.to_owned()))
    }
}

/// The message that protoc makes of the entries of a map: `RowsByDayEntry` for `rows_by_day`.
pub(super) fn entry_name(field: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let name: String = field.split('_').map(capital).collect();
    format!("{name}Entry")
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

    #[test]
    fn a_name_that_somebody_has_is_not_taken_by_a_number() {
        let wanted = |names: &[&str]| -> Vec<(String, usize)> {
            names.iter().map(|name| (*name).to_owned()).zip(0..).collect()
        };
        let given = |wanted: &[(String, usize)]| -> Vec<String> {
            UniqueNames::new().assign(wanted).into_values().collect()
        };
        assert_eq!(
            given(&wanted(&["Item", "Item", "Item2", "Item"])),
            ["Item", "Item3", "Item2", "Item4"]
        );
        let ids = identifiers(["a::b_c", "a_b::c", "a_b_c2"].into_iter());
        assert_eq!(ids.into_values().collect::<Vec<_>>(), ["a_b_c", "a_b_c3", "a_b_c2"]);
    }

    #[test]
    fn the_names_in_a_message_are_unique_in_the_file_and_in_proto_json() {
        let mut names = FieldNames::default();
        let mut field = |declared, key, is_map| {
            let FieldName { name, json_name } = names.field(declared, key, is_map);
            (name, json_name.unwrap_or_default())
        };
        let is = |name: &str, json_name: &str| (name.to_owned(), json_name.to_owned());
        assert_eq!(field("two_words", None, false), is("two_words", ""));
        assert_eq!(field("größe", None, false), is("gr_uf6__udf_e", "größe"));
        assert_eq!(field("gr_uf6__udf_e", None, false), is("gr_uf6__udf_e2", "gr_uf6__udf_e"));
        assert_eq!(field("two_words", None, false), is("two_words2", "two_words"));
        assert_eq!(field("renamed", Some("twoWords"), false), is("renamed", "twoWords2"));
        // protoc would make one message of both.
        assert_eq!(field("by_day", None, true), is("by_day", ""));
        assert_eq!(field("ByDay", None, true), is("ByDay2", "ByDay"));
        assert_eq!(field("ByDayEntry", None, false), is("ByDayEntry2", "ByDayEntry"));
        assert_eq!(names.oneof("by_day"), "by_day2");
    }
}
