#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(feature = "conformance")]
mod buf;
pub(super) mod samples;
pub(super) mod strategies;

use std::io::Write as _;
use std::process::Command;

use proptest::prelude::*;

use self::samples::{everything, shop};
use self::strategies::any_schema;
use super::schema::{Member, Type};
use super::*;
use crate::description::TypeDescription;
use crate::shape::{Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Variant};
use crate::time::Timestamp;

/// Has the real protoc read a file.
#[track_caller]
fn protoc_takes(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.proto");
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    let done = Command::new("protoc")
        .arg("--proto_path")
        .arg(folder.path())
        .arg("--descriptor_set_out")
        .arg(folder.path().join("out"))
        .arg(&path)
        .output()
        .expect("protoc is needed: apt-get install -y protobuf-compiler");
    assert!(done.status.success(), "{}\n{text}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_schema_is_a_proto_file() {
    let text = proto(&shop());
    let expected = r#"syntax = "proto2";

package shop;

// An order.
message Order { // model: shop::order (in, out)
  // Who ordered.
  optional string customer = 1; // String, required
  optional int64 version = 2 [default = 2]; // i64 = 2
  repeated Item items = 3; // Vec<Item>
  optional string note = 4; // Option<String>
  repeated double weights = 5 [packed = true]; // Vec<f64>
  map<string, int64> labels = 6; // Map<String, i64>
  optional Kind kind = 7; // Kind, required
  optional Payment payment = 8; // Payment, required
  optional uint32 small = 9; // u8, required
  optional bytes raw = 10; // Vec<u8>
}

message Item {
  optional string sku = 1; // String, required
  optional uint32 quantity = 2; // u32, required
}

enum Kind {
  KIND_RETAIL = 0; // Retail
  KIND_WHOLESALE = 1; // Wholesale
}

message Payment {
  oneof variant {
    Empty Cash = 1; // ()
    PaymentCard Card = 2; // PaymentCard
    uint32 Invoice = 3; // u32
  }
}

message PaymentCard {
  optional string last4 = 1; // String, required
}

// No data.
message Empty { // generated
}
"#;
    assert_eq!(text.split_once('\n').unwrap().1, expected);
}

#[test]
fn protoc_takes_every_type_in_every_place() {
    protoc_takes(&proto(&shop()));
    protoc_takes(&proto(&everything()));
}

#[test]
fn every_type_reads_back_as_it_was() {
    let text = proto(&everything());
    assert_eq!(parse(&text), Ok(everything()), "{text}");
    assert_eq!(parse(&text.replace('\n', "\r\n")), Ok(everything()), "{text}");
}

#[test]
fn the_variants_of_a_oneof_are_fields_of_the_message_around_it() {
    let held = |oneof| {
        let mut schema = shop();
        let mut receipt = schema.types[0].clone();
        receipt.name = "Receipt".to_owned();
        receipt.uses.clear();
        receipt.members.truncate(1);
        receipt.members[0].number = 20;
        let value = if oneof { "Oneof<Payment>" } else { "Option<Payment>" };
        let payment = Member { docs: "How.".into(), ..samples::field("payment", 1, value) };
        receipt.members.push(payment);
        schema.types.push(receipt);
        schema
    };
    let text = proto(&held(true));
    let expected = "
  // How.
  oneof payment { // payment: Oneof<Payment>
    Empty Cash = 1; // ()
    PaymentCard Card = 2; // PaymentCard
    uint32 Invoice = 3; // u32
  }
}
";
    assert!(text.contains(expected), "{text}");
    protoc_takes(&text);
    assert_eq!(parse(&text), Ok(held(true)), "{text}");
    let (before, after) = text.split_at(text.find("  oneof payment {").unwrap());
    let broken = parse(&format!("{before}{}", after.replacen("Cash = 1", "Cash = 9", 1)));
    assert!(broken.unwrap_err().reason.contains("found `Empty Cash = 9"));
    let linked = std::collections::BTreeSet::new();
    let scope = Scope { linked: &linked, known: None };
    assert_eq!(compare(&held(true), &held(true), scope).findings, []);
    for (old, new) in [(true, false), (false, true)] {
        let findings = compare(&held(old), &held(new), scope).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].place, "Receipt.payment");
    }
}

