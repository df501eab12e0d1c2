//! Messages and enums of `.proto` files as items of Rust.

use std::collections::{BTreeMap, BTreeSet};

use protox::prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto,
};

use super::compile::Compiled;
use super::docs::{self, Docs};
use super::index::{DeclaredType, TypeIndex, TypeKind, WELL_KNOWN};
use super::names::{self, Names};
use crate::error::{Error, Result};

/// The largest number of reserved numbers that is written out; ranges up to the maximum are common.
const RESERVED: i32 = 1_000;

/// A struct or an enum.
#[derive(Debug)]
pub(super) struct RustItem {
    pub(super) docs: String,
    /// The arguments of `#[structure]`.
    pub(super) arguments: String,
    pub(super) name: String,
    pub(super) is_enum: bool,
    pub(super) members: Vec<RustMember>,
}

/// A field of a struct, or a variant of an enum.
#[derive(Debug)]
pub(super) struct RustMember {
    pub(super) docs: String,
    /// The attributes, a line each.
    pub(super) attributes: Vec<String>,
    pub(super) name: String,
    /// The type of a field, or of a variant's data.
    pub(super) ty: Option<String>,
}

/// The items of the files that were asked for, and those they use.
pub(super) fn items(compiled: &Compiled, names: &Names) -> Result<Vec<RustItem>> {
    let index = TypeIndex::new(compiled);
    let mut open: Vec<String> = Vec::new();
    for file in
        compiled.files.iter().filter(|file| compiled.asked.iter().any(|one| one == file.name()))
    {
        open.extend(index.order.iter().filter(|full| index.file_of(full) == file.name()).cloned());
    }
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut wanted = Vec::new();
    let mut next = 0;
    while let Some(full) = open.get(next).cloned() {
        next += 1;
        for used in index.uses(&full) {
            if seen.insert(used.clone()) {
                open.push(used);
            }
        }
        wanted.push(full);
    }
    let mut items = Vec::new();
    let mut taken = Names::new(compiled);
    for full in wanted {
        match index.types.get(&full) {
            Some(DeclaredType { kind: TypeKind::Message(message), file, path }) => {
                let context = MessageImport { index: &index, names, file, docs: Docs::new(file) };
                context.message(&full, message, path, &mut taken, &mut items)?;
            }
            Some(DeclaredType { kind: TypeKind::Enum(one), file, path }) => {
                items.push(enumeration(names.get(&full), one, file, path)?);
            }
            None => {}
        }
    }
    Ok(items)
}

/// What a message's fields are made by.
struct MessageImport<'a> {
    index: &'a TypeIndex<'a>,
    names: &'a Names,
    file: &'a FileDescriptorProto,
    docs: Docs,
}

