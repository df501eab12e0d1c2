//! What a `.proto` file declares, before it is text or a descriptor.

mod draft;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use self::draft::Draft;
use super::tree::Schema;

/// What stands behind a message that no Rust type declares.
pub(super) const GENERATED: &str = "generated";

/// A file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) package: String,
    /// The files of well-known types that it needs, by name.
    pub(super) imports: BTreeSet<&'static str>,
    pub(super) types: Vec<Declared>,
}

/// A message or an enum.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) remark: Option<String>,
    pub(super) body: Body,
    pub(super) reserved: Vec<u32>,
    pub(super) reserved_names: Vec<String>,
    /// The same names in Rust, where they differ.
    pub(super) reserved_remark: Option<String>,
}

#[derive(Debug)]
pub(super) enum Body {
    Message(Vec<Part>),
    Enumeration(Vec<Value>),
}

/// A part of a message.
#[derive(Debug)]
pub(super) enum Part {
    Field(Field),
    Oneof { docs: String, name: String, remark: Option<String>, fields: Vec<Field> },
}

/// A value of an enum.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) remark: String,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) kind: Kind,
    /// As it is written.
    pub(super) default: Option<String>,
    /// The name that Protocol Buffers can't write.
    pub(super) json_name: Option<String>,
    pub(super) remark: Option<String>,
}

/// What a field holds, by the names of types.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A field of a `oneof`.
    Bare(String),
    Optional(String),
    Repeated {
        item: String,
        packed: bool,
    },
    Map(String, String),
}

impl File {
    /// The file of a schema.
    pub(super) fn of(schema: &Schema) -> Self {
        Draft::new(schema).finish()
    }
}

/// Names of the values of enums, by place of the enum and of the value.
pub fn value_names(schema: &Schema) -> BTreeMap<(usize, usize), String> {
    Draft::new(schema).values
}