#[test]
fn a_lock_that_can_not_be_read_names_the_line() {
    let text = proto(&shop());
    let error = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        parse(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let cases = [
        ("message Item {", "<<<<<<< HEAD", "21: a conflict marker: take one side"),
        (
            "// i64 = 2",
            "// i64 = 3",
            "10: edited by hand: expected `optional int64 version = 2 [default = 3]; // i64 = 3`, found `optional int64 version = 2 [default = 2]; // i64 = 3`",
        ),
        ("; // u8, required", ";", "17: the Rust type is missing behind `small`"),
        ("uint32 small", "uint64 small", "17: edited by hand"),
        ("small = 9", "small = 8", "17: number 8 is already used by `payment`"),
        ("quantity = 2", "sku = 2", "23: `sku` is declared twice"),
        ("// Vec<Item>", "// Vec<Itme>", "11: `Itme` is not declared"),
        ("// Kind, required", "// Vec<, required", "15: `Vec<` is not a type"),
        ("message Item {", "message Order {", "21: `Order` is declared twice"),
        (
            "  optional bytes raw = 10; // Vec<u8>\n}\n",
            "  optional bytes raw = 10; // Vec<u8>\n",
            "20: unexpected `message Item {`",
        ),
        ("message Empty { // generated\n}\n", "", "41: missing line: `message Empty"),
        ("format 1", "format 2", "1: unsupported format `// Schema, format 2`"),
        ("// Schema, format 1", "// Something", "1: not written by `cargo athena record`"),
        ("package shop;\n", "", "44: no package"),
    ];
    for (from, to, expected) in cases {
        let error = error(from, to);
        assert!(error.starts_with(expected), "{error}\nis not {expected}");
    }
    let cut = parse(&text[..text.len() / 2]).unwrap_err();
    assert!(cut.line > 10, "{cut}");
    assert_eq!(parse("").unwrap_err().to_string(), "1: no package");
}

#[test]
fn a_schema_is_built_from_types_and_tells_two_of_one_name_apart() {
    let part = |name: &'static str| StructureShape {
        name,
        docs: "Docs.\n",
        open: false,
        reserved: &[9, 4],
        reserved_names: &[],
        fields: vec![Field::new("at", 1, Shape::Timestamp).kind("Timestamp").required(true)],
    };
    let describe = |shapes: &mut Shapes| {
        shapes.structure("shop::Order", |shapes| {
            let swap = shapes.structure("shop::swap::Item", |_| part("Item"));
            let bond = shapes.structure("shop::bond::Item", |_| part("Item"));
            StructureShape {
                name: "Order",
                fields: vec![
                    Field::new("swap", 1, swap).encoding(Encoding::Sint, Encoding::Sint),
                    Field::new("bond", 2, Shape::List(Box::new(bond))).one_record(),
                    Field::new("amounts", 3, TypeDescription::for_type::<[Vec<u64>; 2]>().shape)
                        .encoding(Encoding::Fixed, Encoding::Fixed),
                    Field::new("token", 4, Shape::Text).default("hush").secret(),
                ],
                ..part("Order")
            }
        })
    };
    let mut builder = SchemaBuilder::default();
    builder.model("shop::order", describe, describe);
    let schema = builder.build("my-shop");
    assert_eq!(schema.package, "my_shop");
    let text = proto(&schema);
    for line in [
        "message Order { // model: shop::order (in, out)",
        "  optional Item2 swap = 1; // Item2",
        "  optional ListItem bond = 2; // Box<Vec<Item>>",
        "  repeated ListFixedU64 amounts = 3; // [Vec<fixed<u64>>; 2]",
        "  optional string token = 4; // String = ***",
        "  reserved 4, 9;",
        "// Docs.",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
    }
    assert!(!text.contains("hush"));
    protoc_takes(&text.replace("optional string token = 4", "optional string token = 5"));
}

#[test]
fn a_type_keeps_its_name_when_one_of_the_same_name_appears() {
    let names = |keys: &'static [(&'static str, &'static str)]| -> Vec<(String, String)> {
        let mut builder = SchemaBuilder::default();
        let describe = |shapes: &mut Shapes| {
            let of = |name| StructureShape {
                name,
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields: Vec::new(),
            };
            let all = keys.iter().map(|(name, key)| shapes.structure(key, |_| of(name)));
            Shape::Tuple(all.collect())
        };
        builder.model("shop::order", describe, describe);
        let types = builder.build("shop").types.into_iter();
        let names = types.map(|declared| declared.name);
        keys.iter().map(|(_, key)| (*key).to_owned()).zip(names).collect()
    };
    let is = |keys, expected: &[&str]| {
        let found: Vec<String> = names(keys).into_iter().map(|(_, name)| name).collect();
        assert_eq!(found, expected, "{keys:?}");
    };
    is(&[("Item2", "shop::Item2"), ("Item", "shop::Item")], &["Item2", "Item"]);
    let three = &[("Item2", "shop::Item2"), ("Item", "shop::Item"), ("Item", "shop::a::Item")];
    is(three, &["Item2", "Item", "Item3"]);
    // An instance of a generic type does not take the name of a type that is called so.
    let generic = &[("Page", "shop::Page<shop::Item>"), ("PageItem", "shop::PageItem")];
    is(generic, &["PageItem2", "PageItem"]);
    let instances = &[("Page", "shop::Page<a::Item>"), ("Page", "shop::Page<b::Item>")];
    is(instances, &["PageItem", "PageItem2"]);
    // They are different types of one name with the letters that Protocol Buffers has.
    is(
        &[("Größe", "shop::Größe"), ("Gr_uf6__udf_e", "shop::G")],
        &["Gr_uf6__udf_e2", "Gr_uf6__udf_e"],
    );
}

