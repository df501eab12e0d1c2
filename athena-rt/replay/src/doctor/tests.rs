//! Messages counted and hashed along a type that has everything.

use athena_protocol::{MessageSide, Unseen};

use super::coverage::Coverage;
use super::gaps::gaps;
use athena_structure::description::{
    EnumShape, Field, Shape, StructureShape, Tagging, TypeDescription, Variant,
};

fn structure(name: &'static str, fields: Vec<Field>) -> StructureShape {
    StructureShape { name, docs: "", open: false, reserved: &[], reserved_names: &[], fields }
}

fn option(shape: Shape) -> Shape {
    Shape::Option(Box::new(shape))
}

fn list(shape: Shape) -> Shape {
    Shape::List(Box::new(shape))
}

/// An order of items, each with a kind; an order may be part of another.
fn order() -> TypeDescription {
    TypeDescription::new(|shapes| {
        shapes.structure("m::Order", |shapes| {
            let size = shapes.structure("m::Size", |_| {
                structure("Size", vec![Field::new("exact", 1, Shape::Bool).default(false)])
            });
            let kind = shapes.enumeration("m::Kind", |_| EnumShape {
                tagging: athena_structure::description::Tagging::External,
                name: "Kind",
                docs: "",
                reserved: &[],
                reserved_names: &[],
                variants: vec![
                    Variant::unit("Plain", 1),
                    Variant::with("Sized", 2, size),
                    Variant::unit("Odd", 3),
                ],
            });
            let item = shapes.structure("m::Item", |_| {
                structure("Item", vec![Field::new("kind", 1, kind).required(true)])
            });
            let inner = shapes.structure("m::Order", |_| unreachable!("it is being described"));
            let map = Shape::Map(Box::new(Shape::Text), Box::new(Shape::Bool));
            let pair = Shape::Tuple(vec![Shape::Float { bits: 64 }, Shape::Bool]);
            structure(
                "Order",
                vec![
                    Field::new("items", 1, list(item)),
                    Field::new("unit_price", 2, Shape::Float { bits: 64 }).default(1.0),
                    Field::new("is_gift", 3, Shape::Bool).default(true),
                    Field::new("note", 4, option(Shape::Text)),
                    Field::new("flags", 5, map),
                    Field::new("pair", 6, option(pair)),
                    Field::new("part", 7, option(inner).boxed()),
                    Field::new("pin", 8, option(Shape::Bool)).secret(),
                    Field::new("stamp", 9, option(list(Shape::Bool))).volatile(),
                ],
            )
        })
    })
}

fn unseen(side: MessageSide, messages: &[&str]) -> Vec<(String, Unseen)> {
    let order = order();
    let mut coverage = Coverage::new(&order);
    for message in messages {
        coverage.count(message).expect("JSON");
    }
    coverage.count_defaults();
    gaps(&coverage, side)
}

fn found(gaps: &[(String, Unseen)]) -> Vec<(&str, Unseen)> {
    gaps.iter().map(|(path, what)| (path.as_str(), what.clone())).collect()
}

#[test]
fn of_no_message_nothing_is_said() {
    assert_eq!(unseen(MessageSide::Input, &[]), []);
}

#[test]
fn of_an_empty_message_each_field_is_named_once_and_nothing_below_it() {
    let gaps = unseen(MessageSide::Input, &["{}"]);
    assert_eq!(
        found(&gaps),
        [
            ("/items", Unseen::Items),
            ("/unit_price", Unseen::Set),
            ("/is_gift", Unseen::Set),
            ("/note", Unseen::Present),
            ("/flags", Unseen::Items),
            ("/pair", Unseen::Present),
            ("/part", Unseen::Present),
            ("/pin", Unseen::Present),
            ("/stamp", Unseen::Present),
        ]
    );
}