impl MessageImport<'_> {
    fn message(
        &self,
        full: &str,
        message: &DescriptorProto,
        path: &[i32],
        taken: &mut Names,
        items: &mut Vec<RustItem>,
    ) -> Result<()> {
        let name = self.names.get(full).to_owned();
        let mut members = Vec::new();
        let mut oneofs: BTreeMap<i32, (String, Vec<RustMember>)> = BTreeMap::new();
        for (at, field) in (0..).zip(&message.field) {
            let path_of_field = [path, &[docs::FIELD, at]].concat();
            let docs = self.docs.at(&path_of_field);
            let locate = |error: Error| error.within(self.docs.place(&path_of_field));
            let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
            let Some(index) = oneof else {
                members.push(self.field(full, field, docs).map_err(locate)?);
                continue;
            };
            let (_, variants) = oneofs.entry(index).or_insert_with(|| {
                let declared =
                    usize::try_from(index).ok().and_then(|at| message.oneof_decl.get(at));
                let called = declared.map_or("", |oneof| oneof.name());
                let choice = taken.of_oneof(&name, called);
                members.push(RustMember {
                    docs: self.docs.at(&[path, &[docs::ONEOF, index]].concat()),
                    attributes: vec!["#[oneof]".to_owned()],
                    name: names::field(called),
                    ty: Some(format!("Option<{choice}>")),
                });
                (choice, Vec::new())
            });
            let called = names::variant(field.name(), variants.iter().map(|known| &known.name));
            variants.push(self.variant(full, field, called, docs).map_err(locate)?);
        }
        items.push(RustItem {
            docs: self.docs.at(path),
            arguments: reserved(message),
            name,
            is_enum: false,
            members,
        });
        items.extend(oneofs.into_values().map(|(name, members)| RustItem {
            docs: String::new(),
            arguments: String::new(),
            name,
            is_enum: true,
            members,
        }));
        Ok(())
    }

    /// A variant of a `oneof`.
    fn variant(
        &self,
        full: &str,
        field: &FieldDescriptorProto,
        name: String,
        docs: String,
    ) -> Result<RustMember> {
        let (ty, _) = self.single(full, field)?;
        Ok(RustMember {
            docs,
            attributes: vec![number(field, encoding(field))],
            name,
            ty: Some(ty),
        })
    }

    fn field(
        &self,
        full: &str,
        field: &FieldDescriptorProto,
        mut docs: String,
    ) -> Result<RustMember> {
        let mut attributes = vec![number(field, encoding(field))];
        let ty = if let Some(entry) = self.index.entry(field) {
            let [key, value] = &entry.field[..] else {
                return Err(Error::usage(format!("{full}.{}: not a map", field.name())));
            };
            attributes = vec![number(field, &map_encoding(key, value))];
            let (key, value) = (self.single(full, key)?.0, self.single(full, value)?.0);
            format!("std::collections::BTreeMap<{key}, {value}>")
        } else {
            let (ty, zero) = self.single(full, field)?;
            let is_proto3 = self.file.syntax() == "proto3";
            match field.label() {
                Label::Repeated => {
                    let item = ty.strip_prefix("Box<").and_then(|rest| rest.strip_suffix('>'));
                    format!("Vec<{}>", item.unwrap_or(&ty))
                }
                Label::Required => ty,
                Label::Optional if !is_proto3 || field.proto3_optional() || zero.is_empty() => {
                    if let Some(default) = &field.default_value {
                        let meaning = format!("{docs}\n\nAbsent means `{default}`.");
                        meaning.trim_start().clone_into(&mut docs);
                    }
                    format!("Option<{ty}>")
                }
                // A field that is not `optional` has no presence: the zero is not written, and absent means it.
                Label::Optional => {
                    attributes = vec![number(field, &format!("{}, implicit", encoding(field)))];
                    attributes.push(format!("#[default({zero})]"));
                    ty
                }
            }
        };
        Ok(RustMember { docs, attributes, name: names::field(field.name()), ty: Some(ty) })
    }

    /// The Rust type of one value, and the value that an absent one means, empty for a message.
    fn single(&self, full: &str, field: &FieldDescriptorProto) -> Result<(String, String)> {
        let plain = |ty: &str, zero: &str| Ok((ty.to_owned(), zero.to_owned()));
        match field.r#type() {
            Type::Double => plain("f64", "0.0"),
            Type::Float => plain("f32", "0.0"),
            Type::Int64 | Type::Sint64 | Type::Sfixed64 => plain("i64", "0"),
            Type::Int32 | Type::Sint32 | Type::Sfixed32 => plain("i32", "0"),
            Type::Uint64 | Type::Fixed64 => plain("u64", "0"),
            Type::Uint32 | Type::Fixed32 => plain("u32", "0"),
            Type::Bool => plain("bool", "false"),
            Type::String => plain("String", "\"\""),
            Type::Bytes => plain("Vec<u8>", "Vec::new()"),
            Type::Group => Err(Error::usage(format!(
                "{full}: the group `{}` can't be imported",
                field.name()
            ))
            .help(
                "structures have no groups: declare a message and a field of it under another number, or remove the \
                 group, so that it is an unknown field",
            )),
            Type::Message => {
                let inner = field.type_name();
                if let Some((_, known)) = WELL_KNOWN.iter().find(|(name, _)| *name == inner) {
                    return plain(known, "");
                }
                let name = self.names.get(inner);
                let is_recursive = self.index.holds(inner, full) || inner == full;
                plain(&if is_recursive { format!("Box<{name}>") } else { name.to_owned() }, "")
            }
            Type::Enum => {
                let name = self.names.get(field.type_name());
                let found = self.index.types.get(field.type_name()).map(|found| &found.kind);
                let Some(TypeKind::Enum(one)) = found else { return plain(name, "") };
                let values: Vec<&str> =
                    one.value.iter().map(EnumValueDescriptorProto::name).collect();
                let first = names::variants(one.name(), &values);
                plain(name, &format!("{name}::{}", first.first().map_or("", String::as_str)))
            }
        }
    }
}

fn enumeration(
    name: &str,
    one: &EnumDescriptorProto,
    file: &FileDescriptorProto,
    path: &[i32],
) -> Result<RustItem> {
    let docs = Docs::new(file);
    let values: Vec<&str> = one.value.iter().map(EnumValueDescriptorProto::name).collect();
    let mut numbers = BTreeSet::new();
    let mut members = Vec::new();
    for ((at, value), variant) in (0..).zip(&one.value).zip(names::variants(one.name(), &values)) {
        if value.number() < 0 {
            return Err(Error::usage(format!(
                "{}: the number {} of `{}` is below 0, which no variant can have",
                one.name(),
                value.number(),
                value.name()
            ))
            .within(docs.place(&[path, &[docs::VALUE, at]].concat()))
            .help("declare the fields of this enum as `int32`, which has the same bytes"));
        }
        // Another name for a number: the first one is written.
        if !numbers.insert(value.number()) {
            continue;
        }
        members.push(RustMember {
            docs: docs.at(&[path, &[docs::VALUE, at]].concat()),
            attributes: vec![format!("#[field({})]", value.number())],
            name: variant,
            ty: None,
        });
    }
    Ok(RustItem {
        docs: docs.at(path),
        arguments: String::new(),
        name: name.to_owned(),
        is_enum: true,
        members,
    })
}

fn number(field: &FieldDescriptorProto, encoding: &str) -> String {
    format!("#[field({}{encoding})]", field.number())
}

fn encoding(field: &FieldDescriptorProto) -> &'static str {
    match field.r#type() {
        Type::Sint32 | Type::Sint64 => ", sint",
        Type::Fixed32 | Type::Fixed64 | Type::Sfixed32 | Type::Sfixed64 => ", fixed",
        _ => "",
    }
}

/// The encodings of a map's keys and values.
fn map_encoding(key: &FieldDescriptorProto, value: &FieldDescriptorProto) -> String {
    let part = |name: &str, field| match encoding(field).strip_prefix(", ") {
        Some(of) => format!(", {name} = {of}"),
        None => String::new(),
    };
    part("key", key) + &part("value", value)
}

/// `reserved(4, "old")`, or nothing.
fn reserved(message: &DescriptorProto) -> String {
    let ranges =
        message.reserved_range.iter().filter(|range| range.end() - range.start() <= RESERVED);
    let numbers =
        ranges.flat_map(|range| range.start()..range.end()).map(|number| number.to_string());
    let names = message.reserved_name.iter().map(|name| format!("{name:?}"));
    let all: Vec<String> = numbers.chain(names).collect();
    if all.is_empty() { String::new() } else { format!("(reserved({}))", all.join(", ")) }
}
