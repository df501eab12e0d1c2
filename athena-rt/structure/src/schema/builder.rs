//! Builds a schema from descriptions of types: the paths of types become names.

use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::collect::{insert_all, sort_by};

use super::names::{UniqueNames, ascii, element, package_name};
use super::schema::{
    Declaration, DeclarationKind, HIDDEN, Member, ModelUse, Schema, Type, VariantLayout,
};
use super::type_names::structural;
use crate::description::TypeDescription;
use crate::shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tagging, Variant,
};
use crate::type_label::{as_word, with_arguments};

/// Collects the types that models accept and return.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    shapes: Shapes,
    /// The types that models accept or return, each with the model, and whether it accepts it.
    roots: Vec<(Shape, String, bool)>,
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
        self.roots.extend([(input, id.to_owned(), true), (output, id.to_owned(), false)]);
    }

    /// The schema of a package, types in the order met.
    pub fn build(&self, package: &str) -> Schema {
        let (names, mut taken) = self.names();
        let mut types: Vec<Declaration> = self
            .shapes
            .iter()
            .map(|(key, definition)| declared(&names, &self.shapes, key, definition))
            .collect();
        let mut wholes: BTreeMap<String, String> = BTreeMap::new();
        for (shape, model, is_input) in &self.roots {
            // A value on the heap is the message that it is elsewhere.
            let shape = if let Shape::Boxed(inner) = shape { inner } else { shape };
            let name = match shape {
                Shape::Named(key) if self.is_message(key) => names.get(key).cloned(),
                _ => {
                    let value = value(&names, shape, Encoding::Plain);
                    let known = wholes.entry(value.to_string()).or_insert_with(|| {
                        let name = taken.reserve(&format!("{}Message", structural(&value)));
                        types.push(whole(&name, value));
                        name
                    });
                    Some(known.clone())
                }
            };
            let declared = types.iter_mut().find(|declared| Some(&declared.name) == name.as_ref());
            if let Some(declared) = declared {
                note_use(&mut declared.uses, model, *is_input);
            }
        }
        Schema { package: package_name(package), types }
    }

    /// Whether a type is a message by itself: a unit-only enum is not.
    fn is_message(&self, key: &str) -> bool {
        match self.shapes.get(key) {
            Some(Definition::Enumeration(shape)) => shape.holds_data(),
            _ => true,
        }
    }

    /// One name per type. Types of one name in several modules are distinguished by numbers, in the order
    /// of their paths; a type that is called so comes before one whose name is made of several.
    fn names(&self) -> (BTreeMap<&'static str, String>, UniqueNames) {
        let carriers = self.carriers();
        let mut wanted: Vec<(u8, String, &'static str)> = self
            .shapes
            .iter()
            .map(|(key, definition)| {
                if let Some(name) = carriers.get(key) {
                    return (2, name.clone(), key);
                }
                let word = as_word(definition.name(), key);
                (u8::from(word != definition.name()), ascii(&word), key)
            })
            .collect();
        sort_by(&mut wanted, Ord::cmp);
        let wanted: Vec<(String, &str)> =
            wanted.into_iter().map(|(_, name, key)| (name, key)).collect();
        let mut names = UniqueNames::new();
        (names.assign(&wanted), names)
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
                    let owner = as_word(shape.name, owner);
                    carriers.insert(key, ascii(&format!("{owner}{}", variant.declared)));
                }
            }
        }
        carriers
    }
}

/// A type as a lock writes it: `Vec<Order>`.
pub fn type_name(described: &TypeDescription) -> String {
    let names = described
        .shapes
        .iter()
        .map(|(key, definition)| (key, with_arguments(definition.name(), key)));
    value(&insert_all(names), &described.shape, Encoding::Plain).to_string()
}

/// A message that is one value, whose JSON is that of the value. The elements of a tuple are its fields.
fn whole(name: &str, value: Type) -> Declaration {
    let member = |name: String, number, value, required| Member {
        name,
        keys: Vec::new(),
        flatten: false,
        other: false,
        number,
        docs: String::new(),
        value: Some(value),
        required,
        default: None,
        examples: Vec::new(),
    };
    let field = match &value {
        Type::List(_) | Type::Set(_) | Type::Array(..) => "items",
        Type::Map(..) => "entries",
        _ => "value",
    };
    let members = match value {
        Type::Tuple(items) => items
            .into_iter()
            .zip(1..)
            .map(|(item, number)| member(element(number), number, item, true))
            .collect(),
        value => vec![member(field.to_owned(), 1, value, false)],
    };
    Declaration {
        name: name.to_owned(),
        docs: String::new(),
        form: DeclarationKind::Whole,
        layout: VariantLayout::External,
        uses: Vec::new(),
        members,
        reserved: Vec::new(),
        reserved_names: Vec::new(),
    }
}

