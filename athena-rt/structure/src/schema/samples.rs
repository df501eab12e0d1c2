//! Schemas to test with: one that has everything, and any.

use proptest::prelude::*;

use super::super::Encoding;
use super::tree::{Declared, Form, HIDDEN, Member, Schema, Type, Use};

pub(super) fn int(bits: u8, signed: bool) -> Type {
    Type::Int { bits, signed, encoding: Encoding::Plain }
}

pub(super) fn field(name: &str, number: u32, value: &str) -> Member {
    Member {
        name: name.to_owned(),
        number,
        docs: String::new(),
        value: Some(Type::parse(value).unwrap()),
        required: false,
        default: None,
    }
}

pub(super) fn unit(name: &str, number: u32) -> Member {
    Member { value: None, ..field(name, number, "bool") }
}

pub(super) fn required(member: Member) -> Member {
    Member { required: true, ..member }
}

pub(super) fn defaulted(member: Member, default: &str) -> Member {
    Member { default: Some(default.to_owned()), ..member }
}

pub(super) fn declared(name: &str, form: Form, members: Vec<Member>) -> Declared {
    Declared {
        name: name.to_owned(),
        docs: String::new(),
        form,
        uses: vec![],
        members,
        reserved: vec![],
        reserved_names: vec![],
    }
}

/// A shop's order, with a type of every form.
pub(super) fn shop() -> Schema {
    let closed = Form::Structure { open: false };
    let order = declared(
        "Order",
        closed,
        vec![
            Member { docs: "Who ordered.".into(), ..required(field("customer", 1, "String")) },
            defaulted(field("version", 2, "i64"), "2"),
            field("items", 3, "Vec<Item>"),
            field("note", 4, "Option<String>"),
            field("weights", 5, "Vec<f64>"),
            field("labels", 6, "Map<String, i64>"),
            required(field("kind", 7, "Kind")),
            required(field("payment", 8, "Payment")),
            required(field("small", 9, "u8")),
            field("raw", 10, "Vec<u8>"),
        ],
    );
    let uses = vec![Use { model: "shop::order".into(), input: true, output: true }];
    let order = Declared { docs: "An order.".into(), uses, ..order };
    let item = declared(
        "Item",
        closed,
        vec![required(field("sku", 1, "String")), required(field("quantity", 2, "u32"))],
    );
    let kind = declared("Kind", Form::Enumeration, vec![unit("Retail", 0), unit("Wholesale", 1)]);
    let payment = declared(
        "Payment",
        Form::Choice,
        vec![unit("Cash", 1), field("Card", 2, "PaymentCard"), field("Invoice", 3, "u32")],
    );
    let card = declared("PaymentCard", closed, vec![required(field("last4", 1, "String"))]);
    Schema { package: "shop".into(), types: vec![order, item, kind, payment, card] }
}

