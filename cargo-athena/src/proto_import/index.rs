//! All messages and enums of some files, by full name.

use std::collections::{BTreeMap, BTreeSet};

use protox::prost_reflect::prost_types::field_descriptor_proto::Label;
use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions,
};

use super::compile::Compiled;
use super::docs;

/// The types that have a Rust type of their own.
pub(super) const WELL_KNOWN: [(&str, &str); 2] = [
    (".google.protobuf.Timestamp", "athena_rt::Timestamp"),
    (".google.protobuf.Duration", "std::time::Duration"),
];

/// A message or an enum, and where it is.
pub(super) struct DeclaredType<'a> {
    pub(super) kind: TypeKind<'a>,
    pub(super) file: &'a FileDescriptorProto,
    pub(super) path: Vec<i32>,
}

pub(super) enum TypeKind<'a> {
    Message(&'a DescriptorProto),
    Enum(&'a EnumDescriptorProto),
}

/// All messages and enums by full name.
pub(super) struct TypeIndex<'a> {
    pub(super) types: BTreeMap<String, DeclaredType<'a>>,
    /// As declared, outer types before inner ones.
    pub(super) order: Vec<String>,
}

impl<'a> TypeIndex<'a> {
    pub(super) fn new(compiled: &'a Compiled) -> Self {
        let mut index = Self { types: BTreeMap::new(), order: Vec::new() };
        for file in &compiled.files {
            let scope = match file.package() {
                "" => String::new(),
                package => format!(".{package}"),
            };
            index.enter_enums(file, &scope, &file.enum_type, &[], docs::ENUM);
            for (at, message) in (0..).zip(&file.message_type) {
                index.enter(file, &scope, message, vec![docs::MESSAGE, at]);
            }
        }
        index
    }

    fn enter(
        &mut self,
        file: &'a FileDescriptorProto,
        scope: &str,
        message: &'a DescriptorProto,
        path: Vec<i32>,
    ) {
        let full = format!("{scope}.{}", message.name());
        // The entries of maps are no types of their own.
        if message.options.as_ref().is_some_and(MessageOptions::map_entry) {
            self.types.insert(full, DeclaredType { kind: TypeKind::Message(message), file, path });
            return;
        }
        self.order.push(full.clone());
        self.enter_enums(file, &full, &message.enum_type, &path, docs::NESTED_ENUM);
        for (at, nested) in (0..).zip(&message.nested_type) {
            let path = [&path[..], &[docs::NESTED, at]].concat();
            self.enter(file, &full, nested, path);
        }
        self.types.insert(full, DeclaredType { kind: TypeKind::Message(message), file, path });
    }

    fn enter_enums(
        &mut self,
        file: &'a FileDescriptorProto,
        scope: &str,
        enums: &'a [EnumDescriptorProto],
        path: &[i32],
        part: i32,
    ) {
        for (at, one) in (0..).zip(enums) {
            let full = format!("{scope}.{}", one.name());
            self.order.push(full.clone());
            let path = [path, &[part, at]].concat();
            self.types.insert(full, DeclaredType { kind: TypeKind::Enum(one), file, path });
        }
    }

    pub(super) fn file_of(&self, full: &str) -> &str {
        self.types.get(full).map_or("", |found| found.file.name())
    }

    fn message(&self, full: &str) -> Option<&'a DescriptorProto> {
        match self.types.get(full)?.kind {
            TypeKind::Message(message) => Some(message),
            TypeKind::Enum(_) => None,
        }
    }

    /// The entry of a map, if that is what the field is.
    pub(super) fn entry(&self, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
        let message = self.message(field.type_name())?;
        message.options.as_ref().is_some_and(MessageOptions::map_entry).then_some(message)
    }

    /// The types that a message's fields have, other than those that Rust has.
    pub(super) fn uses(&self, full: &str) -> Vec<String> {
        let Some(message) = self.message(full) else { return Vec::new() };
        let mut used = Vec::new();
        for field in &message.field {
            let inner = self.entry(field).map_or(std::slice::from_ref(field), |entry| &entry.field);
            for field in inner {
                let name = field.type_name();
                let is_known = WELL_KNOWN.iter().any(|(known, _)| *known == name);
                if !name.is_empty() && !is_known {
                    used.push(name.to_owned());
                }
            }
        }
        used
    }

    /// Whether a message holds another directly, in a field that is neither repeated nor a map.
    pub(super) fn holds(&self, outer: &str, inner: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![outer.to_owned()];
        while let Some(full) = open.pop() {
            let Some(message) = self.message(&full).filter(|_| seen.insert(full.clone())) else {
                continue;
            };
            for field in message.field.iter().filter(|field| field.label() != Label::Repeated) {
                if field.type_name() == inner {
                    return true;
                }
                open.push(field.type_name().to_owned());
            }
        }
        false
    }
}
