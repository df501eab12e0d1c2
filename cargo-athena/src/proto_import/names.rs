//! Rust names.

use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::text::screaming;
use protox::prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto};

use super::compile::Compiled;

/// Names that would hide what the generated code uses.
const USED: [&str; 12] = [
    "BTreeMap",
    "Box",
    "Duration",
    "None",
    "Option",
    "Result",
    "Self",
    "Some",
    "State",
    "String",
    "Timestamp",
    "Vec",
];

/// The keywords of Rust.
const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield", "union", "default",
];

/// The Rust name of each message and enum, by its full name: `.shop.Order.State`.
#[derive(Debug)]
pub(super) struct Names {
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(compiled: &Compiled) -> Self {
        let taken = USED.iter().map(|name| (*name).to_owned()).collect();
        let mut names = Self { names: BTreeMap::new(), taken };
        // The files that were asked for choose first.
        let (asked, others): (Vec<_>, Vec<_>) = compiled
            .files
            .iter()
            .partition(|file| compiled.asked.iter().any(|asked| asked == file.name()));
        for file in asked.into_iter().chain(others) {
            let scope = match file.package() {
                "" => String::new(),
                package => format!(".{package}"),
            };
            names.enter(&scope, "", &file.message_type, &file.enum_type);
        }
        names
    }

    fn enter(
        &mut self,
        scope: &str,
        outer: &str,
        messages: &[DescriptorProto],
        enums: &[EnumDescriptorProto],
    ) {
        for message in messages {
            let full = format!("{scope}.{}", message.name());
            let name = self.reserve(&format!("{outer}{}", camel(message.name())), "Message");
            self.names.insert(full.clone(), name.clone());
            self.enter(&full, &name, &message.nested_type, &message.enum_type);
        }
        for one in enums {
            let name = self.reserve(&format!("{outer}{}", camel(one.name())), "Enum");
            self.names.insert(format!("{scope}.{}", one.name()), name);
        }
    }

    /// A name that nothing else has: with the kind, then with a number.
    fn reserve(&mut self, wanted: &str, kind: &str) -> String {
        let candidates = [wanted.to_owned(), format!("{wanted}{kind}")];
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let name = candidates.into_iter().chain(numbered).find(|name| !self.taken.contains(name));
        let name = name.unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }

    /// The Rust name of a message or an enum.
    pub(super) fn get(&self, full: &str) -> &str {
        self.names.get(full).map_or("", String::as_str)
    }

    /// The names of the enums of `oneof`s, each used once.
    pub(super) fn of_oneof(&mut self, message: &str, oneof: &str) -> String {
        self.reserve(&format!("{message}{}", camel(oneof)), "Oneof")
    }
}

/// `order_line`, `orderLine` and `OrderLine` as `OrderLine`.
pub(super) fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let is_shouted = !word.chars().any(|letter| letter.is_ascii_lowercase());
        let mut letters = word.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        if is_shouted && name.contains('_') {
            text.extend(letters.map(|letter| letter.to_ascii_lowercase()));
        } else {
            text.push_str(letters.as_str());
        }
    }
    if text.is_empty() || text.starts_with(|first: char| first.is_ascii_digit()) {
        text.insert(0, '_');
    }
    text
}

/// The variants of an enum: `STATE_OPEN` of `State` as `Open`.
pub(super) fn variants(name: &str, values: &[&str]) -> Vec<String> {
    let prefix = format!("{}_", screaming(name));
    let strip = values.iter().all(|value| {
        value
            .strip_prefix(&prefix)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic()))
    });
    let mut taken = BTreeSet::new();
    let variant = |value: &&str| {
        let short = if strip { value.strip_prefix(&prefix).unwrap_or(value) } else { value };
        let is_shouted = !short.chars().any(|letter| letter.is_ascii_lowercase());
        let wanted = if is_shouted { camel(&short.to_ascii_lowercase()) } else { camel(short) };
        let wanted = if wanted == "Self" { "SelfValue".to_owned() } else { wanted };
        if taken.insert(wanted.clone()) {
            wanted
        } else {
            camel(&format!("{short}_{}", taken.len()))
        }
    };
    values.iter().map(variant).collect()
}

/// The variant of a `oneof` for a field, unlike those before it.
pub(super) fn variant<'a>(field: &str, known: impl Iterator<Item = &'a String>) -> String {
    let known: Vec<&String> = known.collect();
    let wanted = match camel(field) {
        name if name == "Self" => "SelfValue".to_owned(),
        name => name,
    };
    let numbered = (2..).map(|number| format!("{wanted}{number}"));
    let mut names = std::iter::once(wanted.clone()).chain(numbered);
    names.find(|name| !known.contains(&name)).unwrap_or_default()
}

/// A field's name: a keyword gets `r#`, or an underscore where that is not allowed.
pub(super) fn field(name: &str) -> String {
    match name {
        "self" | "Self" | "super" | "crate" | "_" => format!("{name}_"),
        // These are keywords in places where a field can't stand.
        "union" | "default" => name.to_owned(),
        _ if KEYWORDS.contains(&name) => format!("r#{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_rust_writes_them() {
        for (name, expected) in [
            ("Order", "Order"),
            ("order_line", "OrderLine"),
            ("orderLine", "OrderLine"),
            ("HTTP_RULE", "HttpRule"),
            ("HTTPRule", "HTTPRule"),
            ("_private", "Private"),
            ("3d", "_3d"),
        ] {
            assert_eq!(camel(name), expected);
        }
    }

    #[test]
    fn values_lose_the_name_of_their_enum_where_all_have_it() {
        assert_eq!(
            variants("State", &["STATE_UNSPECIFIED", "STATE_OPEN"]),
            ["Unspecified", "Open"]
        );
        assert_eq!(variants("State", &["UNKNOWN", "STATE_OPEN"]), ["Unknown", "StateOpen"]);
        assert_eq!(variants("Code", &["CODE_1", "CODE_2"]), ["Code1", "Code2"]);
        assert_eq!(variants("E", &["a", "A"]), ["A", "A1"]);
    }

    #[test]
    fn variants_of_a_oneof_differ() {
        let known = ["FooBar".to_owned(), "FooBar2".to_owned()];
        assert_eq!(variant("fooBar", known.iter()), "FooBar3");
        assert_eq!(variant("self", known.iter()), "SelfValue");
    }

    #[test]
    fn keywords_are_raw() {
        assert_eq!(
            ["type", "self", "default", "id"].map(field),
            ["r#type", "self_", "default", "id"]
        );
    }
}
