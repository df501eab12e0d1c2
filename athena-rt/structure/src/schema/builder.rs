//! Builds a schema from descriptions of types: the paths of types become names.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{UniqueNames, ascii};
use super::schema::{Declaration, DeclarationKind, HIDDEN, Member, ModelUse, Schema, Type};
use crate::shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Variant,
};

/// Collects the types that models accept and return.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    shapes: Shapes,
    uses: BTreeMap<&'static str, BTreeMap<String, ModelUse>>,
}

impl SchemaBuilder {
    /// Adds a model.
    pub fn model(
        &mut self,
        id: &str,
        input: impl FnOnce(&mut Shapes) -> Shape,
        output: impl FnOnce(&mut Shapes) -> Shape,
    ) {
        let (input, output) = (input(&mut self.shapes), output(&mut self.shapes));
        for (shape, is_input) in [(input, true), (output, false)] {
            let Shape::Named(key) = shape else { continue };
            let known = self.uses.entry(key).or_default().entry(id.to_owned());
            let known = known.or_insert_with(|| ModelUse {
                model: id.to_owned(),
                input: false,
                output: false,
            });
            known.input |= is_input;
            known.output |= !is_input;
        }
    }

    /// The schema of a package, types in the order met.
    pub fn build(&self, package: &str) -> Schema {
        let names = self.names();
        let types = self.shapes.iter().map(|(key, definition)| Declaration {
            uses: self
                .uses
                .get(key)
                .map(|uses| uses.values().cloned().collect())
                .unwrap_or_default(),
            ..declared(&names, &self.shapes, key, definition)
        });
        Schema { package: ascii(package).replace("_u2d_", "_"), types: types.collect() }
    }

    /// One name per type. Types of one name in several modules are distinguished by numbers, in the order
    /// of their paths.
    fn names(&self) -> BTreeMap<&'static str, String> {
        let carriers = self.carriers();
        let mut wanted: Vec<(bool, String, &'static str)> = self
            .shapes
            .iter()
            .map(|(key, definition)| match carriers.get(key) {
                Some(name) => (true, name.clone(), key),
                None => (false, ascii(definition.name()), key),
            })
            .collect();
        wanted.sort();
        let mut names = UniqueNames::new();
        wanted.into_iter().map(|(_, name, key)| (key, names.reserve(&name))).collect()
    }

    /// The names of the types that hold the fields of a variant: `PaymentCard`, of `Payment::Card`.
    fn carriers(&self) -> BTreeMap<&'static str, String> {
        let mut carriers = BTreeMap::new();
        for (owner, definition) in self.shapes.iter() {
            let Definition::Enumeration(shape) = definition else { continue };
            for variant in &shape.variants {
                if let Some(Shape::Named(key)) = variant.data
                    && key.strip_prefix(owner).and_then(|rest| rest.strip_prefix("::"))
                        == Some(variant.declared)
                {
                    carriers.insert(key, ascii(&format!("{}{}", shape.name, variant.declared)));
                }
            }
        }
        carriers
    }
}

impl Definition {
    fn name(&self) -> &'static str {
        match self {
            Self::Structure(shape) => shape.name,
            Self::Enumeration(shape) => shape.name,
        }
    }
}

