//! Lowers a schema to the content of its `.proto` file. Which messages stand between a field and its
//! records is decided here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use athena_protocol::collect::sort_by;

use super::literal::{literal, quoted};
use super::names::{FieldName, FieldNames, UniqueNames, ascii, element, screaming};
use super::proto_file::{
    EnumValue, FieldType, GENERATED, ProtoBody, ProtoDeclaration, ProtoField, ProtoFile,
    ProtoMember, RecordType,
};
use super::schema::{Declaration, DeclarationKind, HIDDEN, Member, Schema, Type, VariantLayout};
use super::type_names::structural;

/// The content of the file of a schema.
pub(crate) fn lower(schema: &Schema) -> ProtoFile {
    Lowering::new(schema).finish()
}

/// A file while it is made.
struct Lowering<'a> {
    schema: &'a Schema,
    names: UniqueNames,
    /// The names of the values of enums, by the index of the enum and of the value.
    values: BTreeMap<(usize, usize), String>,
    /// Messages that no Rust type declares, by the type that they hold.
    messages: BTreeMap<String, ProtoDeclaration>,
    imports: BTreeSet<&'static str>,
}

impl<'a> Lowering<'a> {
    fn new(schema: &'a Schema) -> Self {
        let mut names = UniqueNames::new();
        for declared in &schema.types {
            names.reserve(&declared.name);
        }
        let values = name_values(schema, &mut names);
        Self { schema, names, values, messages: BTreeMap::new(), imports: BTreeSet::new() }
    }

    /// The file: the types that Rust declares, then the generated ones, sorted by name.
    fn finish(mut self) -> ProtoFile {
        let declared = self.schema.types.iter().enumerate();
        let mut types: Vec<ProtoDeclaration> =
            declared.map(|(at, declared)| self.declared(at, declared)).collect();
        let mut generated: Vec<ProtoDeclaration> = self.messages.into_values().collect();
        sort_by(&mut generated, |one, other| one.name.cmp(&other.name));
        types.extend(generated);
        ProtoFile { package: self.schema.package.clone(), imports: self.imports, types }
    }

    fn declared(&mut self, at: usize, declared: &Declaration) -> ProtoDeclaration {
        let members = declared.members.iter().enumerate();
        let body = match declared.form {
            DeclarationKind::Enumeration => ProtoBody::Enumeration(
                members
                    .map(|(index, member)| EnumValue {
                        docs: member.docs.clone(),
                        name: self.values.get(&(at, index)).cloned().unwrap_or_default(),
                        number: member.number,
                        rust_name: member.name.clone(),
                        remark: format!("{}{}", member.name, keys(member, &plain_name(member))),
                    })
                    .collect(),
            ),
            DeclarationKind::Choice => {
                let mut names = FieldNames::default();
                let variant = |member| self.variant(member, &mut names);
                let fields = declared.members.iter().map(variant).collect();
                let name =
                    if declared.member("variant").is_some() { "variant_" } else { "variant" };
                let (docs, name) = (String::new(), names.oneof(name));
                ProtoBody::Message(vec![ProtoMember::Oneof { docs, name, remark: None, fields }])
            }
            DeclarationKind::Structure { .. } | DeclarationKind::Whole => {
                ProtoBody::Message(self.parts(&declared.members))
            }
        };
        let known = |name: &String| match declared.form {
            DeclarationKind::Enumeration => {
                format!("{}_{}", screaming(&declared.name), screaming(name))
            }
            _ => ascii(name),
        };
        let reserved_names: Vec<String> = declared.reserved_names.iter().map(known).collect();
        let differ = reserved_names != declared.reserved_names;
        ProtoDeclaration {
            docs: declared.docs.clone(),
            name: declared.name.clone(),
            generated_for: None,
            open: declared.form == (DeclarationKind::Structure { open: true }),
            remark: remarks(declared),
            body,
            reserved: declared.reserved.clone(),
            reserved_names,
            reserved_remark: differ.then(|| declared.reserved_names.join(", ")),
        }
    }

    /// The members of a message. Its own fields have their names before the variants of its oneofs do.
    fn parts(&mut self, members: &[Member]) -> Vec<ProtoMember> {
        let mut names = FieldNames::default();
        let own: Vec<Option<ProtoMember>> = members
            .iter()
            .map(|member| match &member.value {
                Some(Type::Oneof(_)) => None,
                Some(value) => Some(ProtoMember::Field(self.member(member, value, &mut names))),
                None => Some(ProtoMember::Field(self.variant(member, &mut names))),
            })
            .collect();
        let all = members.iter().zip(own);
        all.filter_map(|(member, own)| match (&member.value, own) {
            (Some(Type::Oneof(held)), None) => Some(self.oneof(member, held, &mut names)),
            (_, own) => own,
        })
        .collect()
    }