/// Notes that a model accepts or returns a type; models stay sorted.
fn note_use(uses: &mut Vec<ModelUse>, model: &str, is_input: bool) {
    let at = match uses.binary_search_by(|used| used.model.as_str().cmp(model)) {
        Ok(at) => at,
        Err(at) => {
            uses.insert(at, ModelUse { model: model.to_owned(), input: false, output: false });
            at
        }
    };
    uses[at].input |= is_input;
    uses[at].output |= !is_input;
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
        Definition::Enumeration(shape) => {
            let EnumShape { docs, reserved, reserved_names, variants, .. } = shape;
            let form = if shape.holds_data() {
                DeclarationKind::Choice
            } else {
                DeclarationKind::Enumeration
            };
            let variants: Vec<Member> = variants.iter().map(|one| variant(names, one)).collect();
            (docs, form, variants, reserved, reserved_names)
        }
    };
    Declaration {
        name: names.get(key).cloned().unwrap_or_default(),
        docs: plain(docs),
        form,
        layout: layout(definition),
        uses: Vec::new(),
        members,
        reserved: insert_all::<BTreeSet<_>, _>(reserved.iter().copied()).into_iter().collect(),
        reserved_names: insert_all::<BTreeSet<_>, _>(
            reserved_names.iter().map(|name| (*name).to_owned()),
        )
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
        flatten: field.flatten,
        other: false,
        number: field.number,
        docs: plain(field.docs),
        value: Some(keyed_value(names, &field.shape, field.key_encoding, field.encoding)),
        required: field.required,
        default: field.default.as_ref().map(hidden),
        examples: field.examples.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// The layout of the variants of a type in JSON.
fn layout(definition: &Definition) -> VariantLayout {
    let Definition::Enumeration(shape) = definition else { return VariantLayout::External };
    match shape.tagging {
        Tagging::External => VariantLayout::External,
        Tagging::Internal { tag } => VariantLayout::Internal(tag.to_owned()),
        Tagging::Adjacent { tag, content } => {
            VariantLayout::Adjacent(tag.to_owned(), content.to_owned())
        }
        Tagging::Untagged => VariantLayout::Untagged,
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
        flatten: field.flatten,
        other: false,
        number: first.unwrap_or_default(),
        docs: plain(field.docs),
        value: Some(Type::Oneof(names.get(key).cloned().unwrap_or_default())),
        required: false,
        default: None,
        examples: Vec::new(),
    }
}

fn variant(names: &BTreeMap<&'static str, String>, variant: &Variant) -> Member {
    Member {
        name: variant.declared.to_owned(),
        keys: keys(variant.declared, variant.name, variant.aliases),
        flatten: false,
        other: variant.other,
        number: variant.number,
        docs: plain(variant.docs),
        value: variant.data.as_ref().map(|data| value(names, data, variant.encoding)),
        required: false,
        default: None,
        examples: Vec::new(),
    }
}

fn value(names: &BTreeMap<&'static str, String>, shape: &Shape, encoding: Encoding) -> Type {
    keyed_value(names, shape, encoding, encoding)
}

/// A type whose first map has keys of one encoding and values of another.
fn keyed_value(
    names: &BTreeMap<&'static str, String>,
    shape: &Shape,
    key_encoding: Encoding,
    encoding: Encoding,
) -> Type {
    let inner = |shape: &Shape| Box::new(keyed_value(names, shape, key_encoding, encoding));
    match shape {
        Shape::Bool => Type::Bool,
        Shape::Int { bits, signed } => Type::Int { bits: *bits, signed: *signed, encoding },
        Shape::Float { bits } => Type::Float { bits: *bits },
        Shape::Text => Type::Text,
        Shape::Bytes => Type::Bytes,
        Shape::Option(shape) => Type::Option(inner(shape)),
        Shape::List(shape) => Type::List(inner(shape)),
        Shape::Array(shape, length) => Type::Array(inner(shape), *length),
        Shape::Map(key, item) => Type::Map(
            Box::new(value(names, key, key_encoding)),
            Box::new(value(names, item, encoding)),
        ),
        Shape::Boxed(shape) => Type::Boxed(inner(shape)),
        // The elements of a tuple are fields of their own, of the plain form.
        Shape::Tuple(items) => {
            Type::Tuple(items.iter().map(|item| value(names, item, Encoding::Plain)).collect())
        }
        Shape::Duration => Type::Duration,
        Shape::Timestamp => Type::Timestamp,
        Shape::Uuid => Type::Uuid,
        Shape::TextOf(name) => Type::TextOf((*name).to_owned()),
        Shape::Set(shape) => Type::Set(inner(shape)),
        Shape::Json => Type::Json,
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