fn declared(
    names: &BTreeMap<&'static str, String>,
    shapes: &Shapes,
    key: &str,
    definition: &Definition,
) -> Declaration {
    let (docs, form, members, reserved, reserved_names) = match definition {
        Definition::Structure(StructureShape {
            docs,
            open,
            reserved,
            reserved_names,
            fields,
            ..
        }) => {
            let fields = fields.iter().map(|one| field(names, shapes, one)).collect();
            (docs, DeclarationKind::Structure { open: *open }, fields, reserved, reserved_names)
        }
        Definition::Enumeration(EnumShape { docs, reserved, reserved_names, variants, .. }) => {
            let holds = variants.iter().any(|variant| variant.data.is_some());
            let form = if holds { DeclarationKind::Choice } else { DeclarationKind::Enumeration };
            let variants: Vec<Member> = variants.iter().map(|one| variant(names, one)).collect();
            (docs, form, variants, reserved, reserved_names)
        }
    };
    Declaration {
        name: names.get(key).cloned().unwrap_or_default(),
        docs: plain(docs),
        form,
        uses: Vec::new(),
        members,
        reserved: reserved.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
        reserved_names: reserved_names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

fn field(names: &BTreeMap<&'static str, String>, shapes: &Shapes, field: &Field) -> Member {
    if field.oneof {
        return oneof(names, shapes, field);
    }
    let hidden = |default: &String| if field.secret { HIDDEN.to_owned() } else { default.clone() };
    Member {
        name: field.declared.to_owned(),
        keys: keys(field.declared, field.name, field.aliases),
        number: field.number,
        docs: plain(field.docs),
        value: Some(value(names, &field.shape, field.encoding)),
        required: field.required,
        default: field.default.as_ref().map(hidden),
    }
}

/// The keys in JSON, if they are not just the name.
fn keys(name: &str, key: &str, aliases: &[&str]) -> Vec<String> {
    if name == key && aliases.is_empty() {
        return Vec::new();
    }
    std::iter::once(&key).chain(aliases).map(|key| (*key).to_owned()).collect()
}

/// An `Option` of an enum whose variants are fields of the message.
fn oneof(names: &BTreeMap<&'static str, String>, shapes: &Shapes, field: &Field) -> Member {
    let key = match &field.shape {
        Shape::Option(inner) => match **inner {
            Shape::Named(key) => key,
            _ => "",
        },
        _ => "",
    };
    let first = match shapes.get(key) {
        Some(Definition::Enumeration(shape)) => shape.variants.first().map(|first| first.number),
        _ => None,
    };
    Member {
        name: field.declared.to_owned(),
        keys: keys(field.declared, field.name, field.aliases),
        number: first.unwrap_or_default(),
        docs: plain(field.docs),
        value: Some(Type::Oneof(names.get(key).cloned().unwrap_or_default())),
        required: false,
        default: None,
    }
}

fn variant(names: &BTreeMap<&'static str, String>, variant: &Variant) -> Member {
    Member {
        name: variant.declared.to_owned(),
        keys: keys(variant.declared, variant.name, variant.aliases),
        number: variant.number,
        docs: plain(variant.docs),
        value: variant.data.as_ref().map(|data| value(names, data, Encoding::Plain)),
        required: false,
        default: None,
    }
}

fn value(names: &BTreeMap<&'static str, String>, shape: &Shape, encoding: Encoding) -> Type {
    let inner = |shape: &Shape| Box::new(value(names, shape, encoding));
    match shape {
        Shape::Bool => Type::Bool,
        Shape::Int { bits, signed } => Type::Int { bits: *bits, signed: *signed, encoding },
        Shape::Float { bits } => Type::Float { bits: *bits },
        Shape::Text => Type::Text,
        Shape::Bytes => Type::Bytes,
        Shape::Option(shape) => Type::Option(inner(shape)),
        Shape::List(shape) => Type::List(inner(shape)),
        Shape::Array(shape, length) => Type::Array(inner(shape), *length),
        Shape::Map(key, value) => Type::Map(inner(key), inner(value)),
        Shape::Boxed(shape) => Type::Boxed(inner(shape)),
        // The elements of a tuple are fields of their own, of the plain form.
        Shape::Tuple(items) => {
            Type::Tuple(items.iter().map(|item| value(names, item, Encoding::Plain)).collect())
        }
        Shape::Duration => Type::Duration,
        Shape::Timestamp => Type::Timestamp,
        Shape::Uuid => Type::Uuid,
        Shape::Named(key) => Type::Named(names.get(key).cloned().unwrap_or_default()),
    }
}

/// Documentation as comment lines can contain it.
fn plain(docs: &str) -> String {
    let lines: Vec<String> = docs
        .lines()
        .map(|line| {
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