// The order inside leaves out what the one around it has: nothing is always there.
#[test]
fn parts_are_counted_however_deep_they_are() {
    let gaps = unseen(
        MessageSide::Input,
        &[r#"{"items": [{"kind": "Plain"}, {"kind": {"Sized": {"exact": true}}}],
              "unitPrice": 2, "is_gift": true, "note": "n", "flags": {"a/b": true},
              "pair": [1, false], "part": {"note": null, "items": []},
              "pin": true, "stamp": []}"#],
    );
    assert_eq!(
        found(&gaps),
        [
            ("/items/*/kind", Unseen::Variants(vec!["Odd".into()])),
            ("/items/*/kind/Sized/exact", Unseen::Value(false)),
            ("/is_gift", Unseen::Value(false)),
            ("/flags/*", Unseen::Value(false)),
            ("/pair/1", Unseen::Value(true)),
        ]
    );
}

#[test]
fn a_default_counts_where_its_field_is_left_out() {
    let gaps = unseen(MessageSide::Input, &["{}", r#"{"is_gift": false}"#]);
    assert!(!found(&gaps).iter().any(|(path, _)| *path == "/is_gift"), "{gaps:?}");
}

#[test]
fn an_option_that_is_always_there_and_a_list_that_is_always_empty_are_named() {
    let gaps = unseen(MessageSide::Output, &[r#"{"note": "a", "flags": {}, "items": []}"#]);
    let gaps = found(&gaps);
    assert!(gaps.contains(&("/note", Unseen::Absent)));
    assert!(gaps.contains(&("/flags", Unseen::Items)));
    assert!(gaps.contains(&("/items", Unseen::Items)));
    assert!(!gaps.iter().any(|(path, _)| *path == "/stamp"), "a volatile outcome says nothing");
}

#[test]
fn messages_are_the_same_by_value_and_not_by_text() {
    let order = order();
    let hash = |message: &str| Coverage::new(&order).count(message).expect("JSON");
    let same = [
        r#"{"unit_price": 1, "note": "ö", "pair": [0.5, true]}"#,
        r#"{"note": "\u00f6", "unitPrice": 1.0, "pair": [5e-1, true], "part": null}"#,
        r#"{ "pair": [0.50, true], "unit_price": 10e-1, "note": "ö" }"#,
    ];
    assert_eq!(same.map(hash), [hash(same[0]); 3]);
    let others = [
        "{}",
        r#"{"note": "ö", "pair": [0.5, true]}"#,
        r#"{"unit_price": 2, "note": "ö", "pair": [0.5, true]}"#,
        r#"{"unit_price": 1, "note": "o", "pair": [0.5, true]}"#,
        r#"{"unit_price": 1, "note": "ö", "pair": [-0.0, true]}"#,
        r#"{"unit_price": 1, "note": "ö", "pair": [0.0, true]}"#,
        r#"{"items": [{"kind": "Plain"}, {"kind": "Odd"}]}"#,
        r#"{"items": [{"kind": "Odd"}, {"kind": "Plain"}]}"#,
        r#"{"items": []}"#,
        r#"{"flags": {}}"#,
        r#"{"part": {"items": []}}"#,
    ];
    let mut hashes: Vec<u64> = others.map(hash).into_iter().chain([hash(same[0])]).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), others.len() + 1);
}

#[test]
fn neither_a_secret_nor_what_is_volatile_is_looked_into() {
    let gaps = unseen(MessageSide::Input, &[r#"{"pin": true, "stamp": []}"#]);
    let of = |name| found(&gaps).into_iter().filter(move |(path, _)| *path == name).collect();
    let (pin, stamp): (Vec<_>, Vec<_>) = (of("/pin"), of("/stamp"));
    assert_eq!((pin, stamp), (vec![("/pin", Unseen::Absent)], vec![("/stamp", Unseen::Absent)]));
}

#[test]
fn of_a_secret_only_that_it_is_there_counts() {
    let order = order();
    let hash = |message: &str| Coverage::new(&order).count(message).expect("JSON");
    assert_eq!(hash(r#"{"pin": true}"#), hash(r#"{"pin": false}"#));
    assert_ne!(hash(r#"{"pin": true}"#), hash("{}"));
}

#[test]
fn a_type_in_itself_is_one_place_for_all_depths() {
    let mut deep = "{}".to_owned();
    for _ in 0..30 {
        deep = format!(r#"{{"note":"n","part":{deep}}}"#);
    }
    let order = order();
    let mut coverage = Coverage::new(&order);
    coverage.count(&deep).expect("JSON");
    let small = coverage.nodes.len();
    coverage.count_defaults();
    assert!(
        small <= 4 && coverage.nodes.len() < 12,
        "{small} nodes, then {}",
        coverage.nodes.len()
    );
    assert_eq!(coverage.nodes[0].seen, 31);
    let deeper = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert!(coverage.count(&deeper).is_err(), "too deep for any model");
}

/// A shape by its tag beside a label that is flattened, which may have any other members.
fn tagged(tagging: Tagging) -> TypeDescription {
    TypeDescription::new(move |shapes| {
        shapes.structure("m::Drawing", |shapes| {
            let circle = shapes.structure("m::Circle", |_| {
                structure("Circle", vec![Field::new("filled", 1, Shape::Bool).required(true)])
            });
            let shape = shapes.enumeration("m::Shape", |_| EnumShape {
                tagging,
                name: "Shape",
                docs: "",
                reserved: &[],
                reserved_names: &[],
                variants: vec![
                    Variant::with("Circle", 1, circle),
                    Variant::unit("Empty", 2),
                    Variant::unit("Other", 3).other(),
                ],
            });
            let label = shapes.structure("m::Label", |_| {
                structure("Label", vec![Field::new("bold", 1, Shape::Bool).default(false)])
            });
            let rest = Shape::Map(Box::new(Shape::Text), Box::new(Shape::Json));
            structure(
                "Drawing",
                vec![
                    Field::new("shape", 1, shape).required(true),
                    Field::new("label", 2, label).flatten(),
                    Field::new("rest", 3, rest).flatten(),
                ],
            )
        })
    })
}

#[test]
fn variants_by_tag_and_members_of_flattened_fields_are_counted() {
    let layouts = [
        (Tagging::External, r#"{"shape":{"Circle":{"filled":true}},"bold":true}"#),
        (
            Tagging::Internal { tag: "type" },
            r#"{"shape":{"type":"Circle","filled":true},"bold":true}"#,
        ),
        (
            Tagging::Adjacent { tag: "t", content: "c" },
            r#"{"bold":true,"shape":{"c":{"filled":true},"t":"Circle"}}"#,
        ),
        (Tagging::Untagged, r#"{"shape":{"filled":true},"bold":true}"#),
    ];
    for (tagging, message) in layouts {
        let described = tagged(tagging);
        let mut coverage = Coverage::new(&described);
        let first = coverage.count(message).unwrap();
        assert_eq!(coverage.count(message).unwrap(), first, "{tagging:?}");
        assert_ne!(coverage.count(&message.replace("true", "false")).unwrap(), first);
        coverage.count_defaults();
        let missing = vec!["Empty".to_owned(), "Other".to_owned()];
        assert_eq!(
            found(&gaps(&coverage, MessageSide::Input)),
            [("/shape", Unseen::Variants(missing))],
            "{tagging:?}"
        );
        let mut coverage = Coverage::new(&described);
        coverage.count(message).unwrap();
        let named = gaps(&coverage, MessageSide::Input);
        assert_eq!(named[1].0, "/shape/Circle/filled", "{tagging:?}");
        assert_eq!(named[2].0, "/bold", "{tagging:?}");
    }
    let described = tagged(Tagging::Internal { tag: "type" });
    let mut coverage = Coverage::new(&described);
    for message in [r#"{"shape":{"type":"Empty"}}"#, r#"{"shape":{"type":"new","x":1},"more":[1]}"#]
    {
        coverage.count(message).unwrap();
    }
    coverage.count_defaults();
    let missing = Unseen::Variants(vec!["Circle".to_owned()]);
    assert_eq!(found(&gaps(&coverage, MessageSide::Input))[0], ("/shape", missing));
}
