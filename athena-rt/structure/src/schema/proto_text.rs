//! A schema as a `.proto` file in proto2, the one dialect that every protoc reads and that tells
//! peers our defaults.
//!
//! Field names are as in Rust; so are the variants of an enum with data, which are the fields of
//! its `oneof`. The values of a unit-only enum share one scope with those of all others, so
//! they are in capitals behind the name of their enum: `KIND_RETAIL`. The comment behind a line is
//! the Rust type, with its default and `required`: `.proto` has no type for `u8`, and `required`
//! there could never be taken back.

use std::fmt::Write as _;

use super::literal::quoted;
use super::lower::lower;
use super::proto_file::{
    FieldType, ProtoBody, ProtoDeclaration, ProtoField, ProtoFile, ProtoMember,
};
use super::schema::Schema;
use super::service::Service;

/// The first line of every file. The number grows when an older Athena could misread a newer file.
pub(super) const HEADER: &str =
    "// Schema, format 1. Written by `cargo athena` from the Rust types: change those, not this.";

/// Writes a schema.
pub fn proto(schema: &Schema) -> String {
    let file = lower(schema);
    let mut out = format!("{HEADER}\nsyntax = \"proto2\";\n\npackage {};\n", file.package);
    for (at, import) in file.imports.iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let _ = writeln!(out, "{gap}import \"google/protobuf/{import}.proto\";");
    }
    for declared in &file.types {
        write_declared(&file, declared, &mut out);
    }
    out
}

/// Writes a schema and how its models are called over gRPC.
pub fn proto_with(schema: &Schema, services: &[Service]) -> String {
    let mut out = proto(schema);
    for service in services {
        let Service { name, input, output, many, .. } = service;
        let stream = if *many { "stream " } else { "" };
        let _ = writeln!(out, "\nservice {name} {{");
        let _ = writeln!(out, "  rpc {}({input}) returns ({stream}{output});", Service::METHOD);
        out.push_str("}\n");
    }
    out
}

fn write_declared(file: &ProtoFile, declared: &ProtoDeclaration, out: &mut String) {
    out.push('\n');
    comment("", &declared.docs, out);
    let ProtoDeclaration { name, remark, reserved, reserved_names, reserved_remark, .. } = declared;
    let word = if matches!(declared.body, ProtoBody::Enumeration(_)) { "enum" } else { "message" };
    let _ = writeln!(out, "{word} {name} {{{}", behind(remark.as_ref()));
    match &declared.body {
        ProtoBody::Message(parts) => parts.iter().for_each(|part| write_part(file, part, out)),
        ProtoBody::Enumeration(values) => {
            for value in values {
                comment("  ", &value.docs, out);
                let _ = writeln!(out, "  {} = {}; // {}", value.name, value.number, value.remark);
            }
        }
    }
    if !reserved.is_empty() {
        let numbers: Vec<String> = reserved.iter().map(u32::to_string).collect();
        let _ = writeln!(out, "  reserved {};", numbers.join(", "));
    }
    if !reserved_names.is_empty() {
        let names: Vec<String> =
            reserved_names.iter().map(|name| quoted(name.as_bytes())).collect();
        let remark = behind(reserved_remark.as_ref());
        let _ = writeln!(out, "  reserved {};{remark}", names.join(", "));
    }
    out.push_str("}\n");
}

fn write_part(file: &ProtoFile, part: &ProtoMember, out: &mut String) {
    match part {
        ProtoMember::Field(field) => write_field(file, "  ", field, out),
        ProtoMember::Oneof { docs, name, remark, fields } => {
            comment("  ", docs, out);
            let _ = writeln!(out, "  oneof {name} {{{}", behind(remark.as_ref()));
            for field in fields {
                write_field(file, "    ", field, out);
            }
            out.push_str("  }\n");
        }
    }
}

fn write_field(file: &ProtoFile, indent: &str, field: &ProtoField, out: &mut String) {
    comment(indent, &field.docs, out);
    let ProtoField { name, number, value, default, json_name, remark, .. } = field;
    let type_name = |record| file.type_name(record);
    let (value, packed) = match value {
        FieldType::OneofMember(value) => (type_name(value).into_owned(), false),
        FieldType::Optional(value) => (format!("optional {}", type_name(value)), false),
        FieldType::Repeated { item, packed } => (format!("repeated {}", type_name(item)), *packed),
        FieldType::Map(key, value) => {
            (format!("map<{}, {}>", type_name(key), type_name(value)), false)
        }
    };
    let mut options = Vec::new();
    options.extend(default.as_ref().map(|default| format!("default = {default}")));
    options.extend(packed.then(|| "packed = true".to_owned()));
    options
        .extend(json_name.as_ref().map(|name| format!("json_name = {}", quoted(name.as_bytes()))));
    let options =
        if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
    let _ = writeln!(out, "{indent}{value} {name} = {number}{options};{}", behind(remark.as_ref()));
}

/// A remark behind a line.
fn behind(remark: Option<&String>) -> String {
    remark.map(|remark| format!(" // {remark}")).unwrap_or_default()
}

fn comment(indent: &str, docs: &str, out: &mut String) {
    for line in docs.lines() {
        let space = if line.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{indent}//{space}{line}");
    }
}
