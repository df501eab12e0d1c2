//! The messages of a type as its `.proto` file declares them, laid out to be walked by number and by
//! name.

use std::collections::BTreeMap;

use athena_protocol::collect::insert_all;

use crate::schema::{
    FieldType, ProtoBody, ProtoField, ProtoFile, ProtoMember, RecordType, SchemaBuilder, camel,
    lower,
};
use crate::structure::Structure;

/// The messages and enums that a type is made of.
pub(super) struct Layout {
    pub(super) messages: Vec<MessageLayout>,
    pub(super) enums: Vec<Vec<ValueNames>>,
    /// The message that is the type itself.
    pub(super) root: usize,
}

pub(super) struct MessageLayout {
    pub(super) name: String,
    /// Whether unknown fields pass.
    pub(super) open: bool,
    pub(super) fields: Vec<FieldLayout>,
}

pub(super) struct FieldLayout {
    pub(super) number: u32,
    /// The name that is written.
    pub(super) json: String,
    /// Other names that are read.
    pub(super) names: [String; 2],
    pub(super) cardinality: Cardinality,
    pub(super) kind: RecordKind,
    /// The `oneof` it is a member of.
    pub(super) oneof: Option<usize>,
}

#[derive(Clone, Copy)]
pub(super) enum Cardinality {
    One,
    List,
    /// By keys of a type.
    Map(RecordKind),
}

/// The type of one record, which refers to enums and messages by their index.
pub(super) type RecordKind = RecordType<usize>;

/// The names of a value of an enum.
pub(super) struct ValueNames {
    pub(super) number: i32,
    /// Its name in the `.proto` file.
    pub(super) name: String,
    /// Its name in Rust.
    pub(super) declared: String,
}

impl Layout {
    pub(super) fn for_type<T: Structure>() -> Self {
        let mut builder = SchemaBuilder::default();
        builder.model("", T::shape, T::shape);
        let schema = builder.build("");
        Self::new(lower(&schema), schema.data_of("", true).unwrap_or_default())
    }

    fn new(file: ProtoFile, root: &str) -> Self {
        let indices = Indices::new(&file);
        let mut layout = Self { root: indices.get(root), messages: Vec::new(), enums: Vec::new() };
        for declared in file.types {
            match declared.body {
                ProtoBody::Enumeration(values) => {
                    let values = values.into_iter().map(|value| ValueNames {
                        number: value.number.cast_signed(),
                        name: value.name,
                        declared: value.rust_name,
                    });
                    layout.enums.push(values.collect());
                }
                ProtoBody::Message(members) => layout.messages.push(MessageLayout {
                    name: declared.generated_for.unwrap_or(declared.name),
                    open: declared.open,
                    fields: indices.fields(members),
                }),
            }
        }
        layout
    }
}

/// The index of each enum among the enums, and of each message among the messages.
struct Indices(BTreeMap<String, usize>);

impl Indices {
    fn new(file: &ProtoFile) -> Self {
        let (mut messages, mut enums) = (0.., 0..);
        let index = file.types.iter().filter_map(|declared| {
            let index = match declared.body {
                ProtoBody::Enumeration(_) => enums.next(),
                ProtoBody::Message(_) => messages.next(),
            };
            Some((declared.name.clone(), index?))
        });
        Self(insert_all(index))
    }

    /// Every name in a file is that of a type in it.
    fn get(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or_default()
    }

    fn fields(&self, members: Vec<ProtoMember>) -> Vec<FieldLayout> {
        let mut layout = Vec::new();
        for (at, member) in members.into_iter().enumerate() {
            match member {
                ProtoMember::Field(field) => layout.push(self.field(field, None)),
                ProtoMember::Oneof { fields, .. } => {
                    layout.extend(fields.into_iter().map(|field| self.field(field, Some(at))));
                }
            }
        }
        layout
    }

    fn field(&self, field: ProtoField, oneof: Option<usize>) -> FieldLayout {
        let kind = |record: &RecordType| record.map(|name| self.get(name));
        let (cardinality, kind) = match &field.value {
            FieldType::OneofMember(value) | FieldType::Optional(value) => {
                (Cardinality::One, kind(value))
            }
            FieldType::Repeated { item, .. } => (Cardinality::List, kind(item)),
            FieldType::Map(key, value) => (Cardinality::Map(kind(key)), kind(value)),
        };
        // A name that Protocol Buffers can't write is kept by an option in the `.proto` file.
        let json = field.json_name.clone().unwrap_or_else(|| camel(&field.name));
        let names = [field.json_name.unwrap_or_else(|| field.name.clone()), field.name];
        FieldLayout { number: field.number, json, names, cardinality, kind, oneof }
    }
}