    /// The variants of an enum as fields of the message around it. A lock takes them from the enum.
    fn oneof(&mut self, member: &Member, held: &str, names: &mut FieldNames) -> ProtoMember {
        let schema = self.schema;
        let variants = schema.get(held).map_or(&[][..], |declared| &declared.members);
        ProtoMember::Oneof {
            docs: member.docs.clone(),
            name: names.oneof(&member.name),
            remark: Some(format!(
                "{}: Oneof<{held}>{}",
                member.name,
                keys(member, &plain_name(member))
            )),
            fields: variants.iter().map(|variant| self.variant(variant, names)).collect(),
        }
    }

    /// A variant of an enum with data.
    fn variant(&mut self, member: &Member, names: &mut FieldNames) -> ProtoField {
        let (kind, remark) = match &member.value {
            None => (self.empty(), "()".to_owned()),
            Some(value) => (self.record(value), value.to_string()),
        };
        let field = named(member, FieldType::OneofMember(kind), names);
        let remark = remark + &keys(member, field.shown_name(!member.keys.is_empty()));
        ProtoField { remark: Some(remark), ..field }
    }

    fn member(&mut self, member: &Member, value: &Type, names: &mut FieldNames) -> ProtoField {
        let field = named(member, self.field(value), names);
        let shown = member.default.as_ref().filter(|default| *default != HIDDEN);
        let default = shown.and_then(|default| {
            literal(value, default).or_else(|| self.value_named(value, default))
        });
        let mut remark =
            format!("{value}{}", keys(member, field.shown_name(!member.keys.is_empty())));
        if let Some(default) = &member.default {
            let _ = write!(remark, " = {default}");
        }
        if member.required {
            remark.push_str(", required");
        }
        ProtoField { default, remark: Some(remark), ..field }
    }

    /// The value of an enum that a default in JSON names.
    fn value_named(&self, value: &Type, default: &str) -> Option<String> {
        let Type::Named(name) = value else { return None };
        let at = self.schema.types.iter().position(|declared| declared.name == *name)?;
        let variant: String = serde_json::from_str(default).ok()?;
        let index =
            self.schema.types[at].members.iter().position(|member| member.key() == variant)?;
        self.values.get(&(at, index)).cloned()
    }

    /// The type of a field.
    fn field(&mut self, value: &Type) -> FieldType {
        match value {
            Type::Option(inner) => FieldType::Optional(self.record(inner)),
            Type::List(item) | Type::Set(item) => {
                FieldType::Repeated { item: self.record(item), packed: self.is_packed(item) }
            }
            Type::Array(list, _) if **list != Type::Bytes => self.field(list),
            Type::Map(key, item) if self.is_key(key) && self.schema.starts_at_zero(item) => {
                FieldType::Map(self.record(key), self.record(item))
            }
            Type::Map(key, item) => {
                FieldType::Repeated { item: self.entry(key, item), packed: false }
            }
            one => FieldType::Optional(self.record(one)),
        }
    }

    /// The type of exactly one record.
    fn record(&mut self, value: &Type) -> RecordType {
        match value {
            Type::Bool => RecordType::Bool,
            Type::Int { bits: 128, .. } | Type::TextOf(_) | Type::Text | Type::Uuid => {
                RecordType::Text
            }
            Type::Json => {
                self.imports.insert("struct");
                RecordType::Json
            }
            Type::Int { bits, signed, encoding } => {
                RecordType::Int { bits: *bits, signed: *signed, encoding: *encoding }
            }
            Type::Float { bits } => RecordType::Float { bits: *bits },
            Type::Bytes => RecordType::Bytes,
            Type::Array(inner, _) if **inner == Type::Bytes => RecordType::Bytes,
            Type::Duration => {
                self.imports.insert("duration");
                RecordType::Duration
            }
            Type::Timestamp => {
                self.imports.insert("timestamp");
                RecordType::Timestamp
            }
            Type::Named(name) | Type::Oneof(name) if self.is_enumeration(name) => {
                RecordType::Enumeration(name.clone())
            }
            Type::Named(name) | Type::Oneof(name) => RecordType::Message(name.clone()),
            Type::Boxed(inner) => self.record(inner),
            Type::Option(_) => self.wrapper(value, "value"),
            Type::List(_) | Type::Set(_) | Type::Array(..) => self.wrapper(value, "items"),
            Type::Map(..) => self.wrapper(value, "entries"),
            Type::Tuple(items) => self.tuple(value, items),
        }
    }

    /// Whether Protocol Buffers takes a type as the key of a map.
    fn is_key(&self, key: &Type) -> bool {
        !matches!(key, Type::Named(name) if self.is_enumeration(name))
    }

    fn is_enumeration(&self, name: &str) -> bool {
        self.schema.get(name).is_some_and(|named| named.form == DeclarationKind::Enumeration)
    }

    fn is_packed(&self, item: &Type) -> bool {
        match item {
            Type::Int { bits: 128, .. } => false,
            Type::Bool | Type::Int { .. } | Type::Float { .. } => true,
            Type::Named(name) => self.is_enumeration(name),
            _ => false,
        }
    }