#[test]
fn the_fields_of_a_variant_are_named_after_both() {
    let mut builder = SchemaBuilder::default();
    let describe = |shapes: &mut Shapes| {
        shapes.enumeration("shop::Payment", |shapes| EnumShape {
            tagging: crate::shape::Tagging::External,
            name: "Payment",
            docs: "",
            reserved: &[],
            reserved_names: &[],
            variants: vec![Variant::with(
                "Card",
                1,
                shapes.structure("shop::Payment::Card", |_| StructureShape {
                    name: "Card",
                    docs: "",
                    open: false,
                    reserved: &[],
                    reserved_names: &[],
                    fields: vec![],
                }),
            )],
        })
    };
    builder.model("shop::pay", describe, describe);
    let schema = builder.build("shop");
    assert_eq!(schema.types[1].name, "PaymentCard");
    assert_eq!(schema.types[0].members[0].value, Some(Type::Named("PaymentCard".into())));
}

#[test]
fn json_schema_says_what_we_write() {
    let schema = json_schema(&shop(), "shop::order");
    assert_eq!(schema["$ref"], "#/$defs/Order");
    assert_eq!(schema["output"]["$ref"], "#/$defs/Order");
    let order = &schema["$defs"]["Order"];
    assert_eq!(order["description"], "An order.");
    assert_eq!(order["additionalProperties"], false);
    assert_eq!(order["required"], serde_json::json!(["customer", "kind", "payment", "small"]));
    assert_eq!(order["properties"]["version"]["default"], 2);
    assert_eq!(order["properties"]["small"]["maximum"], 255);
    assert_eq!(order["properties"]["raw"]["contentEncoding"], "base64");
    assert_eq!(schema["$defs"]["Kind"]["enum"], serde_json::json!(["Retail", "Wholesale"]));
    assert_eq!(schema["$defs"]["Payment"]["oneOf"][0]["const"], "Cash");
    let all = json_schema(&everything(), "all::one");
    let all = &all["$defs"]["Everything"];
    assert_eq!(all["additionalProperties"], serde_json::Value::Null, "it is open");
    assert_eq!(all["properties"]["secret"]["default"], serde_json::Value::Null);
    assert_eq!(all["properties"]["field_3"]["maximum"], 65535);
    assert_eq!(all["properties"]["field_2"]["minimum"], -128);
}

#[test]
fn text_is_short() {
    let text = text(&shop());
    assert!(text.starts_with("struct Order  (input and output of shop::order)  -- An order.\n    1  customer: String (required)  -- Who ordered.\n    2  version: i64 = 2\n"), "{text}");
}

#[test]
fn what_is_described_is_what_the_trait_says() {
    let shape = TypeDescription::for_type::<Box<Vec<Timestamp>>>().shape;
    assert_eq!(shape, Shape::Boxed(Box::new(Shape::List(Box::new(Shape::Timestamp)))));
    assert_eq!(
        TypeDescription::for_type::<Box<[u8; 4]>>().shape,
        Shape::Array(Box::new(Shape::Bytes), 4)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_schema_that_is_written_reads_back_the_same(schema in any_schema()) {
        let text = proto(&schema);
        prop_assert_eq!(parse(&text), Ok(schema), "{}", text);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC*", lines in prop::collection::vec("[ -~]{0,30}", 0..8)) {
        let _ = parse(&text);
        let _ = parse(&format!("{}\n{}", super::proto_text::HEADER, lines.join("\n")));
    }

    #[test]
    fn a_schema_is_compatible_with_itself(schema in any_schema()) {
        let uses = schema.types.iter().flat_map(|declared| &declared.uses);
        let linked = uses.map(|used| used.model.clone()).collect();
        let comparison = compare(&schema, &schema, Scope { linked: &linked, known: Some(&linked) });
        prop_assert_eq!(comparison.findings, vec![]);
    }
}

proptest! {
    // A process each.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn protoc_takes_any_schema(schema in any_schema()) {
        protoc_takes(&proto(&schema));
    }
}
