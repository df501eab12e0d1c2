//! The files of well-known types, which files of ours may import.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, MessageOptions, OneofDescriptorProto,
};

/// The files that a file of ours may import.
pub fn well_known() -> [FileDescriptorProto; 3] {
    let time = |name: &str| {
        let fields = vec![field("seconds", 1, Type::Int64), field("nanos", 2, Type::Int32)];
        file(&name.to_lowercase(), vec![message(name, fields)], Vec::new())
    };
    [time("Duration"), time("Timestamp"), any_json()]
}

/// `google/protobuf/struct.proto`: any JSON.
fn any_json() -> FileDescriptorProto {
    let value = |name: &str, number| of(field(name, number, Type::Message), "Value");
    let entry = DescriptorProto {
        options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
        ..message("FieldsEntry", vec![field("key", 1, Type::String), value("value", 2)])
    };
    let object = DescriptorProto {
        nested_type: vec![entry],
        ..message(
            "Struct",
            vec![repeated(of(field("fields", 1, Type::Message), "Struct.FieldsEntry"))],
        )
    };
    let kinds = [
        of(field("null_value", 1, Type::Enum), "NullValue"),
        field("number_value", 2, Type::Double),
        field("string_value", 3, Type::String),
        field("bool_value", 4, Type::Bool),
        of(field("struct_value", 5, Type::Message), "Struct"),
        of(field("list_value", 6, Type::Message), "ListValue"),
    ];
    let kinds = kinds.map(|kind| FieldDescriptorProto { oneof_index: Some(0), ..kind });
    let oneof = OneofDescriptorProto { name: Some("kind".to_owned()), options: None };
    let any = DescriptorProto { oneof_decl: vec![oneof], ..message("Value", kinds.into()) };
    let list = message("ListValue", vec![repeated(value("values", 1))]);
    let null = EnumDescriptorProto {
        name: Some("NullValue".to_owned()),
        value: vec![EnumValueDescriptorProto {
            name: Some("NULL_VALUE".to_owned()),
            number: Some(0),
            options: None,
        }],
        ..EnumDescriptorProto::default()
    };
    file("struct", vec![object, any, list], vec![null])
}

fn file(
    name: &str,
    message_type: Vec<DescriptorProto>,
    enum_type: Vec<EnumDescriptorProto>,
) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some(format!("google/protobuf/{name}.proto")),
        package: Some("google.protobuf".to_owned()),
        message_type,
        enum_type,
        syntax: Some("proto3".to_owned()),
        ..FileDescriptorProto::default()
    }
}

fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto { name: Some(name.to_owned()), field, ..DescriptorProto::default() }
}

fn field(name: &str, number: i32, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..FieldDescriptorProto::default()
    }
}

fn of(field: FieldDescriptorProto, name: &str) -> FieldDescriptorProto {
    FieldDescriptorProto { type_name: Some(format!(".google.protobuf.{name}")), ..field }
}

fn repeated(field: FieldDescriptorProto) -> FieldDescriptorProto {
    FieldDescriptorProto { label: Some(Label::Repeated.into()), ..field }
}
