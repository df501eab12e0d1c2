//! Any schema, for tests that hold for all of them.

use proptest::prelude::*;

use super::super::names::UniqueNames;
use super::super::schema::{Declaration, DeclarationKind, Member, ModelUse, Schema, Type};
use super::samples::{declared, int};
use crate::shape::Encoding;

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,8}|[A-Z][A-Za-z0-9]{0,8}|[äöü][a-z]{1,4}"
}

fn value(names: Vec<String>) -> impl Strategy<Value = Type> {
    let encodings = prop_oneof![Just(Encoding::Plain), Just(Encoding::Sint), Just(Encoding::Fixed)];
    let ints = (prop_oneof![Just(16u8), Just(32), Just(64)], any::<bool>(), encodings).prop_map(
        |(bits, signed, encoding)| Type::Int {
            bits,
            signed: signed || encoding == Encoding::Sint,
            encoding,
        },
    );
    let leaf = prop_oneof![
        ints,
        prop::sample::select(vec![
            int(8, false),
            int(8, true),
            Type::Bool,
            Type::Float { bits: 32 },
            Type::Float { bits: 64 },
            Type::Text,
            Type::Bytes,
            Type::Duration,
            Type::Timestamp,
            Type::Uuid,
            Type::Json,
            Type::TextOf("char".to_owned()),
            int(128, true),
            Type::Array(Box::new(Type::Bytes), 4),
        ]),
        prop::sample::select(names).prop_map(Type::Named),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = |item: Type| {
            if item == int(8, false) { Type::Bytes } else { Type::List(Box::new(item)) }
        };
        prop_oneof![
            inner.clone().prop_map(|one| match one {
                Type::Option(_) => one,
                one => Type::Option(Box::new(one)),
            }),
            inner.clone().prop_map(list),
            inner.clone().prop_map(move |item| Type::Array(Box::new(list(item)), 3)),
            inner.clone().prop_map(|item| Type::Set(Box::new(item))),
            inner.clone().prop_map(|one| Type::Map(Box::new(Type::Text), Box::new(one))),
            prop::collection::vec(inner, 1..4).prop_map(Type::Tuple),
        ]
    })
}

/// Any schema at all.
pub(in crate::schema) fn any_schema() -> impl Strategy<Value = Schema> {
    prop::collection::btree_set("[A-Z][A-Za-z0-9]{1,6}", 1..5).prop_flat_map(|names| {
        let mut given = UniqueNames::new();
        let names: Vec<String> = names.iter().map(|name| given.reserve(name)).collect();
        let types: Vec<_> =
            names.iter().map(|name| any_declared(name.clone(), names.clone())).collect();
        types.prop_map(|types| Schema { package: "any_1".into(), types })
    })
}

/// No keys in JSON beside the name, or up to three.
fn keys() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec("[ -~äé\n]{0,8}", 0..4)]
}

fn any_declared(name: String, names: Vec<String>) -> impl Strategy<Value = Declaration> {
    let docs = "(|[ -~äé]{0,20}(\n[ -~]{0,20}){0,2})";
    let member =
        ((self::name(), keys()), value(names), docs, 0..5u8, any::<bool>(), "[ -~äé\n]{0,12}");
    let members = prop::collection::vec(member, 1..8);
    let form = prop_oneof![
        any::<bool>().prop_map(|open| DeclarationKind::Structure { open }),
        Just(DeclarationKind::Choice),
        Just(DeclarationKind::Enumeration)
    ];
    (form, members, docs, any::<bool>()).prop_map(move |(form, members, docs, is_root)| {
        let mut declared = declared(&name, form, vec![]);
        declared.docs = tidy(&docs);
        for (((name, keys), value, docs, default, required, text), number) in
            members.into_iter().zip(1..)
        {
            if declared.member(&name).is_some() {
                continue;
            }
            let mut member = Member {
                name,
                keys,
                flatten: default == 4,
                other: default == 3,
                number: number * 7 % 29,
                docs: tidy(&docs),
                value: Some(value),
                required: false,
                default: None,
                examples: Vec::new(),
            };
            match form {
                DeclarationKind::Enumeration => member.value = None,
                DeclarationKind::Choice if required => member.value = None,
                DeclarationKind::Choice | DeclarationKind::Whole => {}
                DeclarationKind::Structure { .. } => match default {
                    0 => member.default = Some(serde_json::to_string(&text).unwrap()),
                    1 => member.default = Some("[1,2]".to_owned()),
                    _ => member.required = required,
                },
            }
            declared.members.push(member);
        }
        if is_root {
            let model = format!("any::{}", name.to_lowercase());
            declared.uses = vec![ModelUse { model, input: true, output: false }];
            declared.reserved = vec![100, 200];
            // A field may have been given such a name.
            let free = |name: &&str| declared.member(name).is_none();
            let free = ["gone", "öde"].into_iter().filter(free).map(str::to_owned).collect();
            declared.reserved_names = free;
        }
        declared
    })
}

fn tidy(docs: &str) -> String {
    let lines: Vec<&str> = docs.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
