//! A schema as Protocol Buffers describes files to programs: what protoc makes of the `.proto`
//! file, without protoc.

use prost_types::descriptor_proto::ReservedRange;
use prost_types::enum_descriptor_proto::EnumReservedRange;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FieldOptions, FileDescriptorProto, MessageOptions, MethodDescriptorProto, OneofDescriptorProto,
    ServiceDescriptorProto,
};

use super::file::{Body, Declared, Field, File, Kind, Part};
use super::literal::unquoted;
use super::service::Service;
use super::tree::Schema;

/// Describes a schema and the services of its models.
pub fn descriptor(schema: &Schema, services: &[Service]) -> FileDescriptorProto {
    let file = File::of(schema);
    let describe = Describe { file: &file };
    let (mut messages, mut enums) = (Vec::new(), Vec::new());
    for declared in &file.types {
        match &declared.body {
            Body::Message(parts) => messages.push(describe.message(declared, parts)),
            Body::Enumeration(_) => enums.push(enumeration(declared)),
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

/// The files that a file of ours may import.
pub fn well_known() -> [FileDescriptorProto; 2] {
    let field = |name: &str, number, kind: Type| FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..FieldDescriptorProto::default()
    };
    ["Duration", "Timestamp"].map(|name| FileDescriptorProto {
        name: Some(format!("google/protobuf/{}.proto", name.to_lowercase())),
        package: Some("google.protobuf".to_owned()),
        message_type: vec![DescriptorProto {
            name: Some(name.to_owned()),
            field: vec![field("seconds", 1, Type::Int64), field("nanos", 2, Type::Int32)],
            ..DescriptorProto::default()
        }],
        syntax: Some("proto3".to_owned()),
        ..FileDescriptorProto::default()
    })
}

struct Describe<'a> {
    file: &'a File,
}

impl Describe<'_> {
    fn message(&self, declared: &Declared, parts: &[Part]) -> DescriptorProto {
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
                Part::Field(field) => self.field(field, &mut message),
                Part::Oneof { name, fields, .. } => {
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

    fn field(&self, field: &Field, message: &mut DescriptorProto) {
        let (label, kind, packed) = match &field.kind {
            Kind::Bare(kind) | Kind::Optional(kind) => (Label::Optional, self.kind(kind), false),
            Kind::Repeated { item, packed } => (Label::Repeated, self.kind(item), *packed),
            Kind::Map(key, value) => {
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
    fn entry(&self, field: &str, key: &str, value: &str) -> DescriptorProto {
        let mut name: String = field.split('_').map(capital).collect();
        name.push_str("Entry");
        DescriptorProto {
            name: Some(name),
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

    /// What a name stands for, and its path where that is declared.
    fn kind(&self, name: &str) -> (Type, Option<String>) {
        if let Some(scalar) = scalar(name) {
            return (scalar, None);
        }
        if name.starts_with("google.protobuf.") {
            return (Type::Message, Some(format!(".{name}")));
        }
        let name = name.rsplit('.').next().unwrap_or(name);
        let is_enum =
            self.file.types.iter().any(|declared| {
                declared.name == name && matches!(declared.body, Body::Enumeration(_))
            });
        (if is_enum { Type::Enum } else { Type::Message }, Some(self.path(name)))
    }

    fn path(&self, name: &str) -> String {
        format!(".{}.{name}", self.file.package)
    }
}

fn enumeration(declared: &Declared) -> EnumDescriptorProto {
    let values = match &declared.body {
        Body::Enumeration(values) => &values[..],
        Body::Message(_) => &[],
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

fn scalar(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "uint32" => Type::Uint32,
        "uint64" => Type::Uint64,
        "sint32" => Type::Sint32,
        "sint64" => Type::Sint64,
        "fixed32" => Type::Fixed32,
        "fixed64" => Type::Fixed64,
        "sfixed32" => Type::Sfixed32,
        "sfixed64" => Type::Sfixed64,
        "float" => Type::Float,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        _ => return None,
    })
}

/// Numbers have 29 bits.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::super::samples::{any_schema, everything, shop};
    use super::super::{proto_with, services};
    use super::*;

    /// What protoc makes of the text.
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
        let models = models.into_iter().map(|model| (model, model.len() % 2 == 0));
        let services = services(schema, &schema.package, models);
        let ours = alike(descriptor(schema, &services));
        assert_eq!(ours, alike(protoc(schema, &services)));
    }

    #[test]
    fn a_descriptor_is_that_of_protoc() {
        is_that_of_protoc(&everything());
        let shop = shop();
        is_that_of_protoc(&shop);
        let called = services(&shop, "shop", [("shop::order", true)].into_iter());
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
