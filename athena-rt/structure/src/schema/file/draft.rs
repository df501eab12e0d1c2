//! From a schema to what its file declares.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::literal::literal;
use super::super::names::{Names, ascii, screaming};
use super::super::tree::{self, Form, HIDDEN, Member, Schema, Type};
use super::types::{int, structural};
use super::{Body, Declared, Field, File, GENERATED, Kind, Part, Value};

/// A file in the making.
pub(super) struct Draft<'a> {
    schema: &'a Schema,
    names: Names,
    /// Names of the values of enums, by place of the enum and of the value.
    pub(super) values: BTreeMap<(usize, usize), String>,
    /// Messages that no Rust type declares, by what they hold.
    messages: BTreeMap<String, Declared>,
    imports: BTreeSet<&'static str>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        let mut names = Names::new();
        for declared in &schema.types {
            names.give(&declared.name);
        }
        let values = name_values(schema, &mut names);
        Self { schema, names, values, messages: BTreeMap::new(), imports: BTreeSet::new() }
    }

    /// The file: what Rust declares, then what it doesn't, by name.
    pub(super) fn finish(mut self) -> File {
        let declared = self.schema.types.iter().enumerate();
        let mut types: Vec<Declared> =
            declared.map(|(at, declared)| self.declared(at, declared)).collect();
        let mut generated: Vec<Declared> = self.messages.into_values().collect();
        generated.sort_by(|one, other| one.name.cmp(&other.name));
        types.extend(generated);
        File { package: self.schema.package.clone(), imports: self.imports, types }
    }

    fn declared(&mut self, at: usize, declared: &tree::Declared) -> Declared {
        let members = declared.members.iter().enumerate();
        let body = match declared.form {
            Form::Enumeration => Body::Enumeration(
                members
                    .map(|(index, member)| Value {
                        docs: member.docs.clone(),
                        name: self.values.get(&(at, index)).cloned().unwrap_or_default(),
                        number: member.number,
                        remark: member.name.clone(),
                    })
                    .collect(),
            ),
            Form::Choice => {
                let name =
                    if declared.member("variant").is_some() { "variant_" } else { "variant" };
                let fields = declared.members.iter().map(|member| self.variant(member)).collect();
                let (docs, name) = (String::new(), name.to_owned());
                Body::Message(vec![Part::Oneof { docs, name, remark: None, fields }])
            }
            Form::Structure { .. } => {
                Body::Message(declared.members.iter().map(|member| self.part(member)).collect())
            }
        };
        let known = |name: &String| match declared.form {
            Form::Enumeration => format!("{}_{}", screaming(&declared.name), screaming(name)),
            _ => ascii(name),
        };
        let reserved_names: Vec<String> = declared.reserved_names.iter().map(known).collect();
        let differ = reserved_names != declared.reserved_names;
        Declared {
            docs: declared.docs.clone(),
            name: declared.name.clone(),
            remark: remarks(declared),
            body,
            reserved: declared.reserved.clone(),
            reserved_names,
            reserved_remark: differ.then(|| declared.reserved_names.join(", ")),
        }
    }

    fn part(&mut self, member: &Member) -> Part {
        match &member.value {
            Some(Type::Oneof(held)) => self.oneof(member, held),
            Some(value) => Part::Field(self.member(member, value)),
            None => Part::Field(self.variant(member)),
        }
    }

    /// The variants of an enum as fields of the message around it. A lock takes them from the enum.
    fn oneof(&mut self, member: &Member, held: &str) -> Part {
        let schema = self.schema;
        let variants = schema.get(held).map_or(&[][..], |declared| &declared.members);
        Part::Oneof {
            docs: member.docs.clone(),
            name: ascii(&member.name),
            remark: Some(format!("{}: Oneof<{held}>", member.name)),
            fields: variants.iter().map(|variant| self.variant(variant)).collect(),
        }
    }

    /// A variant of an enum with data.
    fn variant(&mut self, member: &Member) -> Field {
        let (kind, remark) = match &member.value {
            None => (self.empty(), "()".to_owned()),
            Some(value) => (self.record(value), value.to_string()),
        };
        Field { remark: Some(remark), ..named(member, Kind::Bare(kind)) }
    }

    fn member(&mut self, member: &Member, value: &Type) -> Field {
        let kind = self.field(value);
        let shown = member.default.as_ref().filter(|default| *default != HIDDEN);
        let default = shown.and_then(|default| {
            literal(value, default).or_else(|| self.value_named(value, default))
        });
        let mut remark = value.to_string();
        if let Some(default) = &member.default {
            let _ = write!(remark, " = {default}");
        }
        if member.required {
            remark.push_str(", required");
        }
        Field { default, remark: Some(remark), ..named(member, kind) }
    }

    /// The value of an enum that a default in JSON names.
    fn value_named(&self, value: &Type, default: &str) -> Option<String> {
        let Type::Named(name) = value else { return None };
        let at = self.schema.types.iter().position(|declared| declared.name == *name)?;
        let variant: String = serde_json::from_str(default).ok()?;
        let index =
            self.schema.types[at].members.iter().position(|member| member.name == variant)?;
        self.values.get(&(at, index)).cloned()
    }

    /// What a field of its own holds.
    fn field(&mut self, value: &Type) -> Kind {
        match value {
            Type::Option(inner) => Kind::Optional(self.record(inner)),
            Type::List(item) => {
                Kind::Repeated { item: self.record(item), packed: self.is_packed(item) }
            }
            Type::Array(list, _) if **list != Type::Bytes => self.field(list),
            Type::Map(key, item) if self.schema.starts_at_zero(item) => {
                Kind::Map(self.record(key), self.record(item))
            }
            Type::Map(key, item) => Kind::Repeated { item: self.entry(key, item), packed: false },
            one => Kind::Optional(self.record(one)),
        }
    }

    /// The type of exactly one record.
    fn record(&mut self, value: &Type) -> String {
        match value {
            Type::Bool => "bool".to_owned(),
            Type::Int { bits, signed, encoding } => int(*bits, *signed, *encoding).to_owned(),
            Type::Float { bits: 32 } => "float".to_owned(),
            Type::Float { .. } => "double".to_owned(),
            Type::Text => "string".to_owned(),
            Type::Bytes | Type::Uuid => "bytes".to_owned(),
            Type::Array(inner, _) if **inner == Type::Bytes => "bytes".to_owned(),
            Type::Duration => {
                self.imports.insert("duration");
                "google.protobuf.Duration".to_owned()
            }
            Type::Timestamp => {
                self.imports.insert("timestamp");
                "google.protobuf.Timestamp".to_owned()
            }
            // Inside a message with a map, protoc itself declares such a name.
            Type::Named(name) if name.ends_with("Entry") => {
                format!(".{}.{name}", self.schema.package)
            }
            Type::Named(name) | Type::Oneof(name) => name.clone(),
            Type::Boxed(inner) => self.record(inner),
            Type::Option(_) => self.wrapper(value, "value"),
            Type::List(_) | Type::Array(..) => self.wrapper(value, "items"),
            Type::Map(..) => self.wrapper(value, "entries"),
            Type::Tuple(items) => self.tuple(value, items),
        }
    }

    fn is_packed(&self, item: &Type) -> bool {
        match item {
            Type::Bool | Type::Int { .. } | Type::Float { .. } => true,
            Type::Named(name) => {
                self.schema.get(name).is_some_and(|named| named.form == Form::Enumeration)
            }
            _ => false,
        }
    }

    /// What a map is on the wire, where protoc takes no map.
    fn entry(&mut self, key: &Type, item: &Type) -> String {
        let name = format!("{}{}", structural(key), structural(item));
        self.message(&format!("{key} to {item}"), &format!("Pair{name}"), |draft| {
            vec![
                generated("key", 1, Kind::Optional(draft.record(key))),
                generated("value", 2, Kind::Optional(draft.record(item))),
            ]
        })
    }

    /// A message with the value as its field 1.
    fn wrapper(&mut self, value: &Type, field: &str) -> String {
        self.message(&value.to_string(), &structural(value), |draft| {
            vec![generated(field, 1, draft.field(value))]
        })
    }

    fn tuple(&mut self, value: &Type, items: &[Type]) -> String {
        self.message(&value.to_string(), &structural(value), |draft| {
            let field = |(item, number): (&Type, u32)| {
                generated(&format!("item_{number}"), number, draft.field(item))
            };
            items.iter().zip(1..).map(field).collect()
        })
    }

    fn empty(&mut self) -> String {
        if let Some(known) = self.messages.get("()") {
            return known.name.clone();
        }
        self.enter("()", "Empty", "No data.".to_owned())
    }

    fn message(
        &mut self,
        held: &str,
        wanted: &str,
        fields: impl FnOnce(&mut Self) -> Vec<Field>,
    ) -> String {
        if let Some(known) = self.messages.get(held) {
            return known.name.clone();
        }
        let name = self.enter(held, wanted, format!("`{held}` as a message."));
        let parts = fields(self).into_iter().map(Part::Field).collect();
        if let Some(entered) = self.messages.get_mut(held) {
            entered.body = Body::Message(parts);
        }
        name
    }

    /// Enters a message without fields.
    fn enter(&mut self, held: &str, wanted: &str, docs: String) -> String {
        let name = self.names.give(wanted);
        let declared = Declared {
            docs,
            name: name.clone(),
            remark: Some(GENERATED.to_owned()),
            body: Body::Message(Vec::new()),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            reserved_remark: None,
        };
        self.messages.insert(held.to_owned(), declared);
        name
    }
}

/// A field by the name of its member.
fn named(member: &Member, kind: Kind) -> Field {
    let name = ascii(&member.name);
    let json_name = (name != member.name).then(|| member.name.clone());
    let docs = member.docs.clone();
    Field { docs, name, number: member.number, kind, default: None, json_name, remark: None }
}

/// A field that no Rust type declares.
fn generated(name: &str, number: u32, kind: Kind) -> Field {
    let (docs, name) = (String::new(), name.to_owned());
    Field { docs, name, number, kind, default: None, json_name: None, remark: None }
}

/// What the line that opens a type says beside its name.
fn remarks(declared: &tree::Declared) -> Option<String> {
    let mut parts = Vec::new();
    if declared.form == (Form::Structure { open: true }) {
        parts.push("open".to_owned());
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

fn name_values(schema: &Schema, names: &mut Names) -> BTreeMap<(usize, usize), String> {
    let mut values = BTreeMap::new();
    for (at, declared) in schema.types.iter().enumerate() {
        if declared.form == Form::Enumeration {
            for (index, member) in declared.members.iter().enumerate() {
                let wanted = format!("{}_{}", screaming(&declared.name), screaming(&member.name));
                values.insert((at, index), names.give(&wanted));
            }
        }
    }
    values
}
