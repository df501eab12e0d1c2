//! Generated code works where the names of std are shadowed.
#![allow(dead_code, non_camel_case_types, unused_macros)]
use athena_rt::prelude::*;

struct Clone;
struct Debug;
struct PartialEq;
struct Serialize;
struct Deserialize;
struct Serializer;
struct Default;
struct Into;
struct From;
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct Iterator;
struct usize;
struct Key;
struct Reader;
struct Wire;
struct WireError;
struct Writer;
struct Form;
mod message {}
mod scalar {}
mod enumeration {}
struct bool;
struct str;
struct S;
struct D;
struct A;
struct Visitor;
mod core {}
mod std {}
mod alloc {}
mod serde {}
mod athena_rt_macros {}

macro_rules! vec {
    ($($any:tt)*) => { compile_error!("not the user's vec!") };
}
macro_rules! concat {
    ($($any:tt)*) => { compile_error!("not the user's concat!") };
}
macro_rules! line {
    ($($any:tt)*) => { compile_error!("not the user's line!") };
}

#[structure]
struct Place {
    at: i64,
}

#[structure]
struct Plain(Place);

#[structure]
struct Option {
    #[default(2)]
    value: i64,
    __value: i64,
    name: ::std::option::Option<Vec>,
}

#[structure]
struct Vec {
    state: u8,
    fields: u8,
    map: u8,
    index: u8,
}

#[structure]
enum Result {
    Good(String),
    Bad { reason: String, #[secret] __formatter: u8 },
    Neither,
    Both(u8, String),
}

#[structure]
enum String {
    Empty,
    Full,
}

#[structure]
struct Part(u64);

#[structure]
struct Json(u64, Part);

#[environment]
struct Variable {
    #[default(String::Full)]
    kind: String,
}

#[model]
fn state(state: State<Option, Variable>) -> State<Result, Variable> {
    state.with(Result::Neither)
}

#[model]
fn __state(__emit: State<Vec>) -> State<Vec> {
    __emit
}

fn main() {
    let given = r#"{"__value":1,"name":{"state":1,"fields":2,"map":3,"index":4}}"#;
    let read: Option = serde_json::from_str(given).unwrap();
    assert_eq!(read.value, 2);
    let bad = Result::Bad { reason: String::Full, __formatter: 7 };
    assert_eq!(format!("{bad:?}"), r#"Bad { reason: Full, __formatter: *** }"#);
    let json = serde_json::to_string(&Json(1, Part(2))).unwrap();
    assert_eq!(json, "[1,2]");
    assert_eq!(serde_json::from_str::<Json>(&json).unwrap(), Json(1, Part(2)));
}
