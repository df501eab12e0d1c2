//! The shapes of types: one source for lists, schemas, comparison and checks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::field_names::is_camel_case_of;

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// An integer; `isize` and `usize` count as 64 bits. One of 128 bits is text on the wire.
    Int {
        /// 8, 16, 32, 64 or 128.
        bits: u8,
        /// Whether it can be negative.
        signed: bool,
    },
    /// A floating-point number of 32 or 64 bits.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// UTF-8 text.
    Text,
    /// Bytes; base64 in JSON.
    Bytes,
    /// A value that may be absent.
    Option(Box<Shape>),
    /// A sequence.
    List(Box<Shape>),
    /// A sequence, or bytes, of a fixed length.
    Array(Box<Shape>, usize),
    /// Keys and values.
    Map(Box<Shape>, Box<Shape>),
    /// A fixed number of values of their own types.
    Tuple(Vec<Shape>),
    /// A length of time.
    Duration,
    /// A point in time.
    Timestamp,
    /// A UUID.
    Uuid,
    /// A type that is text in messages, by its name.
    TextOf(&'static str),
    /// A sequence without order that has each value once.
    Set(Box<Shape>),
    /// Any JSON.
    Json,
    /// A value on the heap that takes exactly one record on the wire, though without the box it
    /// would not: a list, a map or an option.
    Boxed(Box<Shape>),
    /// A structure or enum, by its key in [`Shapes`].
    Named(&'static str),
}

impl Shape {
    /// Whether the type is an `Option`, boxed or not.
    pub fn is_optional(&self) -> bool {
        match self {
            Self::Option(inner) => !inner.is_optional(),
            Self::Boxed(inner) => inner.is_optional(),
            _ => false,
        }
    }

    /// The same value where it must take exactly one record on the wire.
    #[must_use]
    pub fn boxed(self) -> Self {
        let is_many = match &self {
            Self::List(_) | Self::Set(_) | Self::Map(..) | Self::Option(_) => true,
            Self::Array(items, _) => **items != Self::Bytes,
            _ => false,
        };
        if is_many { Self::Boxed(Box::new(self)) } else { self }
    }
}

/// The definitions of the named types that a type contains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    definitions: BTreeMap<&'static str, Option<Definition>>,
    order: Vec<&'static str>,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// A struct under `#[structure]`.
    Structure(StructureShape),
    /// An enum under `#[structure]`.
    Enumeration(EnumShape),
}

/// A struct under `#[structure]`.
#[derive(Clone, Debug, PartialEq)]
pub struct StructureShape {
    /// Its name in Rust.
    pub name: &'static str,
    /// Its documentation comment.
    pub docs: &'static str,
    /// Whether unknown fields pass.
    pub open: bool,
    /// Field numbers not to be used again.
    pub reserved: &'static [u32],
    /// Field names not to be used again.
    pub reserved_names: &'static [&'static str],
    /// Its fields, as declared.
    pub fields: Vec<Field>,
}

/// The layout of the variants of an enum in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tagging {
    /// `{"Card": data}`, or the name of a variant without data.
    #[default]
    External,
    /// A member of the data.
    Internal {
        /// Its key.
        tag: &'static str,
    },
    /// A member beside the data.
    Adjacent {
        /// Its key.
        tag: &'static str,
        /// The key of the data.
        content: &'static str,
    },
    /// By the data alone.
    Untagged,
}

/// An enum under `#[structure]`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumShape {
    /// Its name in Rust.
    pub name: &'static str,
    /// Its documentation comment.
    pub docs: &'static str,
    /// How JSON tells its variants apart.
    pub tagging: Tagging,
    /// Variant numbers not to be used again.
    pub reserved: &'static [u32],
    /// Variant names not to be used again.
    pub reserved_names: &'static [&'static str],
    /// Its variants, as declared.
    pub variants: Vec<Variant>,
}

impl EnumShape {
    /// Whether it is a message: a variant has data, or JSON has more than its name.
    pub fn holds_data(&self) -> bool {
        self.tagging != Tagging::External
            || self.variants.iter().any(|variant| variant.data.is_some())
    }
}

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
    /// How outcomes are compared.
    pub tolerance: Option<Tolerance>,
    /// Recorded, and compared only in type.
    pub volatile: bool,
    /// A sequence whose order has no meaning.
    pub unordered: bool,
    /// Never shown.
    pub secret: bool,
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
            tolerance: None,
            volatile: false,
            unordered: false,
            secret: false,
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

    /// Sets the default.
    #[must_use]
    pub fn default(mut self, value: impl Serialize) -> Self {
        // A default that JSON can't write (NaN) is still a default.
        self.default = Some(serde_json::to_string(&value).unwrap_or_else(|_| "null".into()));
        self
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

    /// Never shows the value.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Variant {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name in Rust, from which that in Protocol Buffers follows.
    pub declared: &'static str,
    /// Other names that are read.
    pub aliases: &'static [&'static str],
    /// Its number on the wire.
    pub number: u32,
    /// Its documentation comment.
    pub docs: &'static str,
    /// Whether any other name is read as this variant.
    pub other: bool,
    /// The shape of its data.
    pub data: Option<Shape>,
    /// How the integers of its data are written in Protocol Buffers.
    pub encoding: Encoding,
}

impl Variant {
    /// A variant without data.
    pub fn unit(name: &'static str, number: u32) -> Self {
        Self {
            name,
            declared: name,
            aliases: &[],
            number,
            docs: "",
            other: false,
            data: None,
            encoding: Encoding::Plain,
        }
    }

    /// A variant with data.
    pub fn with(name: &'static str, number: u32, data: Shape) -> Self {
        Self { data: Some(data), ..Self::unit(name, number) }
    }

    /// Sets the name in Rust, where the name in JSON is another.
    #[must_use]
    pub fn declared(mut self, name: &'static str) -> Self {
        self.declared = name;
        self
    }

    /// Sets other names that are read.
    #[must_use]
    pub fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Writes the integers of its data in another way.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Reads any other name as this variant.
    #[must_use]
    pub fn other(mut self) -> Self {
        self.other = true;
        self
    }

    /// Whether a name in JSON is that of the variant.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Sets the documentation.
    #[must_use]
    pub fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }
}

impl Shapes {
    /// Enters a structure, once; a type that contains itself meets its own key.
    pub fn structure(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> StructureShape,
    ) -> Shape {
        self.enter(key, |shapes| Definition::Structure(describe(shapes)))
    }

    /// Enters an enum, once.
    pub fn enumeration(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> EnumShape,
    ) -> Shape {
        self.enter(key, |shapes| Definition::Enumeration(describe(shapes)))
    }

    fn enter(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> Definition,
    ) -> Shape {
        if !self.definitions.contains_key(key) {
            self.definitions.insert(key, None);
            self.order.push(key);
            let definition = describe(self);
            self.definitions.insert(key, Some(definition));
        }
        Shape::Named(key)
    }

    /// The definition behind a [`Shape::Named`].
    pub fn get(&self, key: &str) -> Option<&Definition> {
        self.definitions.get(key)?.as_ref()
    }

    /// Every definition, in the order met: an outer type before those it uses.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Definition)> {
        self.order.iter().filter_map(|key| Some((*key, self.get(key)?)))
    }
}
