// A type that can't be a part of a message is one error where it is named, and none where it is used.
use std::collections::{BTreeMap, BTreeSet};

use athena_rt::prelude::*;

// It lacks `Clone`, `Debug` and `PartialEq` too.
struct Foreign;

#[structure]
struct Sample {
    inner: Foreign,
}

#[structure]
struct Outer {
    #[default(3)]
    count: u64,
    samples: Vec<Sample>,
    #[secret]
    sample: Option<Box<Sample>>,
    #[unordered]
    outer: Vec<Outer>,
}

#[structure]
struct Containers {
    option: Option<Foreign>,
    list: Vec<Foreign>,
    map: BTreeMap<String, Foreign>,
    tuple: (i64, Foreign),
    array: [Foreign; 2],
    set: BTreeSet<Foreign>,
    key: BTreeMap<Foreign, i64>,
    #[default(Foreign)]
    default: Foreign,
}

#[structure]
struct Pair(Foreign, i64);

#[structure]
struct Single(Foreign);

#[structure]
enum Variants {
    Unit,
    One(Foreign),
    Two(i64, Foreign),
    Named { inner: Foreign, outer: Box<Outer> },
}

#[structure]
#[serde(tag = "type")]
enum Tagged {
    Named { inner: Foreign },
}

#[structure]
#[serde(untagged)]
enum Untagged {
    One(Foreign),
    Sample(Sample),
}

#[structure]
struct Carried {
    #[field(text)]
    text: Foreign,
    #[field(json)]
    json: Option<Foreign>,
}

#[structure]
struct Flat {
    #[serde(flatten)]
    rest: Foreign,
}

#[environment]
struct Settings {
    #[default(Foreign)]
    one: Foreign,
    #[secret]
    many: Vec<Foreign>,
}

#[model]
fn samples(state: State<Sample, Settings>) -> State<Outer, Settings> {
    let sample = state.data.clone();
    println!("{:?} {:?}", sample, *state.env);
    let outer = Outer { count: 1, samples: vec![sample], sample: None, outer: vec![] };
    state.with(outer)
}

#[model]
fn foreign(state: State<Foreign>) -> State<Foreign> {
    state
}

#[model]
fn many(state: State<Vec<Foreign>>) -> Result<State<BTreeMap<String, Foreign>>, std::fmt::Error> {
    Ok(state.with(BTreeMap::new()))
}

#[model]
fn all(state: State<Containers>) -> State<Vec<Variants>> {
    let Containers { option, list, .. } = state.data;
    State { data: list.into_iter().chain(option).map(Variants::One).collect(), env: state.env }
}

fn main() {}
