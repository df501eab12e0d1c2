//! A type is what it is, whatever it is called: aliases, aliases of aliases, associated types, imports under another
//! name, and types of the user that are called as those of std.

use std::collections::BTreeMap;
use std::option::Option as Perhaps;

use athena_rt::prelude::*;
use athena_rt::structure::wire::UnknownFields;
use athena_rt::structure::{Structure, json, wire};
use athena_structure::description::{Definition, Field, TypeDescription};
use serde::{Deserialize, Serialize};

use super::Item;

type Maybe = Option<u8>;
type MaybeAgain = Maybe;
type Rows = Vec<Item>;
type Named<V> = BTreeMap<String, V>;
type Prices = Named<Vec<f64>>;
type Unset<T> = Option<T>;
type Rest = UnknownFields;
type Choice = Option<Payment>;
type Free = Option<Foreign>;
type Label = Option<String>;

trait Source {
    type Count;
    type List;
}

struct Files;

impl Source for Files {
    type Count = Maybe;
    type List = Vec<f64>;
}

/// A type of another crate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Foreign {
    x: u8,
}

#[structure]
enum Payment {
    #[field(20)]
    Card(String),
    #[field(21)]
    Invoice(u64),
}

#[structure]
struct ByAlias {
    #[serde(default)]
    a: Maybe,
    b: MaybeAgain,
    #[serde(default)]
    c: Perhaps<u8>,
    #[serde(default)]
    d: <Files as Source>::Count,
    #[serde(default)]
    e: Rows,
    #[tolerance(abs = 0.5)]
    f: Prices,
    #[unordered]
    g: Rows,
    #[serde(default)]
    h: Named<Maybe>,
    #[default(5)]
    i: Maybe,
    #[default("none")]
    j: Label,
    #[tolerance(abs = 0.5)]
    #[unordered]
    k: <Files as Source>::List,
    #[field(json)]
    l: Free,
    #[field(key = fixed, value = sint)]
    m: Numbers,
    #[field(sint)]
    n: Unset<i32>,
    #[oneof]
    o: Choice,
    #[default(Vec::new())]
    p: Rows,
    #[unknown]
    rest: Rest,
}

type Numbers = BTreeMap<u32, i64>;

#[structure]
struct Spelled {
    #[serde(default)]
    a: Option<u8>,
    b: Option<u8>,
    #[serde(default)]
    c: Option<u8>,
    #[serde(default)]
    d: Option<u8>,
    #[serde(default)]
    e: Vec<Item>,
    #[tolerance(abs = 0.5)]
    f: BTreeMap<String, Vec<f64>>,
    #[unordered]
    g: Vec<Item>,
    #[serde(default)]
    h: BTreeMap<String, Option<u8>>,
    #[default(5)]
    i: Option<u8>,
    #[default("none")]
    j: Option<String>,
    #[tolerance(abs = 0.5)]
    #[unordered]
    k: Vec<f64>,
    #[field(json)]
    l: Option<Foreign>,
    #[field(key = fixed, value = sint)]
    m: BTreeMap<u32, i64>,
    #[field(sint)]
    n: Option<i32>,
    #[oneof]
    o: Option<Payment>,
    #[default(Vec::new())]
    p: Vec<Item>,
    #[unknown]
    rest: UnknownFields,
}

/// The same JSON and the same bytes as that of the types by their own names.
fn agree(text: &str) {
    let (alias, spelled) =
        (json::decode::<ByAlias>(text).unwrap(), json::decode::<Spelled>(text).unwrap());
    assert_eq!(json::encode(&alias).unwrap(), json::encode(&spelled).unwrap());
    let bytes = wire::encode(&alias);
    assert_eq!(bytes, wire::encode(&spelled), "{text}");
    assert_eq!(wire::decode::<ByAlias>(&bytes).unwrap(), alias);
}

