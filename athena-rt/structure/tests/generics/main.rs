//! Generic structures: each instantiation is a type of its own, with a name of its own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod aliases;
#[allow(dead_code, reason = "not every test uses each form")]
#[path = "../forms/mod.rs"]
mod forms;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use athena_rt::prelude::*;
use athena_rt::structure::{Structure, json};
use athena_structure::description::TypeDescription;
use athena_structure::schema::{SchemaBuilder, json_schema, proto};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::forms::{gives_back, schema};

/// One page of a list.
#[structure]
#[derive(Serialize, Deserialize)]
struct Page<T> {
    /// What is on it.
    items: Vec<T>,
    next: Option<String>,
}

#[structure]
struct Item {
    id: u32,
}

#[structure]
#[serde(untagged)]
enum Params {
    Named(BTreeMap<String, Value>),
    Positional(Vec<Value>),
}

#[structure]
struct Request<P> {
    method: String,
    params: Option<P>,
}

/// Two parameters, a bound of the user, a default of a parameter, a number.
#[structure]
struct Table<K, V = Item, const N: usize = 2>
where
    K: Ord + std::hash::Hash,
{
    rows: BTreeMap<K, V>,
    index: HashMap<K, Vec<V>>,
    keys: BTreeSet<K>,
    #[default([0; N])]
    size: [u16; N],
    #[field(sint)]
    offset: i32,
    #[default(Vec::new())]
    spare: Vec<V>,
}

#[structure]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Event<T> {
    Created { item: T, by: String },
    Wrapped(Box<Page<T>>),
    Removed,
}

#[structure]
#[serde(tag = "kind", content = "data")]
enum Beside<T> {
    Fields { item: T, more: Option<T> },
    Pair(T, u8),
    Nothing,
}

#[structure]
#[serde(untagged)]
enum Either<L, R> {
    Left { left: L },
    Right { right: R },
    Both(L, R),
}

#[structure]
enum Outcome<T, E> {
    Ok(T),
    Err { error: E, code: u16 },
}

#[structure]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
    parent: Option<Box<Self>>,
}

#[structure]
struct Named {
    name: String,
}

#[structure]
struct Envelope<T> {
    id: u32,
    #[serde(flatten)]
    data: T,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<T>,
}

#[structure]
#[serde(default)]
#[derive(Default)]
struct Defaults<T> {
    value: T,
    list: Vec<T>,
}

#[structure]
#[derive(Eq, PartialOrd, Ord, Hash)]
struct Id<T>(T);

#[structure]
struct Pair<A, B>(A, B);

#[structure]
struct Two<A, B> {
    pair: Pair<A, B>,
}

#[structure]
struct Chosen<T> {
    id: u32,
    #[oneof]
    choice: Option<Choice<T>>,
}

#[structure]
enum Choice<T> {
    #[field(2)]
    One(T),
    #[field(3)]
    More { all: Vec<T> },
}

#[structure]
struct Hidden<T> {
    #[secret]
    token: T,
    #[field(text)]
    shown: T,
}

#[track_caller]
fn names<T: Structure>() -> Vec<String> {
    schema::<T>().types.into_iter().map(|declared| declared.name).collect()
}