/// What no shop has: every type there is, in every place it can stand.
pub(super) fn everything() -> Schema {
    let kinds = [
        "bool",
        "i8",
        "u16",
        "sint<i32>",
        "sint<i64>",
        "fixed<u32>",
        "fixed<i32>",
        "fixed<u64>",
        "fixed<i64>",
        "f32",
        "f64",
        "String",
        "Vec<u8>",
        "[u8; 4]",
        "Option<i64>",
        "Vec<bool>",
        "Vec<Kind>",
        "Vec<Choice>",
        "[f64; 3]",
        "Vec<Vec<f64>>",
        "Vec<[f64; 3]>",
        "Vec<Option<u8>>",
        "Option<Vec<String>>",
        "Map<u64, Vec<i64>>",
        "Map<bool, Map<String, f64>>",
        "(i64, String)",
        "Vec<(i64, Option<f32>, Vec<u8>)>",
        "(u8,)",
        "Box<Vec<i64>>",
        "Box<Option<String>>",
        "Duration",
        "Timestamp",
        "Uuid",
        "Option<Duration>",
        "Vec<Timestamp>",
        "Everything",
        "LabelsEntry",
        "Map<i32, Choice>",
        "Vec<()>",
    ];
    let named = kinds.iter().filter(|kind| !kind.contains("()")).zip(1..);
    let mut fields: Vec<Member> =
        named.map(|(kind, number)| field(&format!("field_{number}"), number, kind)).collect();
    fields.push(field("labels", 100, "Map<String, String>"));
    fields.push(field("größe", 101, "f64"));
    fields.push(defaulted(field("flag", 102, "bool"), "true"));
    fields.push(defaulted(field("ratio", 103, "f64"), "-1e300"));
    fields.push(defaulted(field("text", 104, "String"), r#""a \"b\" \\ // c; = [d]\n\u0001é""#));
    fields.push(defaulted(field("bytes", 105, "Vec<u8>"), r#""AP8i""#));
    fields.push(defaulted(field("kind", 106, "Kind"), r#""BothWays""#));
    fields.push(defaulted(field("pair", 107, "(i64, i64)"), "[1,2]"));
    fields.push(defaulted(field("secret", 108, "String"), HIDDEN));
    fields.push(defaulted(field("not_a_number", 109, "f64"), "null"));
    let docs = "Everything.\n\n  Indented, */ and \"quoted\".\n// Not a comment of its own";
    let main = Declared {
        docs: docs.to_owned(),
        uses: vec![
            Use { model: "all::one".into(), input: true, output: false },
            Use { model: "all::two".into(), input: true, output: true },
        ],
        reserved: vec![200, 202],
        reserved_names: vec!["alt".into(), "old".into()],
        ..declared("Everything", Form::Structure { open: true }, fields)
    };
    let kind = Declared {
        reserved: vec![7],
        reserved_names: vec!["Gone".into()],
        ..declared(
            "Kind",
            Form::Enumeration,
            vec![unit("BothWays", 3), unit("AB", 0), unit("Ab", 1)],
        )
    };
    let other = declared("KindA", Form::Enumeration, vec![unit("B", 0)]);
    let choice = declared(
        "Choice",
        Form::Choice,
        vec![unit("variant", 1), field("Many", 2, "Vec<f64>"), field("Pair", 3, "(i64, KindA)")],
    );
    let entry = declared("LabelsEntry", Form::Structure { open: false }, vec![]);
    Schema { package: "all".into(), types: vec![main, kind, other, choice, entry] }
}

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
            inner.clone().prop_map(|one| Type::Map(Box::new(Type::Text), Box::new(one))),
            prop::collection::vec(inner, 1..4).prop_map(Type::Tuple),
        ]
    })
}

/// Any schema at all.
pub(super) fn any_schema() -> impl Strategy<Value = Schema> {
    prop::collection::btree_set("[A-Z][A-Za-z0-9]{1,6}", 1..5).prop_flat_map(|names| {
        let mut given = super::names::Names::new();
        let names: Vec<String> = names.iter().map(|name| given.give(name)).collect();
        let types: Vec<_> =
            names.iter().map(|name| any_declared(name.clone(), names.clone())).collect();
        types.prop_map(|types| Schema { package: "any_1".into(), types })
    })
}

fn any_declared(name: String, names: Vec<String>) -> impl Strategy<Value = Declared> {
    let docs = "(|[ -~äé]{0,20}(\n[ -~]{0,20}){0,2})";
    let member = (self::name(), value(names), docs, 0..5u8, any::<bool>(), "[ -~äé\n]{0,12}");
    let members = prop::collection::vec(member, 1..8);
    let form = prop_oneof![
        any::<bool>().prop_map(|open| Form::Structure { open }),
        Just(Form::Choice),
        Just(Form::Enumeration)
    ];
    (form, members, docs, any::<bool>()).prop_map(move |(form, members, docs, is_root)| {
        let mut declared = declared(&name, form, vec![]);
        declared.docs = tidy(&docs);
        for ((name, value, docs, default, required, text), number) in members.into_iter().zip(1..) {
            if declared.member(&name).is_some() {
                continue;
            }
            let mut member = Member {
                name,
                number: number * 7 % 29,
                docs: tidy(&docs),
                value: Some(value),
                required: false,
                default: None,
            };
            match form {
                Form::Enumeration => member.value = None,
                Form::Choice if required => member.value = None,
                Form::Choice => {}
                Form::Structure { .. } => match default {
                    0 => member.default = Some(serde_json::to_string(&text).unwrap()),
                    1 => member.default = Some("[1,2]".to_owned()),
                    _ => member.required = required,
                },
            }
            declared.members.push(member);
        }
        if is_root {
            let model = format!("any::{}", name.to_lowercase());
            declared.uses = vec![Use { model, input: true, output: false }];
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
