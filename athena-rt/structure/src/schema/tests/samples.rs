//! Schemas to test with: one that has everything, and any.

use super::super::schema::{Declaration, DeclarationKind, HIDDEN, Member, ModelUse, Schema, Type};
use crate::shape::Encoding;

pub(in crate::schema) fn int(bits: u8, signed: bool) -> Type {
    Type::Int { bits, signed, encoding: Encoding::Plain }
}

pub(in crate::schema) fn field(name: &str, number: u32, value: &str) -> Member {
    Member {
        name: name.to_owned(),
        keys: Vec::new(),
        flatten: false,
        other: false,
        number,
        docs: String::new(),
        value: Some(Type::parse(value).unwrap()),
        required: false,
        default: None,
        examples: Vec::new(),
    }
}

pub(in crate::schema) fn unit(name: &str, number: u32) -> Member {
    Member { value: None, ..field(name, number, "bool") }
}

pub(in crate::schema) fn required(member: Member) -> Member {
    Member { required: true, ..member }
}

pub(in crate::schema) fn defaulted(member: Member, default: &str) -> Member {
    Member { default: Some(default.to_owned()), ..member }
}

pub(in crate::schema) fn declared(
    name: &str,
    form: DeclarationKind,
    members: Vec<Member>,
) -> Declaration {
    Declaration {
        name: name.to_owned(),
        docs: String::new(),
        form,
        layout: super::super::schema::VariantLayout::External,
        uses: vec![],
        members,
        reserved: vec![],
        reserved_names: vec![],
    }
}

/// A shop's order, with a type of every form.
pub(in crate::schema) fn shop() -> Schema {
    let closed = DeclarationKind::Structure { open: false };
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
    let uses = vec![ModelUse { model: "shop::order".into(), input: true, output: true }];
    let order = Declaration { docs: "An order.".into(), uses, ..order };
    let item = declared(
        "Item",
        closed,
        vec![required(field("sku", 1, "String")), required(field("quantity", 2, "u32"))],
    );
    let kind = declared(
        "Kind",
        DeclarationKind::Enumeration,
        vec![unit("Retail", 0), unit("Wholesale", 1)],
    );
    let payment = declared(
        "Payment",
        DeclarationKind::Choice,
        vec![unit("Cash", 1), field("Card", 2, "PaymentCard"), field("Invoice", 3, "u32")],
    );
    let card = declared("PaymentCard", closed, vec![required(field("last4", 1, "String"))]);
    Schema { package: "shop".into(), types: vec![order, item, kind, payment, card] }
}

/// Every type, in every place where it is allowed.
pub(in crate::schema) fn everything() -> Schema {
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
    fields.push(field("gr_uf6__udf_e", 110, "f64"));
    fields.push(field("by_day", 111, "Map<String, f64>"));
    fields.push(field("ByDay", 112, "Map<String, f64>"));
    fields.push(field("First", 113, "f64"));
    fields.push(Member { keys: vec!["first".into()], ..field("renamed", 114, "f64") });
    fields.push(Member { number: 120, ..field("one", 120, "Oneof<Ones>") });
    fields.push(Member { number: 130, ..field("two", 130, "Oneof<Twos>") });
    fields.push(defaulted(field("flag", 102, "bool"), "true"));
    fields.push(defaulted(field("ratio", 103, "f64"), "-1e300"));
    fields.push(defaulted(field("text", 104, "String"), r#""a \"b\" \\ // c; = [d]\n\u0001é""#));
    fields.push(defaulted(field("bytes", 105, "Vec<u8>"), r#""AP8i""#));
    fields.push(defaulted(field("kind", 106, "Kind"), r#""BothWays""#));
    fields.push(defaulted(field("pair", 107, "(i64, i64)"), "[1,2]"));
    fields.push(defaulted(field("secret", 108, "String"), HIDDEN));
    fields.push(defaulted(field("not_a_number", 109, "f64"), "null"));
    let docs = "Everything.\n\n  Indented, */ and \"quoted\".\n// Not a comment of its own";
    let main = Declaration {
        docs: docs.to_owned(),
        uses: vec![
            ModelUse { model: "all::one".into(), input: true, output: false },
            ModelUse { model: "all::two".into(), input: true, output: true },
        ],
        reserved: vec![200, 202],
        reserved_names: vec!["alt".into(), "old".into()],
        ..declared("Everything", DeclarationKind::Structure { open: true }, fields)
    };
    let kind = Declaration {
        reserved: vec![7],
        reserved_names: vec!["Gone".into()],
        ..declared(
            "Kind",
            DeclarationKind::Enumeration,
            vec![unit("BothWays", 3), unit("AB", 0), unit("Ab", 1)],
        )
    };
    let other = declared("KindA", DeclarationKind::Enumeration, vec![unit("B", 0)]);
    let choice = declared(
        "Choice",
        DeclarationKind::Choice,
        vec![unit("variant", 1), field("Many", 2, "Vec<f64>"), field("Pair", 3, "(i64, KindA)")],
    );
    let of = |name, number| {
        let first = Member { keys: vec!["first".into()], ..field("First", number, "u32") };
        declared(name, DeclarationKind::Choice, vec![first, unit("one", number + 1)])
    };
    let (ones, twos) = (of("Ones", 120), of("Twos", 130));
    let entry = declared("LabelsEntry", DeclarationKind::Structure { open: false }, vec![]);
    Schema { package: "all".into(), types: vec![main, kind, other, choice, entry, ones, twos] }
}
