//! Which fields the messages of a type have in its `.proto` file: the schema, laid out to be
//! walked by number and by name.

use std::collections::BTreeMap;

use crate::schema::{Builder, Declared, Form, Schema, Type, ascii, value_names};
use crate::{Encoding, Structure};

/// The messages and enums that a type is made of.
pub(super) struct Plan {
    pub(super) messages: Vec<Message>,
    pub(super) enums: Vec<Vec<Value>>,
    /// The message that is the type itself.
    pub(super) root: usize,
}

pub(super) struct Message {
    pub(super) name: String,
    /// Whether unknown fields pass.
    pub(super) open: bool,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) number: u32,
    /// The name that is written.
    pub(super) json: String,
    /// Others that are read.
    pub(super) names: [String; 2],
    pub(super) label: Label,
    pub(super) kind: Kind,
    /// The `oneof` it is a member of.
    pub(super) oneof: Option<u32>,
}

#[derive(Clone, Copy)]
pub(super) enum Label {
    One,
    List,
    /// By keys of a kind.
    Map(Kind),
}

/// What one record holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Bool,
    Int { bits: u8, signed: bool, encoding: Encoding },
    Float { bits: u8 },
    Text,
    Bytes,
    Duration,
    Timestamp,
    Enum(usize),
    Message(usize),
}

/// A value of an enum.
pub(super) struct Value {
    pub(super) number: i32,
    /// Its name in the `.proto` file.
    pub(super) name: String,
    /// Its name in Rust.
    pub(super) declared: String,
}

impl Plan {
    pub(super) fn of<T: Structure>() -> Self {
        let mut builder = Builder::default();
        builder.model("", T::shape, T::shape);
        let schema = builder.build("");
        let mut layout = Layout {
            values: value_names(&schema),
            schema: &schema,
            kinds: BTreeMap::new(),
            generated: BTreeMap::new(),
            plan: Self { messages: Vec::new(), enums: Vec::new(), root: 0 },
        };
        layout.lay_out();
        layout.plan
    }
}

struct Layout<'a> {
    schema: &'a Schema,
    values: BTreeMap<(usize, usize), String>,
    kinds: BTreeMap<&'a str, Kind>,
    /// Messages that no Rust type declares, by what they hold.
    generated: BTreeMap<String, usize>,
    plan: Plan,
}

impl<'a> Layout<'a> {
    fn lay_out(&mut self) {
        let schema = self.schema;
        // All names first: types mention each other in any order.
        for (at, declared) in schema.types.iter().enumerate() {
            let kind = if declared.form == Form::Enumeration {
                let values = declared.members.iter().enumerate().map(|(index, member)| Value {
                    number: member.number.cast_signed(),
                    name: self.values.get(&(at, index)).cloned().unwrap_or_default(),
                    declared: member.name.clone(),
                });
                let values = values.collect();
                self.plan.enums.push(values);
                Kind::Enum(self.plan.enums.len() - 1)
            } else {
                let open = declared.form == Form::Structure { open: true };
                Kind::Message(self.message(&declared.name, open))
            };
            self.kinds.insert(&declared.name, kind);
        }
        for declared in &schema.types {
            if let Some(Kind::Message(at)) = self.kinds.get(declared.name.as_str()).copied() {
                let fields = self.fields(declared);
                self.plan.messages[at].fields = fields;
            }
        }
        let root = schema.data_of("", true).and_then(|name| self.kinds.get(name));
        if let Some(Kind::Message(root)) = root {
            self.plan.root = *root;
        }
    }

    fn message(&mut self, name: &str, open: bool) -> usize {
        self.plan.messages.push(Message { name: name.to_owned(), open, fields: Vec::new() });
        self.plan.messages.len() - 1
    }

