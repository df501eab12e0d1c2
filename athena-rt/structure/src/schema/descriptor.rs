//! A schema as the descriptor of a file: what protoc writes for the `.proto` file, without protoc.

use prost_types::descriptor_proto::ReservedRange;
use prost_types::enum_descriptor_proto::EnumReservedRange;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto,
    ServiceDescriptorProto,
};

use super::literal::unquoted;
use super::lower::lower;
use super::names::entry_name;
use super::proto_file::{
    FieldType, ProtoBody, ProtoDeclaration, ProtoField, ProtoFile, ProtoMember, RecordType,
};
use super::schema::Schema;
use super::service::Service;
use crate::shape::Encoding;

/// Describes a schema and the services of its models.
pub fn descriptor(schema: &Schema, services: &[Service]) -> FileDescriptorProto {
    let file = lower(schema);
    let describe = DescriptorBuilder { file: &file };
    let (mut messages, mut enums) = (Vec::new(), Vec::new());
    for declared in &file.types {
        match &declared.body {
            ProtoBody::Message(parts) => messages.push(describe.message(declared, parts)),
            ProtoBody::Enumeration(_) => enums.push(enumeration(declared)),
        }
    }
    let import = |name: &&str| format!("google/protobuf/{name}.proto");
    FileDescriptorProto {
        name: Some(format!("{}/schema.proto", file.package)),
        package: Some(file.package.clone()),
        dependency: file.imports.iter().map(import).collect(),
        message_type: messages,
        enum_type: enums,
        service: services.iter().map(|service| describe.service(service)).collect(),
        ..FileDescriptorProto::default()
    }
}

struct DescriptorBuilder<'a> {
    file: &'a ProtoFile,
}

impl DescriptorBuilder<'_> {
    fn message(&self, declared: &ProtoDeclaration, parts: &[ProtoMember]) -> DescriptorProto {
        let mut message = DescriptorProto {
            name: Some(declared.name.clone()),
            reserved_name: declared.reserved_names.clone(),
            ..DescriptorProto::default()
        };
        for number in &declared.reserved {
            let start = signed(*number);
            let range = ReservedRange { start: Some(start), end: Some(start.saturating_add(1)) };
            message.reserved_range.push(range);
        }
        for part in parts {
            match part {
                ProtoMember::Field(field) => self.field(field, &mut message),
                ProtoMember::Oneof { name, fields, .. } => {
                    let index = i32::try_from(message.oneof_decl.len()).unwrap_or(i32::MAX);
                    let name = Some(name.clone());
                    message
                        .oneof_decl
                        .push(OneofDescriptorProto { name, ..OneofDescriptorProto::default() });
                    for field in fields {
                        let at = message.field.len();
                        self.field(field, &mut message);
                        message.field[at].oneof_index = Some(index);
                    }
                }
            }
        }
        message
    }

    fn field(&self, field: &ProtoField, message: &mut DescriptorProto) {
        let (label, kind, packed) = match &field.value {
            FieldType::OneofMember(kind) | FieldType::Optional(kind) => {
                (Label::Optional, self.kind(kind), false)
            }
            FieldType::Repeated { item, packed } => (Label::Repeated, self.kind(item), *packed),
            FieldType::Map(key, value) => {
                let entry = self.entry(&field.name, key, value);
                let path = [message.name(), entry.name()].join(".");
                message.nested_type.push(entry);
                (Label::Repeated, (Type::Message, Some(self.path(&path))), false)
            }
        };
        let default_value = field.default.as_ref().map(|default| match kind.0 {
            Type::String => unquoted(default).map(|(text, _)| text).unwrap_or_default(),
            // Bytes stay escaped.
            Type::Bytes => {
                let inner = default.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                inner.unwrap_or(default).to_owned()
            }
            _ => default.clone(),
        });
        let options =
            packed.then(|| FieldOptions { packed: Some(true), ..FieldOptions::default() });
        message.field.push(FieldDescriptorProto {
            default_value,
            options,
            json_name: field.json_name.clone(),
            ..plain(&field.name, signed(field.number), label, kind)
        });
    }

    /// The message that an entry of a map is.
    fn entry(&self, field: &str, key: &RecordType, value: &RecordType) -> DescriptorProto {
        DescriptorProto {
            name: Some(entry_name(field)),
            field: vec![
                plain("key", 1, Label::Optional, self.kind(key)),
                plain("value", 2, Label::Optional, self.kind(value)),
            ],
            options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
            ..DescriptorProto::default()
        }
    }

    fn service(&self, service: &Service) -> ServiceDescriptorProto {
        let method = MethodDescriptorProto {
            name: Some(Service::METHOD.to_owned()),
            input_type: Some(self.path(&service.input)),
            output_type: Some(self.path(&service.output)),
            server_streaming: service.many.then_some(true),
            ..MethodDescriptorProto::default()
        };
        ServiceDescriptorProto {
            name: Some(service.name.clone()),
            method: vec![method],
            ..ServiceDescriptorProto::default()
        }
    }

    /// The type of a record, and its path if it is declared.
    fn kind(&self, record: &RecordType) -> (Type, Option<String>) {
        let well_known = |name: &str| Some(format!(".google.protobuf.{name}"));
        match record {
            RecordType::Bool => (Type::Bool, None),
            RecordType::Int { bits, signed, encoding } => {
                (integer(*bits, *signed, *encoding), None)
            }
            RecordType::Float { bits: 32 } => (Type::Float, None),
            RecordType::Float { .. } => (Type::Double, None),
            RecordType::Text => (Type::String, None),
            RecordType::Bytes => (Type::Bytes, None),
            RecordType::Duration => (Type::Message, well_known("Duration")),
            RecordType::Timestamp => (Type::Message, well_known("Timestamp")),
            RecordType::Json => (Type::Message, well_known("Value")),
            RecordType::Enumeration(name) => (Type::Enum, Some(self.path(name))),
            RecordType::Message(name) => (Type::Message, Some(self.path(name))),
        }
    }

    fn path(&self, name: &str) -> String {
        format!(".{}.{name}", self.file.package)
    }
}

