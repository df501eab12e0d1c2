//! Defaults, required and optional fields, strictness, and omitted fields.
use std::collections::BTreeMap;

use athena_rt::prelude::*;

#[structure]
struct Order {
    id: Id,
    #[default("each")]
    unit: String,
    #[default(3)]
    limit: Option<u32>,
    #[default(-1.5)]
    factor: f64,
    #[default(vec![1, 2])]
    sizes: Vec<i64>,
    note: Option<String>,
    tags: Vec<String>,
    by_key: BTreeMap<String, i64>,
    range: Range,
}

#[structure]
#[derive(Eq, Hash, PartialOrd, Ord, Copy)]
struct Id(u64);

#[structure]
struct Range(i64, Option<i64>);

#[structure(open)]
struct Open {
    known: i64,
}

#[structure]
struct Login {
    user: String,
    #[secret]
    password: String,
}

fn error<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    serde_json::from_str::<T>(text).unwrap_err().to_string()
}

fn main() {
    let given = r#"{"id":7,"range":[1,null]}"#;
    let order: Order = serde_json::from_str(given).unwrap();
    assert_eq!(order.id, Id(7));
    assert_eq!(order.range, Range(1, None));
    assert_eq!((order.unit.as_str(), order.limit, order.factor), ("each", Some(3), -1.5));
    assert_eq!((order.sizes.as_slice(), &order.note), ([1, 2].as_slice(), &None));
    assert!(order.tags.is_empty() && order.by_key.is_empty());

    // `None` is written if reading would otherwise use the default.
    let order = Order { limit: None, sizes: vec![], ..order };
    let text = serde_json::to_string(&order).unwrap();
    assert!(text.contains(r#""limit":null"#) && text.contains(r#""sizes":[]"#), "{text}");
    assert!(!text.contains("note"), "{text}");
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);

    let missing = error::<Order>(r#"{"range":[1,2]}"#);
    assert!(missing.contains("missing field `id`"), "{missing}");
    let unknown = error::<Order>(r#"{"id":1,"range":[1,2],"unti":"kg"}"#);
    assert!(unknown.contains("unknown field `unti`") && unknown.contains("`unit`"), "{unknown}");
    let twice = error::<Order>(r#"{"id":1,"id":1,"range":[1,2]}"#);
    assert!(twice.contains("duplicate field `id`"), "{twice}");
    let shape = error::<Order>("[1]");
    assert!(shape.contains("an object with the fields of `Order`"), "{shape}");

    let open: Open = serde_json::from_str(r#"{"known":1,"unknown":{"deep":[1]}}"#).unwrap();
    assert_eq!(open, Open { known: 1 });

    let login = Login { user: "ada".into(), password: "hunter2".into() };
    assert_eq!(format!("{login:?}"), r#"Login { user: "ada", password: *** }"#);
}
