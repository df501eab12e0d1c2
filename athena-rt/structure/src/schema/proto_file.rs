//! The content of a `.proto` file: what is written as text, described to programs, and walked by
//! ProtoJSON. [`lower`](super::lower()) makes it from a schema.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::type_names::int;
use crate::shape::Encoding;

/// The remark of a message that no Rust type declares.
pub(super) const GENERATED: &str = "generated";

/// A file.
#[derive(Debug)]
pub(crate) struct ProtoFile {
    pub(crate) package: String,
    /// The files of well-known types that it imports, by name.
    pub(crate) imports: BTreeSet<&'static str>,
    pub(crate) types: Vec<ProtoDeclaration>,
}

/// A message or an enum.
#[derive(Debug)]
pub(crate) struct ProtoDeclaration {
    pub(crate) docs: String,
    pub(crate) name: String,
    /// The Rust type that the message holds; `None` if it is declared by `#[structure]`.
    pub(crate) generated_for: Option<String>,
    /// Whether unknown fields pass in JSON.
    pub(crate) open: bool,
    pub(crate) remark: Option<String>,
    pub(crate) body: ProtoBody,
    pub(crate) reserved: Vec<u32>,
    pub(crate) reserved_names: Vec<String>,
    /// The reserved names in Rust, if they differ.
    pub(crate) reserved_remark: Option<String>,
}

#[derive(Debug)]
pub(crate) enum ProtoBody {
    Message(Vec<ProtoMember>),
    Enumeration(Vec<EnumValue>),
}

/// A member of a message.
#[derive(Debug)]
pub(crate) enum ProtoMember {
    Field(ProtoField),
    Oneof { docs: String, name: String, remark: Option<String>, fields: Vec<ProtoField> },
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) docs: String,
    pub(crate) name: String,
    pub(crate) number: u32,
    /// The name of the variant in Rust.
    pub(crate) rust_name: String,
    /// That name, and its names in JSON.
    pub(crate) remark: String,
}

#[derive(Debug)]
pub(crate) struct ProtoField {
    pub(crate) docs: String,
    pub(crate) name: String,
    pub(crate) number: u32,
    pub(crate) value: FieldType,
    /// The default as `.proto` writes it.
    pub(crate) default: Option<String>,
    /// The key in JSON, if it is not what follows from the name.
    pub(crate) json_name: Option<String>,
    pub(crate) remark: Option<String>,
}

/// The type of a field.
#[derive(Clone, Debug)]
pub(crate) enum FieldType {
    /// A field of a `oneof`.
    OneofMember(RecordType),
    Optional(RecordType),
    Repeated {
        item: RecordType,
        packed: bool,
    },
    Map(RecordType, RecordType),
}

/// The type of exactly one record. `N` refers to a declaration of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordType<N = String> {
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
    Duration,
    Timestamp,
    /// `google.protobuf.Value`.
    Json,
    Enumeration(N),
    Message(N),
}

impl<N> RecordType<N> {
    /// The same type, referring to declarations in another way.
    pub(crate) fn map<M>(&self, refer: impl FnOnce(&N) -> M) -> RecordType<M> {
        match self {
            Self::Bool => RecordType::Bool,
            Self::Int { bits, signed, encoding } => {
                RecordType::Int { bits: *bits, signed: *signed, encoding: *encoding }
            }
            Self::Float { bits } => RecordType::Float { bits: *bits },
            Self::Text => RecordType::Text,
            Self::Bytes => RecordType::Bytes,
            Self::Duration => RecordType::Duration,
            Self::Timestamp => RecordType::Timestamp,
            Self::Json => RecordType::Json,
            Self::Enumeration(name) => RecordType::Enumeration(refer(name)),
            Self::Message(name) => RecordType::Message(refer(name)),
        }
    }
}

impl ProtoField {
    /// The name in Rust as far as the line tells it: the option's, unless that is a key in JSON.
    pub(super) fn shown_name(&self, has_keys: bool) -> &str {
        self.json_name.as_ref().filter(|_| !has_keys).unwrap_or(&self.name)
    }
}

impl ProtoFile {
    /// A type as a field of the file names it.
    pub(super) fn type_name<'a>(&self, record: &'a RecordType) -> Cow<'a, str> {
        match record {
            RecordType::Bool => "bool".into(),
            RecordType::Int { bits, signed, encoding } => int(*bits, *signed, *encoding).into(),
            RecordType::Float { bits: 32 } => "float".into(),
            RecordType::Float { .. } => "double".into(),
            RecordType::Text => "string".into(),
            RecordType::Bytes => "bytes".into(),
            RecordType::Duration => "google.protobuf.Duration".into(),
            RecordType::Timestamp => "google.protobuf.Timestamp".into(),
            RecordType::Json => "google.protobuf.Value".into(),
            // Inside a message with a map, protoc itself declares such a name.
            RecordType::Enumeration(name) | RecordType::Message(name)
                if name.ends_with("Entry") && !self.is_generated(name) =>
            {
                format!(".{}.{name}", self.package).into()
            }
            RecordType::Enumeration(name) | RecordType::Message(name) => name.into(),
        }
    }

    fn is_generated(&self, name: &str) -> bool {
        self.types.iter().any(|declared| declared.name == name && declared.generated_for.is_some())
    }
}