    fn fields(&mut self, declared: &'a Declared) -> Vec<Field> {
        let mut fields = Vec::new();
        for (member, at) in declared.members.iter().zip(1..) {
            if let Some(Type::Oneof(name)) = &member.value {
                let variants = self.schema.get(name).map(|found| self.fields(found));
                let variants = variants.unwrap_or_default().into_iter();
                fields.extend(variants.map(|field| Field { oneof: Some(at), ..field }));
                continue;
            }
            let (label, kind) = match &member.value {
                Some(value) if declared.form == Form::Choice => (Label::One, self.record(value)),
                Some(value) => self.field(value),
                None => (Label::One, self.generated("()", |_| Vec::new())),
            };
            let oneof = (declared.form == Form::Choice).then_some(0);
            fields.push(Field { oneof, ..named(&member.name, member.number, label, kind) });
        }
        fields
    }

    fn field(&mut self, value: &Type) -> (Label, Kind) {
        match value {
            Type::Option(inner) => (Label::One, self.record(inner)),
            Type::List(item) => (Label::List, self.record(item)),
            Type::Array(list, _) if **list != Type::Bytes => self.field(list),
            Type::Map(key, item) if self.schema.starts_at_zero(item) => {
                (Label::Map(self.record(key)), self.record(item))
            }
            Type::Map(key, item) => (Label::List, self.entry(key, item)),
            one => (Label::One, self.record(one)),
        }
    }

    fn record(&mut self, value: &Type) -> Kind {
        match value {
            Type::Bool => Kind::Bool,
            Type::Int { bits, signed, encoding } => {
                Kind::Int { bits: *bits, signed: *signed, encoding: *encoding }
            }
            Type::Float { bits } => Kind::Float { bits: *bits },
            Type::Text | Type::Uuid => Kind::Text,
            Type::Bytes => Kind::Bytes,
            Type::Array(inner, _) if **inner == Type::Bytes => Kind::Bytes,
            Type::Duration => Kind::Duration,
            Type::Timestamp => Kind::Timestamp,
            // Every name in a schema is that of a type in it.
            Type::Named(name) | Type::Oneof(name) => {
                self.kinds.get(name.as_str()).copied().unwrap_or(Kind::Message(0))
            }
            Type::Boxed(inner) => self.record(inner),
            Type::Option(_) => self.wrapper(value, "value"),
            Type::List(_) | Type::Array(..) => self.wrapper(value, "items"),
            Type::Map(..) => self.wrapper(value, "entries"),
            Type::Tuple(items) => self.generated(&value.to_string(), |layout| {
                let field = |(item, number): (&Type, u32)| {
                    let (label, kind) = layout.field(item);
                    named(&format!("item_{number}"), number, label, kind)
                };
                items.iter().zip(1..).map(field).collect()
            }),
        }
    }

    fn wrapper(&mut self, value: &Type, name: &str) -> Kind {
        self.generated(&value.to_string(), |layout| {
            let (label, kind) = layout.field(value);
            vec![named(name, 1, label, kind)]
        })
    }

    fn entry(&mut self, key: &Type, item: &Type) -> Kind {
        self.generated(&format!("{key} to {item}"), |layout| {
            vec![
                named("key", 1, Label::One, layout.record(key)),
                named("value", 2, Label::One, layout.record(item)),
            ]
        })
    }

    fn generated(&mut self, held: &str, fields: impl FnOnce(&mut Self) -> Vec<Field>) -> Kind {
        if let Some(at) = self.generated.get(held) {
            return Kind::Message(*at);
        }
        let at = self.message(held, false);
        self.generated.insert(held.to_owned(), at);
        let fields = fields(self);
        self.plan.messages[at].fields = fields;
        Kind::Message(at)
    }
}

fn named(name: &str, number: u32, label: Label, kind: Kind) -> Field {
    let plain = ascii(name);
    // A name that Protocol Buffers can't write is kept by an option in the `.proto` file.
    let json = if plain == name { camel(name) } else { name.to_owned() };
    Field { number, json, names: [name.to_owned(), plain], label, kind, oneof: None }
}

/// `unit_price` as `unitPrice`.
fn camel(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            text.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    text
}
