//! Rare attributes, and rare uses of common ones: each type has a twin under serde's own derive, which reads and writes
//! the same documents.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::time::Duration;

use athena_protocol::json::numbers_are_maps;
use athena_rt::prelude::*;
use athena_rt::structure::{Structure, json, wire};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::forms::{comes_back, refused};

/// Declares each type under `#[structure]`, and its twin in a module of its own.
macro_rules! twins {
    ($($item:item)*) => {
        $( #[structure] $item )*
        mod twin {
            #[allow(clippy::wildcard_imports, reason = "whatever the types name")]
            use super::*;
            $( #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)] $item )*
        }
    };
}

/// serde's way to a type of another crate stays serde's own type.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Duration")]
struct DurationDef {
    #[serde(getter = "Duration::as_secs")]
    secs: u64,
}

impl From<DurationDef> for Duration {
    fn from(def: DurationDef) -> Self {
        Self::from_secs(def.secs)
    }
}

/// Functions of a generic type, as `serde_with` has them.
struct Quoted<T>(PhantomData<T>);

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls the functions by reference")]
impl Quoted<u16> {
    fn serialize<S: Serializer>(value: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }
    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls the function by reference")]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

fn three() -> u8 {
    3
}

#[derive(Clone, Debug, PartialEq)]
struct NoPart;

twins! {
    pub(crate) struct Functions {
        #[serde(with = "DurationDef")]
        duration: Duration,
        #[serde(with = "Quoted::<u16>")]
        quoted: u16,
        #[serde(skip_serializing_if = "is_zero", default)]
        zero: u8,
        #[serde(default = "three", alias = "x", alias = "y")]
        three: u8,
    }

    #[serde(crate = "serde", expecting = "a thing", bound = "", rename(serialize = "A", deserialize = "B"))]
    pub(crate) struct WithoutEffect {
        #[serde(bound = "")]
        a: u8,
    }

    #[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
    pub(crate) struct Bound<T> {
        a: T,
    }

    pub(crate) struct RestValue { a: u8, #[serde(flatten)] rest: Value }
    pub(crate) struct RestMap { a: u8, #[serde(flatten)] rest: Map<String, Value> }
    pub(crate) struct RestOption { a: u8, #[serde(flatten)] rest: Option<Map<String, Value>> }
    pub(crate) struct RestHash { a: u8, #[serde(flatten)] rest: HashMap<String, Value> }

    pub(crate) struct Inner { secs: u64 }
    pub(crate) struct FlatRenamed { #[serde(flatten, rename = "of no meaning")] inner: Inner }
    pub(crate) struct FlatDefault { #[serde(flatten, default)] inner: Option<Inner> }
    pub(crate) struct FlatSkipped {
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        inner: Option<Inner>,
    }
    #[serde(deny_unknown_fields)]
    pub(crate) struct FlatStrict { a: u8, #[serde(flatten)] inner: Inner }

    #[serde(tag = "t")]
    pub(crate) enum Internal {
        #[serde(alias = "old")]
        A { #[serde(alias = "b")] c: u8 },
        #[serde(rename = "n", alias = "m")]
        Inner(Inner),
        Map(BTreeMap<String, u8>),
        Unit,
    }

    pub(crate) enum External {
        #[serde(alias = "old", alias = "older")]
        A { x: u8 },
        #[serde(alias = "m")]
        N(u8),
        #[serde(alias = "v")]
        U,
        T(u8, u64),
    }

    #[serde(tag = "k", content = "c", deny_unknown_fields)]
    pub(crate) enum Adjacent {
        #[serde(alias = "y")]
        X(u8),
        D(u8, u8),
        #[serde(other)]
        Z,
    }

    #[serde(untagged)]
    pub(crate) enum Untagged {
        #[serde(rename = "of no meaning")]
        X(u8),
        #[serde(alias = "nor this")]
        Y(String),
        Pair(u8, u8),
        N,
    }

    #[serde(rename_all_fields = "camelCase", rename_all = "snake_case")]
    pub(crate) enum Renamed {
        FooBar { a_b: u8 },
        #[serde(rename = "qQ")]
        Baz { #[serde(rename = "zz")] a_b: u8 },
    }

    pub(crate) struct FlatInternal { id: u8, #[serde(flatten)] one: Option<Internal> }
    pub(crate) struct FlatBoxed { id: u8, #[serde(flatten)] one: Box<Internal> }
    pub(crate) struct FlatExternal { id: u8, #[serde(flatten)] one: External }
    pub(crate) struct FlatAdjacent { id: u8, #[serde(flatten)] one: Adjacent }

    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    pub(crate) enum Words { HttpServer, A1b, ABc }

    #[serde(rename_all = "kebab-case")]
    pub(crate) struct Dashes { a_1b: u8, _lead: u8, trail_: u8, r#type: u8, #[serde(rename = "")] empty: u8 }

    #[serde(transparent)]
    pub(crate) struct Id<T> { value: u64, of: PhantomData<T> }
    #[serde(transparent)]
    pub(crate) struct Key<T>(#[serde(skip)] u8, String, PhantomData<T>);
    #[serde(transparent)]
    pub(crate) struct Counted { all: Vec<u16>, #[serde(skip, default = "three")] count: u8 }
    pub(crate) struct Ids { id: Id<NoPart>, keys: Vec<Key<NoPart>>, by_id: BTreeMap<String, Id<u8>>, counted: Counted }
}

/// Each document is read, and written as the twin writes it.
#[track_caller]
fn as_serde<T: Structure, Twin: Serialize + DeserializeOwned>(texts: &[&str]) {
    for text in texts {
        let value: T = json::decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        comes_back(&value);
        match serde_json::from_str::<Twin>(text) {
            // With `arbitrary_precision` serde's own derive doesn't read numbers in flattened fields and tagged enums.
            Err(_) if numbers_are_maps() => {}
            twin => {
                let twin = serde_json::to_string(&twin.unwrap()).unwrap();
                assert_eq!(json::encode(&value).unwrap(), twin, "{text}");
            }
        }
    }
}

macro_rules! documents {
    ($($name:ident $(<$of:ty>)?: $($text:literal)*;)*) => {
        $( as_serde::<$name $(<$of>)?, twin::$name $(<$of>)?>(&[$($text),*]); )*
    };
}

#[test]
fn rare_attributes_of_fields_are_those_of_serde() {
    documents! {
        Functions: r#"{"duration":{"secs":3},"quoted":"4"}"#
            r#"{"duration":{"secs":0},"quoted":"65535","zero":1,"y":7}"#;
        WithoutEffect: r#"{"a":1}"#;
        Bound<u8>: r#"{"a":1}"#;
        RestValue: r#"{"a":1,"x":[1.5,null]}"# r#"{"a":1}"#;
        RestMap: r#"{"a":1,"x":[1.5,null]}"# r#"{"a":1}"#;
        RestOption: r#"{"a":1,"x":[1.5,null]}"# r#"{"a":1}"#;
        RestHash: r#"{"a":1,"x":{"y":"z"}}"#;
        FlatRenamed: r#"{"secs":3}"#;
        FlatDefault: "{}" r#"{"secs":3}"#;
        FlatSkipped: "{}" r#"{"secs":3}"#;
        FlatStrict: r#"{"a":1,"secs":3}"#;
        Dashes: r#"{"a-1b":1,"-lead":2,"trail-":3,"type":4,"":5}"#;
    }
    assert_eq!(refused::<FlatStrict>(r#"{"a":1,"secs":3,"x":1}"#).pointer, "/x");
}

#[test]
fn variants_have_their_aliases_in_every_layout() {
    documents! {
        Internal: r#"{"t":"old","b":3}"# r#"{"t":"m","secs":3}"# r#"{"secs":3,"t":"n"}"# r#"{"t":"Map","x":1}"# r#"{"t":"Unit"}"#;
        External: r#"{"older":{"x":1}}"# r#"{"m":3}"# r#""v""# r#"{"U":null}"# r#"{"T":[1,2]}"#;
        Adjacent: r#"{"k":"y","c":4}"# r#"{"c":4,"k":"X"}"# r#"{"k":"D","c":[1,2]}"# r#"{"k":"new"}"#;
        Untagged: "4" r#""4""# "[1,2]" "null";
        Renamed: r#"{"foo_bar":{"aB":1}}"# r#"{"qQ":{"zz":1}}"#;
        Words: r#""HTTP_SERVER""# r#""A1B""# r#""A_BC""#;
    }
}

#[test]
fn enums_are_flattened_in_every_layout() {
    documents! {
        FlatInternal: r#"{"id":1}"# r#"{"id":1,"t":"Unit"}"# r#"{"id":1,"t":"old","b":3}"#;
        FlatBoxed: r#"{"id":1,"t":"m","secs":4}"#;
        FlatExternal: r#"{"id":1,"older":{"x":1}}"# r#"{"id":1,"U":null}"# r#"{"id":1,"N":4}"#
            r#"{"id":1,"T":[1,18446744073709551615]}"#;
        FlatAdjacent: r#"{"id":1,"k":"y","c":4}"# r#"{"id":1,"k":"D","c":[1,2]}"# r#"{"id":1,"k":"new"}"#;
    }
}

#[test]
fn a_transparent_structure_may_have_fields_that_are_not_in_messages() {
    documents! {
        Ids: r#"{"id":7,"keys":["a","b"],"by_id":{"x":1},"counted":[1,300]}"#;
        Id<NoPart>: "7";
        Key<NoPart>: r#""a""#;
        Counted: "[1,300]";
    }
    let counted: Counted = json::decode("[1,300]").unwrap();
    assert_eq!(counted, Counted { all: vec![1, 300], count: 3 });
    assert_eq!(wire::encode(&counted), wire::encode(&vec![1_u16, 300]));
}

/// The features of a library that has serde as an option. `test` holds here, `doctest` does not.
#[cfg_attr(test, derive(Serialize, Deserialize))]
#[cfg_attr(doctest, derive(PartialEq))]
#[structure]
#[cfg_attr(any(test, doctest), serde(rename_all = "camelCase"))]
#[cfg_attr(not(test), serde(rename_all = "UPPERCASE"))]
struct Optional {
    #[cfg_attr(test, serde(rename = "type"), default("x"))]
    kind: String,
    #[cfg_attr(not(test), serde(rename = "nothing"))]
    #[cfg_attr(doctest, doc = "Not read by the macro.")]
    long_name: u8,
    state: Conditional,
}

#[structure]
#[cfg_attr(test, derive(Serialize, Deserialize, Clone, Copy), serde(tag = "is"))]
enum Conditional {
    #[cfg_attr(test, serde(rename = "off", alias = "no"))]
    Off,
    On,
}

#[test]
fn conditional_attributes_are_those_of_the_build() {
    let optional: Optional = json::decode(r#"{"longName":1,"state":{"is":"no"}}"#).unwrap();
    assert_eq!(optional.kind, "x");
    assert_eq!(
        json::encode(&optional).unwrap(),
        r#"{"type":"x","longName":1,"state":{"is":"off"}}"#
    );
    comes_back(&optional);
    // serde's own derive stands above the structure.
    assert_eq!(serde_json::to_string(&optional).unwrap(), json::encode(&optional).unwrap());
}
