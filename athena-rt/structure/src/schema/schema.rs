//! The schema of a package, as it is compared and written. Types refer to each other by name, so that a schema
//! that is read from a lock and one that is built from the code are alike.

use std::collections::BTreeMap;
use std::fmt;

use super::names::element;
use crate::shape::Encoding;

/// The types that models of one package accept and return, and those that they are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The package, with `_` for `-`.
    pub package: String,
    pub types: Vec<Declaration>,
}

/// A type declared by `#[structure]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub name: String,
    /// Lines without trailing space, and without an empty line at either end.
    pub docs: String,
    pub form: DeclarationKind,
    /// How JSON tells the variants of an enum with data apart.
    pub layout: VariantLayout,
    /// The models whose data it is, sorted.
    pub uses: Vec<ModelUse>,
    pub members: Vec<Member>,
    /// Numbers not to be used again, sorted.
    pub reserved: Vec<u32>,
    /// Names not to be used again, sorted.
    pub reserved_names: Vec<String>,
}

/// How JSON tells variants apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum VariantLayout {
    /// `{"Card": data}`.
    #[default]
    External,
    /// By a member of the data.
    Internal(String),
    /// By a member beside that with the data.
    Adjacent(String, String),
    /// By the data.
    Untagged,
}

/// The kind of a declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    /// A struct; `open` lets unknown fields pass in JSON.
    Structure { open: bool },
    /// One value, whose JSON it is: a list, a map, a scalar.
    Whole,
    /// An enum with data.
    Choice,
    /// A unit-only enum.
    Enumeration,
}

/// A model that accepts or returns a type as its data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelUse {
    pub model: String,
    pub input: bool,
    pub output: bool,
}

/// A field of a struct or a variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As in Rust.
    pub name: String,
    /// The keys in JSON, where serde's attributes change them: the one that is written, then others that are
    /// read. If there are none, the name is the key.
    pub keys: Vec<String>,
    /// Whether its members are those of the object around it, in JSON.
    pub flatten: bool,
    /// Whether any other name is read as this variant.
    pub other: bool,
    pub number: u32,
    pub docs: String,
    /// The type of its value; `None` for a variant without data.
    pub value: Option<Type>,
    /// Whether a message must have it.
    pub required: bool,
    /// Its default as JSON text; [`HIDDEN`] for a secret.
    pub default: Option<String>,
    /// Values to show, as JSON texts; a schema that was read from a file has none.
    pub examples: Vec<String>,
}

/// The placeholder for the default of a secret.
pub(super) const HIDDEN: &str = "***";

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Bool,
    Int {
        bits: u8,
        signed: bool,
        encoding: Encoding,
    },
    Float {
        bits: u8,
    },
    Text,
    Bytes,
    Option(Box<Type>),
    List(Box<Type>),
    Array(Box<Type>, usize),
    Map(Box<Type>, Box<Type>),
    Tuple(Vec<Type>),
    Boxed(Box<Type>),
    Duration,
    Timestamp,
    Uuid,
    /// Text in messages, by the name of the Rust type.
    TextOf(String),
    Set(Box<Type>),
    /// Any JSON.
    Json,
    /// By its name in the schema.
    Named(String),
    /// An optional enum with data whose variants are fields of the message around it.
    /// Its number is that of the first.
    Oneof(String),
}

impl Schema {
    pub fn get(&self, name: &str) -> Option<&Declaration> {
        self.types.iter().find(|declared| declared.name == name)
    }

    /// Whether a type can be the value of a map: an enum only if its first value is 0.
    pub fn starts_at_zero(&self, item: &Type) -> bool {
        let Type::Named(name) = item else { return true };
        self.get(name).is_none_or(|named| {
            named.form != DeclarationKind::Enumeration
                || named.members.first().is_some_and(|first| first.number == 0)
        })
    }

    /// The name of the type that a model accepts or returns.
    pub fn data_of(&self, model: &str, input: bool) -> Option<&str> {
        let is_it =
            |used: &ModelUse| used.model == model && if input { used.input } else { used.output };
        let found = self.types.iter().find(|declared| declared.uses.iter().any(is_it));
        found.map(|declared| declared.name.as_str())
    }

