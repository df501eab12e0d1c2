//! The shape of a field, and what its attributes say.

use serde::Serialize;

use super::value::Shape;
use crate::field_names::is_camel_case_of;

/// The greatest difference of two floats that are equal. One limit that is met suffices.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Tolerance {
    /// Greatest difference.
    pub abs: Option<f64>,
    /// Greatest difference relative to the larger of the two.
    pub rel: Option<f64>,
    /// Greatest number of floats between them.
    pub ulps: Option<u64>,
}

/// How integers are written in Protocol Buffers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// `int64`, `uint64` and so on.
    #[default]
    Plain,
    /// `sint32` and `sint64`.
    Sint,
    /// `fixed32`, `sfixed64` and so on.
    Fixed,
}

/// A field of a structure.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// Its key in JSON.
    pub name: &'static str,
    /// Its name in Rust, from which that in Protocol Buffers follows.
    pub declared: &'static str,
    /// Other keys that are read.
    pub aliases: &'static [&'static str],
    /// Its number on the wire.
    pub number: u32,
    /// The shape of its value.
    pub shape: Shape,
    /// Whether its members are those of the object around it, in JSON.
    pub flatten: bool,
    /// How its integers are written in Protocol Buffers.
    pub encoding: Encoding,
    /// How the keys of a map are written; [`encoding`](Self::encoding) is that of its values.
    pub key_encoding: Encoding,
    /// Its type as Rust writes it.
    pub kind: &'static str,
    /// Its documentation comment.
    pub docs: &'static str,
    /// Whether a message must have it.
    pub required: bool,
    /// Its default, as JSON text.
    pub default: Option<String>,
    /// Values to show and to begin with, as JSON texts.
    pub examples: &'static [&'static str],
    /// How outcomes are compared.
    pub tolerance: Option<Tolerance>,
    /// Recorded, and compared only in type.
    pub volatile: bool,
    /// A sequence whose order has no meaning.
    pub unordered: bool,
    /// Never shown.
    pub secret: bool,
    /// Its value tells messages apart for people.
    pub label: bool,
    /// Whether the variants of its enum are fields of the message around it.
    pub oneof: bool,
}

impl Field {
    /// A field with a name, a number on the wire and a shape.
    pub fn new(name: &'static str, number: u32, shape: Shape) -> Self {
        Self {
            name,
            declared: name,
            aliases: &[],
            number,
            shape,
            flatten: false,
            encoding: Encoding::Plain,
            key_encoding: Encoding::Plain,
            kind: "",
            docs: "",
            required: false,
            default: None,
            examples: &[],
            tolerance: None,
            volatile: false,
            unordered: false,
            secret: false,
            label: false,
            oneof: false,
        }
    }

    /// Sets the name in Rust, where the key in JSON is another.
    #[must_use]
    pub fn declared(mut self, name: &'static str) -> Self {
        self.declared = name;
        self
    }

    /// Sets other keys that are read.
    #[must_use]
    pub fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Whether a key in JSON is that of the field, as it is written, as ProtoJSON writes it, or as an alias.
    pub fn is_called(&self, key: &str) -> bool {
        self.name == key || is_camel_case_of(self.name, key) || self.aliases.contains(&key)
    }

    /// Merges its members into the object around it, in JSON.
    #[must_use]
    pub fn flatten(mut self) -> Self {
        self.flatten = true;
        self
    }

    /// Sets the type as Rust writes it.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the documentation.
    #[must_use]
    pub fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// Sets values to show and to begin with, as JSON texts.
    #[must_use]
    pub fn examples(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }

    /// Sets the default.
    #[must_use]
    pub fn default(mut self, value: impl Serialize) -> Self {
        // A default that JSON can't write (NaN) is still a default.
        self.default = Some(serde_json::to_string(&value).unwrap_or_else(|_| "null".into()));
        self
    }

    /// Sets the default; an `Option` is absent instead.
    #[must_use]
    pub fn default_unless_option(self, is_option: bool, value: impl Serialize) -> Self {
        if is_option { self } else { self.default(value) }
    }

    /// Sets whether a message must have it.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Takes exactly one record on the wire, so that an empty value is distinguished from an absent one.
    #[must_use]
    pub fn one_record(mut self) -> Self {
        self.shape = self.shape.boxed();
        self
    }

    /// The same, unless its default is empty anyway.
    #[must_use]
    pub fn one_record_unless(self, is_empty: bool) -> Self {
        if is_empty { self } else { self.one_record() }
    }

    /// Writes its integers in another way.
    #[must_use]
    pub fn encoding(mut self, key: Encoding, encoding: Encoding) -> Self {
        self.key_encoding = key;
        self.encoding = encoding;
        self
    }

    /// Makes the variants of its enum fields of the message around it.
    #[must_use]
    pub fn oneof(mut self) -> Self {
        self.oneof = true;
        self
    }

    /// Sets how far outcomes may be apart.
    #[must_use]
    pub fn tolerance(mut self, abs: Option<f64>, rel: Option<f64>, ulps: Option<u64>) -> Self {
        self.tolerance = Some(Tolerance { abs, rel, ulps });
        self
    }

    /// Compares outcomes only in type.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Compares outcomes as sets.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    /// Shows its value beside the name of a case.
    #[must_use]
    pub fn label(mut self) -> Self {
        self.label = true;
        self
    }

    /// Never shows the value.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}