    /// The message of a map's entry, for a map that protoc does not accept as one.
    fn entry(&mut self, key: &Type, item: &Type) -> RecordType {
        let name = format!("{}{}", structural(key), structural(item));
        self.message(&format!("{key} to {item}"), &format!("Pair{name}"), |draft| {
            vec![
                generated("key", 1, FieldType::Optional(draft.record(key))),
                generated("value", 2, FieldType::Optional(draft.record(item))),
            ]
        })
    }

    /// A message with the value as its field 1.
    fn wrapper(&mut self, value: &Type, field: &str) -> RecordType {
        self.message(&value.to_string(), &structural(value), |draft| {
            vec![generated(field, 1, draft.field(value))]
        })
    }

    fn tuple(&mut self, value: &Type, items: &[Type]) -> RecordType {
        self.message(&value.to_string(), &structural(value), |draft| {
            let field = |(item, number): (&Type, u32)| {
                generated(&element(number), number, draft.field(item))
            };
            items.iter().zip(1..).map(field).collect()
        })
    }

    fn empty(&mut self) -> RecordType {
        if let Some(known) = self.messages.get("()") {
            return RecordType::Message(known.name.clone());
        }
        RecordType::Message(self.enter("()", "Empty", "No data.".to_owned()))
    }

    fn message(
        &mut self,
        held: &str,
        wanted: &str,
        fields: impl FnOnce(&mut Self) -> Vec<ProtoField>,
    ) -> RecordType {
        if let Some(known) = self.messages.get(held) {
            return RecordType::Message(known.name.clone());
        }
        let name = self.enter(held, wanted, format!("`{held}` as a message."));
        let parts = fields(self).into_iter().map(ProtoMember::Field).collect();
        if let Some(entered) = self.messages.get_mut(held) {
            entered.body = ProtoBody::Message(parts);
        }
        RecordType::Message(name)
    }

    /// Enters a message without fields.
    fn enter(&mut self, held: &str, wanted: &str, docs: String) -> String {
        let name = self.names.reserve(wanted);
        let declared = ProtoDeclaration {
            docs,
            name: name.clone(),
            generated_for: Some(held.to_owned()),
            open: false,
            remark: Some(GENERATED.to_owned()),
            body: ProtoBody::Message(Vec::new()),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            reserved_remark: None,
        };
        self.messages.insert(held.to_owned(), declared);
        name
    }
}

/// The name on a line without an option for it.
fn plain_name(member: &Member) -> String {
    if member.keys.is_empty() { member.name.clone() } else { ascii(&member.name) }
}

/// A field by the name of its member.
fn named(member: &Member, value: FieldType, names: &mut FieldNames) -> ProtoField {
    let is_map = matches!(value, FieldType::Map(..));
    let key = member.keys.first().map(String::as_str);
    let FieldName { name, json_name } = names.field(&member.name, key, is_map);
    let docs = member.docs.clone();
    ProtoField { docs, name, number: member.number, value, default: None, json_name, remark: None }
}

/// The keys in JSON behind a type, if they are not just the name: `String as "$schema", "schema"`. And the name in
/// Rust, if it is another than the one that the line shows.
fn keys(member: &Member, shown: &str) -> String {
    let keys: Vec<String> = member.keys.iter().map(|key| quoted(key.as_bytes())).collect();
    let name = if shown == member.name { String::new() } else { format!(" of {}", member.name) };
    let flattened = if member.flatten { " flattened" } else { "" };
    let other = if member.other { " or any" } else { "" };
    let keys = if keys.is_empty() { String::new() } else { format!(" as {}", keys.join(", ")) };
    format!("{keys}{name}{flattened}{other}")
}

/// A field that no Rust type declares.
fn generated(name: &str, number: u32, value: FieldType) -> ProtoField {
    let (docs, name) = (String::new(), name.to_owned());
    ProtoField { docs, name, number, value, default: None, json_name: None, remark: None }
}

/// The remark on the line that opens a type.
fn remarks(declared: &Declaration) -> Option<String> {
    let mut parts = Vec::new();
    if declared.form == (DeclarationKind::Structure { open: true }) {
        parts.push("open".to_owned());
    }
    if declared.layout != VariantLayout::External {
        parts.push(declared.layout.to_string());
    }
    if declared.form == DeclarationKind::Whole {
        parts.push("whole".to_owned());
    }
    if !declared.uses.is_empty() {
        let uses = declared.uses.iter().map(|used| {
            let ways = match (used.input, used.output) {
                (true, false) => "in",
                (false, true) => "out",
                _ => "in, out",
            };
            format!("{} ({ways})", used.model)
        });
        parts.push(format!("model: {}", uses.collect::<Vec<_>>().join(", ")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn name_values(schema: &Schema, names: &mut UniqueNames) -> BTreeMap<(usize, usize), String> {
    let mut values = BTreeMap::new();
    for (at, declared) in schema.types.iter().enumerate() {
        if declared.form == DeclarationKind::Enumeration {
            for (index, member) in declared.members.iter().enumerate() {
                let wanted = format!("{}_{}", screaming(&declared.name), screaming(&member.name));
                values.insert((at, index), names.reserve(&wanted));
            }
        }
    }
    values
}