#[test]
fn an_alias_is_read_and_written_as_what_it_stands_for() {
    agree("{}");
    assert_eq!(
        json::encode(&json::decode::<ByAlias>("{}").unwrap()).unwrap(),
        r#"{"e":[],"f":{},"g":[],"h":{},"i":5,"j":"none","k":[],"m":{},"p":[]}"#
    );
    agree(
        r#"{"a":1,"b":2,"c":3,"d":4,"e":[{"id":1},{"id":2}],"f":{"x":[0.5]},"g":[{"id":3}],
            "h":{"y":null,"z":6},"i":null,"j":null,"k":[1.5],"l":{"x":7},"m":{"1":-1},"n":-2,
            "o":{"Card":"c"},"p":[{"id":8}]}"#,
    );
    agree(r#"{"a":null,"b":null,"c":null,"d":null,"l":null,"n":null,"o":null}"#);
    let more =
        [wire::encode(&json::decode::<Spelled>("{}").unwrap()), vec![0xf8, 0x07, 1]].concat();
    assert_eq!(wire::decode::<ByAlias>(&more).unwrap().rest.as_bytes(), [0xf8, 0x07, 1]);
}

#[test]
fn an_alias_is_described_as_what_it_stands_for() {
    let (alias, spelled) = (described::<ByAlias>(), described::<Spelled>());
    for (alias, spelled) in alias.iter().zip(&spelled) {
        // Its name is shown; an alias of an `Option` as any JSON is any JSON.
        let mut alias = alias.clone();
        alias.kind = spelled.kind;
        if alias.name == "l" {
            alias.shape = spelled.shape.clone();
        }
        assert_eq!(&alias, spelled);
    }
    assert_eq!(alias.len(), spelled.len());
}

fn described<T: Structure>() -> Vec<Field> {
    let described = TypeDescription::for_type::<T>();
    match described.definition() {
        Some(Definition::Structure(structure)) => structure.fields.clone(),
        _ => panic!("a structure"),
    }
}

/// Types of the user that are called as those of std.
mod own {
    use athena_rt::prelude::*;

    #[structure]
    #[derive(Default)]
    pub(super) struct Option {
        #[default(1)]
        pub(super) level: u8,
    }

    #[structure]
    pub(super) struct Vec(pub(super) std::vec::Vec<u8>, pub(super) u8);

    #[structure]
    pub(super) struct Holder {
        #[serde(default)]
        pub(super) option: Option,
        #[default(Vec(vec![1], 2))]
        pub(super) list: Vec,
    }
}

#[test]
fn a_type_that_is_called_as_one_of_std_is_not_taken_for_it() {
    let holder = json::decode::<own::Holder>("{}").unwrap();
    assert_eq!(holder.option, own::Option::default());
    assert_eq!(json::encode(&holder).unwrap(), r#"{"option":{"level":0},"list":["AQ==",2]}"#);
    assert_eq!(wire::decode::<own::Holder>(&wire::encode(&holder)).unwrap(), holder);
    let none = own::Holder { list: own::Vec(Vec::new(), 0), ..holder };
    assert_eq!(wire::decode::<own::Holder>(&wire::encode(&none)).unwrap(), none);
}

/// A structure that is its content is a list where that is one.
#[structure]
struct Levels(Vec<f64>);

#[structure]
struct Newtypes<T> {
    #[tolerance(abs = 0.5)]
    #[unordered]
    levels: Levels,
    #[unordered]
    items: Named2<T>,
    #[serde(default)]
    maybe: Unset<T>,
}

type Named2<T> = Vec<T>;

#[test]
fn newtypes_and_arguments_answer_too() {
    let value = json::decode::<Newtypes<Item>>(r#"{"levels":[1.5],"items":[{"id":1}]}"#).unwrap();
    assert_eq!(json::encode(&value).unwrap(), r#"{"levels":[1.5],"items":[{"id":1}]}"#);
    assert_eq!(wire::decode::<Newtypes<Item>>(&wire::encode(&value)).unwrap(), value);
}