fn enumeration(declared: &ProtoDeclaration) -> EnumDescriptorProto {
    let values = match &declared.body {
        ProtoBody::Enumeration(values) => &values[..],
        ProtoBody::Message(_) => &[],
    };
    let value = values.iter().map(|value| EnumValueDescriptorProto {
        name: Some(value.name.clone()),
        number: Some(signed(value.number)),
        options: None,
    });
    let range = |number: &u32| {
        let number = Some(signed(*number));
        EnumReservedRange { start: number, end: number }
    };
    EnumDescriptorProto {
        name: Some(declared.name.clone()),
        value: value.collect(),
        reserved_range: declared.reserved.iter().map(range).collect(),
        reserved_name: declared.reserved_names.clone(),
        ..EnumDescriptorProto::default()
    }
}

fn plain(
    name: &str,
    number: i32,
    label: Label,
    (kind, path): (Type, Option<String>),
) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(label.into()),
        r#type: Some(kind.into()),
        type_name: path,
        ..FieldDescriptorProto::default()
    }
}

fn integer(bits: u8, signed: bool, encoding: Encoding) -> Type {
    match (encoding, signed, bits > 32) {
        (Encoding::Plain, true, false) => Type::Int32,
        (Encoding::Plain, true, true) => Type::Int64,
        (Encoding::Plain, false, false) => Type::Uint32,
        (Encoding::Plain, false, true) => Type::Uint64,
        (Encoding::Sint, _, false) => Type::Sint32,
        (Encoding::Sint, _, true) => Type::Sint64,
        (Encoding::Fixed, true, false) => Type::Sfixed32,
        (Encoding::Fixed, true, true) => Type::Sfixed64,
        (Encoding::Fixed, false, false) => Type::Fixed32,
        (Encoding::Fixed, false, true) => Type::Fixed64,
    }
}

/// Numbers have 29 bits.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::super::tests::samples::{everything, shop};
    use super::super::tests::strategies::any_schema;
    use super::super::{proto_with, services};
    use super::*;

    /// The descriptor that protoc writes for the text.
    fn protoc(schema: &Schema, services: &[Service]) -> FileDescriptorProto {
        let folder = tempfile::tempdir().unwrap();
        let (name, out) = (format!("{}/schema.proto", schema.package), folder.path().join("out"));
        let path = folder.path().join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, proto_with(schema, services)).unwrap();
        let done = Command::new("protoc")
            .arg("--proto_path")
            .arg(folder.path())
            .arg("--descriptor_set_out")
            .arg(&out)
            .arg(&name)
            .output()
            .expect("protoc is needed: apt-get install -y protobuf-compiler");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let mut set = FileDescriptorSet::decode(&std::fs::read(out).unwrap()[..]).unwrap();
        set.file.remove(0)
    }

    /// protoc writes the JSON name of every field, numbers shorter, and bytes in its own way.
    fn alike(mut file: FileDescriptorProto) -> FileDescriptorProto {
        fn visit(message: &mut DescriptorProto, given: &mut impl FnMut(&mut FieldDescriptorProto)) {
            message.field.iter_mut().for_each(&mut *given);
            message.nested_type.iter_mut().for_each(|nested| visit(nested, given));
        }
        let mut plain = |field: &mut FieldDescriptorProto| {
            let (name, json_name) = (field.name().to_owned(), field.json_name().to_owned());
            if json_name.is_ascii()
                && json_name.replace('_', "").eq_ignore_ascii_case(&name.replace('_', ""))
            {
                field.json_name = None;
            }
            if matches!(field.r#type(), Type::Float | Type::Double)
                && let Some(default) = &field.default_value
            {
                field.default_value = Some(default.parse::<f64>().unwrap().to_string());
            }
            if field.r#type() == Type::Bytes
                && let Some(default) = &mut field.default_value
            {
                *default = default.replace("\\n", "\\012").replace("\\r", "\\015");
                *default = default.replace("\\t", "\\011").replace("\\'", "'");
            }
        };
        file.message_type.iter_mut().for_each(|message| visit(message, &mut plain));
        file
    }

    fn is_that_of_protoc(schema: &Schema) {
        let used = schema.types.iter().flat_map(|declared| &declared.uses);
        let mut models: Vec<&str> = used.map(|used| used.model.as_str()).collect();
        models.sort_unstable();
        models.dedup();
        let package = schema.package.as_str();
        let models = models.into_iter().map(|model| (package, model, model.len() % 2 == 0));
        let services = services(schema, models);
        let ours = alike(descriptor(schema, &services));
        assert_eq!(ours, alike(protoc(schema, &services)));
    }

    #[test]
    fn a_descriptor_is_that_of_protoc() {
        is_that_of_protoc(&everything());
        let shop = shop();
        is_that_of_protoc(&shop);
        let called = services(&shop, [("shop", "shop::order", true)].into_iter());
        let file = descriptor(&shop, &called);
        assert_eq!((file.service.len(), file.message_type.len()), (1, 5));
        assert_eq!(file.service[0].method[0].input_type(), ".shop.Order");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_descriptor_is_that_of_protoc(schema in any_schema()) {
            is_that_of_protoc(&schema);
        }
    }
}
