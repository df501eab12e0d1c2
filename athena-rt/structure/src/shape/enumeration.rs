//! The shape of an enum.

use super::field::Encoding;
use super::value::Shape;

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
    /// The index of the variant of this name in JSON, or of the one that any other name is read as.
    pub fn called(&self, name: &str) -> Option<usize> {
        let known = self.variants.iter().position(|variant| variant.is_called(name));
        known.or_else(|| self.variants.iter().position(|variant| variant.other))
    }

    /// Whether it is a message: a variant has data, or JSON has more than its name.
    pub fn holds_data(&self) -> bool {
        self.tagging != Tagging::External
            || self.variants.iter().any(|variant| variant.data.is_some())
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