#[test]
fn an_instantiation_is_a_message_of_its_own() {
    let page: Page<Item> = gives_back(r#"{"items":[{"id":1}],"next":"x"}"#);
    assert_eq!(page.items, [Item { id: 1 }]);
    gives_back::<Page<String>>(r#"{"items":["a","b"]}"#);
    gives_back::<Page<Page<Item>>>(r#"{"items":[{"items":[{"id":1}]}]}"#);
    gives_back::<Request<Params>>(r#"{"method":"m","params":{"a":null}}"#);
    gives_back::<Request<Params>>(r#"{"method":"m","params":[1,"x"]}"#);
    gives_back::<Vec<Page<u8>>>(r#"[{"items":"AQI="}]"#);
    let table = r#"{"rows":{"a":{"id":1}},"index":{"b":[{"id":2}]},"keys":["a"],"size":[1,2],"offset":-1,"spare":[]}"#;
    gives_back::<Table<String>>(table);
    gives_back::<Table<Id<u16>, bool, 1>>(
        r#"{"rows":{"7":true},"index":{},"keys":[3],"size":[0],"offset":0,"spare":[true]}"#,
    );
    let error = json::decode::<Page<Page<Item>>>(r#"{"items":[{"items":[{"id":-1}]}]}"#);
    assert_eq!(error.unwrap_err().pointer, "/items/0/items/0/id");
}

#[test]
fn generic_enums_keep_their_layouts() {
    gives_back::<Event<Item>>(r#"{"kind":"created","item":{"id":1},"by":"me"}"#);
    gives_back::<Event<u8>>(r#"{"kind":"wrapped","items":"AQ=="}"#);
    gives_back::<Event<Item>>(r#"{"kind":"removed"}"#);
    gives_back::<Beside<Item>>(r#"{"kind":"Fields","data":{"item":{"id":1}}}"#);
    gives_back::<Beside<bool>>(r#"{"kind":"Pair","data":[true,1]}"#);
    gives_back::<Beside<bool>>(r#"{"kind":"Nothing"}"#);
    gives_back::<Either<u8, Item>>(r#"{"right":{"id":1}}"#);
    gives_back::<Either<u8, String>>(r#"[1,"x"]"#);
    gives_back::<Outcome<Item, String>>(r#"{"Err":{"error":"no","code":404}}"#);
    gives_back::<Outcome<Vec<Item>, String>>(r#"{"Ok":[{"id":1}]}"#);
    gives_back::<Chosen<Item>>(r#"{"id":1,"choice":{"More":{"all":[{"id":2}]}}}"#);
}

#[test]
fn a_generic_structure_may_contain_itself() {
    let leaf =
        r#"{"value":1,"children":[{"value":2,"children":[]}],"parent":{"value":3,"children":[]}}"#;
    gives_back::<Tree<i64>>(leaf);
    assert_eq!(names::<Tree<Item>>(), ["TreeItem", "Item"]);
}

#[test]
fn members_of_an_argument_are_flattened() {
    gives_back::<Envelope<Named>>(r#"{"id":1,"name":"a","note":{"name":"b"}}"#);
    gives_back::<Envelope<Event<Item>>>(r#"{"id":1,"kind":"created","item":{"id":1},"by":"me"}"#);
    gives_back::<Envelope<BTreeMap<String, Value>>>(r#"{"id":1,"x":[2]}"#);
}

#[test]
fn defaults_and_secrets_depend_on_the_argument() {
    let read: Defaults<Option<u8>> = json::decode("{}").unwrap();
    assert_eq!(read, Defaults::default());
    assert_eq!(json::decode::<Defaults<String>>("{}").unwrap().value, "");
    let hidden = Hidden { token: "a".to_owned(), shown: "b".to_owned() };
    assert_eq!(format!("{hidden:?}"), r#"Hidden { token: ***, shown: "b" }"#);
    // An absent `Option` is `None`, whatever parameter it stands for.
    assert_eq!(
        json::decode::<Two<Option<u8>, u8>>(r#"{"pair":[null,1]}"#).unwrap().pair,
        Pair(None, 1)
    );
    assert!(json::decode::<Outcome<u8, Option<u8>>>(r#"{"Err":{"code":1}}"#).is_ok());
    assert!(json::decode::<Outcome<u8, u8>>(r#"{"Err":{"code":1}}"#).is_err());
}

#[test]
fn each_instantiation_has_its_own_name() {
    assert_eq!(names::<Page<Item>>(), ["PageItem", "Item"]);
    assert_eq!(names::<Page<Page<Item>>>(), ["PagePageItem", "PageItem", "Item"]);
    assert_eq!(names::<Request<Params>>(), ["RequestParams", "Params"]);
    assert_eq!(names::<Table<String, Vec<u8>, 3>>(), ["TableStringVecU83"]);
    assert_eq!(names::<Outcome<u8, Item>>(), ["OutcomeU8Item", "OutcomeU8ItemErr", "Item"]);
    // A newtype is its content in messages; the page of it is named after it all the same.
    assert_eq!(names::<Two<Page<Id<u8>>, Page<u8>>>(), ["TwoPageIdU8PageU8", "PageIdU8", "PageU8"]);
    let mut builder = SchemaBuilder::default();
    builder.model(
        "any::a",
        <Page<Item> as athena_structure::Part>::shape,
        <Page<String> as athena_structure::Part>::shape,
    );
    let both = builder.build("any");
    let model = |name| both.data_of("any::a", name).unwrap();
    assert_eq!((model(true), model(false)), ("PageItem", "PageString"));
    let lock = proto(&both);
    assert!(lock.contains("message PageItem {") && lock.contains("message PageString {"), "{lock}");
    let schema = json_schema(&both, "any::a");
    for name in ["PageItem", "PageString"] {
        assert_eq!(schema["$defs"][name]["description"], "One page of a list.", "{schema}");
    }
}

#[test]
fn fields_show_the_type_that_they_have() {
    let described = TypeDescription::for_type::<Table<String>>();
    let shown = format!("{:?}", described.definition().unwrap());
    assert!(shown.contains(r#"kind: "BTreeMap<String, Item>""#), "{shown}");
}

mod other {
    #[athena_rt::prelude::structure]
    pub(super) struct Item {
        pub(super) name: String,
    }
}

#[test]
fn arguments_of_one_name_are_told_apart() {
    assert_eq!(
        names::<Outcome<Page<Item>, Page<other::Item>>>(),
        [
            "OutcomePageItemPageItem",
            "PageItem",
            "Item",
            "OutcomePageItemPageItemErr",
            "PageItem2",
            "Item2"
        ]
    );
}