    /// A type's name without the number that tells it from others of its name.
    pub(super) fn plain_name<'a>(&self, name: &'a str) -> &'a str {
        let plain = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        // `Item2` may well be its name in Rust.
        if plain != name && self.get(plain).is_some() { plain } else { name }
    }

    /// The same types by other names.
    pub(super) fn renamed(&self, names: &BTreeMap<String, String>) -> Self {
        let name = |old: &str| names.get(old).map_or_else(|| old.to_owned(), Clone::clone);
        let mut renamed = self.clone();
        for declared in &mut renamed.types {
            declared.name = name(&declared.name);
            for member in &mut declared.members {
                member.value = member.value.as_ref().map(|value| value.renamed(&name));
            }
        }
        renamed
    }

    /// Whether two schemas describe the same messages, whatever their docs.
    pub fn matches_ignoring_docs(&self, other: &Self) -> bool {
        self.without_docs() == other.without_docs()
    }

    fn without_docs(&self) -> Self {
        let mut plain = self.clone();
        for declared in &mut plain.types {
            declared.docs.clear();
            for member in &mut declared.members {
                member.docs.clear();
            }
        }
        plain
    }

    /// The names of the types that these are made of, and their own.
    pub fn reachable<'a>(&'a self, roots: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = roots.into_iter().collect();
        while let Some(name) = open.pop() {
            let Some(declared) = self.get(name).filter(|_| !found.contains(&name)) else {
                continue;
            };
            found.push(&declared.name);
            for value in declared.members.iter().filter_map(|member| member.value.as_ref()) {
                value.mentions(&mut open);
            }
        }
        found
    }
}

impl Declaration {
    /// The value that a message is as a whole.
    pub(super) fn whole(&self) -> Option<Type> {
        let values: Option<Vec<Type>> =
            self.members.iter().map(|member| member.value.clone()).collect();
        match (values?, self.members.first()) {
            (values, Some(first)) if first.name == element(1) => Some(Type::Tuple(values)),
            (values, _) => values.into_iter().next(),
        }
    }

    /// Whether it is an enum, each variant of which is written under its own key.
    pub(super) fn is_named_by_key(&self) -> bool {
        let is_enum = match self.form {
            DeclarationKind::Choice => self.layout == VariantLayout::External,
            form => form == DeclarationKind::Enumeration,
        };
        is_enum && !self.members.iter().any(|member| member.other)
    }

    /// A member by its name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// A member by the key that is written in JSON.
    pub fn keyed(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.key() == key)
    }

    /// The member of the same name or key.
    pub fn counterpart(&self, member: &Member) -> Option<&Member> {
        self.member(&member.name).or_else(|| self.keyed(member.key()))
    }

    /// A member by its number.
    pub fn numbered(&self, number: u32) -> Option<&Member> {
        self.members.iter().find(|member| member.number == number)
    }
}

impl Member {
    /// The key that is written in JSON.
    pub fn key(&self) -> &str {
        self.keys.first().unwrap_or(&self.name)
    }

    /// Other keys that are read.
    pub fn aliases(&self) -> &[String] {
        self.keys.get(1..).unwrap_or_default()
    }
}

impl Type {
    /// The same with other names for the types it mentions.
    pub(super) fn renamed(&self, name: &impl Fn(&str) -> String) -> Self {
        let inner = |value: &Self| Box::new(value.renamed(name));
        match self {
            Self::Named(old) => Self::Named(name(old)),
            Self::Oneof(old) => Self::Oneof(name(old)),
            Self::Option(value) => Self::Option(inner(value)),
            Self::List(value) => Self::List(inner(value)),
            Self::Array(value, length) => Self::Array(inner(value), *length),
            Self::Boxed(value) => Self::Boxed(inner(value)),
            Self::Set(value) => Self::Set(inner(value)),
            Self::Map(key, value) => Self::Map(inner(key), inner(value)),
            Self::Tuple(items) => {
                Self::Tuple(items.iter().map(|item| item.renamed(name)).collect())
            }
            other => other.clone(),
        }
    }

    /// The names of the types it mentions.
    pub(super) fn mentions<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Named(name) | Self::Oneof(name) => names.push(name),
            Self::Option(inner)
            | Self::List(inner)
            | Self::Set(inner)
            | Self::Array(inner, _)
            | Self::Boxed(inner) => {
                inner.mentions(names);
            }
            Self::Map(key, value) => {
                key.mentions(names);
                value.mentions(names);
            }
            Self::Tuple(items) => items.iter().for_each(|item| item.mentions(names)),
            _ => {}
        }
    }
}

impl fmt::Display for VariantLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External => Ok(()),
            Self::Internal(tag) => write!(f, "tag {tag:?}"),
            Self::Adjacent(tag, content) => write!(f, "tag {tag:?}, content {content:?}"),
            Self::Untagged => f.write_str("untagged"),
        }
    }
}

impl VariantLayout {
    /// Reads what `Display` wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "untagged" {
            return Some(Self::Untagged);
        }
        let (tag, rest) = super::literal::unquoted(text.strip_prefix("tag ")?)?;
        if rest.is_empty() {
            return Some(Self::Internal(tag));
        }
        let (content, rest) = super::literal::unquoted(rest.strip_prefix(", content ")?)?;
        rest.is_empty().then_some(Self::Adjacent(tag, content))
    }
}

impl fmt::Display for DeclarationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Structure { .. } => "a struct",
            Self::Whole => "a value",
            Self::Choice => "an enum with data",
            Self::Enumeration => "a unit-only enum",
        })
    }
}
