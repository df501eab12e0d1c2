//! Every value that is made is read by the type.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use athena_protocol::Literals;
use athena_rt::prelude::*;
use athena_structure::{Part, Structure, Timestamp, json};
use serde_json::Value;

use super::*;

#[structure]
struct Leaves {
    yes: bool,
    tiny: i8,
    large: u64,
    wide: u128,
    deep: i128,
    half: f32,
    whole: f64,
    text: String,
    bytes: Vec<u8>,
    exact: [u8; 5],
    time: Timestamp,
    length: Duration,
    letter: char,
    address: IpAddr,
    json: Value,
}

#[allow(clippy::option_option, reason = "absent, null and a value are three")]
#[structure]
struct Containers {
    #[default(3)]
    count: u32,
    maybe: Option<String>,
    twice: Option<Option<u8>>,
    list: Vec<Option<i64>>,
    pairs: Vec<(u8, String)>,
    array: [i32; 3],
    set: BTreeSet<String>,
    numbers: BTreeMap<u16, f64>,
    letters: BTreeMap<char, bool>,
    wide: BTreeMap<i128, u8>,
    tree: Tree,
}

#[structure]
struct Tree {
    value: i32,
    children: Vec<Tree>,
    next: Option<Box<Tree>>,
    node: Node,
}

#[structure]
enum Node {
    Both(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Leaf,
    Named { name: String },
}

#[structure]
#[serde(tag = "type")]
enum Event {
    Created { id: u64 },
    Moved(Place),
    Gone,
}

#[structure]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Text(String),
    Pair(u8, u8),
    Unit,
}

#[structure]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
    Place(Place),
}

#[structure]
struct Place {
    x: i32,
    y: i32,
}

#[structure]
struct Flat {
    id: u8,
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[structure]
struct Layouts {
    event: Event,
    adjacent: Adjacent,
    either: Either,
    flat: Flat,
    events: Vec<Event>,
}

#[structure]
struct Checked {
    port: NonZeroU16,
    #[secret]
    key: String,
    name: String,
}

fn literals() -> Literals {
    let text = |text: &str| text.to_owned();
    Literals {
        texts: vec![text("quartz"), text("-"), text("\u{fc}")],
        integers: vec![text("413"), text("-7"), text("8364")],
        floats: vec![text("0.7")],
    }
}

fn generator(described: &TypeDescription, seed: u64) -> ValueGenerator<'_> {
    ValueGenerator::new(described, Pools::new(&literals()), Random::new(&[seed]))
}

/// The values of a type that it does not read, of all that are made.
fn refused<T: Structure>() -> (Vec<String>, usize) {
    let described = TypeDescription::for_type::<T>();
    let mut check = |text: &str| json::decode::<T>(text).map(|_| ());
    let mut generator = generator(&described, 1);
    let base = find_valid(&generator, &mut check).unwrap();
    let mut values = generator.boundaries(&base);
    assert!(values.len() > 8, "{values:?}");
    for at in 0..400 {
        let mut value = generator.fresh();
        values.push(value.clone());
        for _ in 0..5 {
            generator.mutate(&mut value);
            values.push(value.clone());
        }
        let start = at % values.len();
        let mut other = values[start].clone();
        generator.mutate(&mut other);
        values.push(other);
    }
    let refused = values.iter().map(to_text).filter_map(|text| {
        let error = check(&text).err()?;
        Some(format!("{error}: {text}"))
    });
    (refused.collect(), values.len())
}

#[track_caller]
fn all_are_read<T: Structure>() {
    let (refused, _) = refused::<T>();
    assert!(refused.is_empty(), "{} refused, first: {}", refused.len(), refused[0]);
}

#[test]
fn every_value_is_read_by_its_type() {
    all_are_read::<Containers>();
    all_are_read::<Tree>();
    all_are_read::<Layouts>();
    all_are_read::<Vec<Place>>();
    all_are_read::<BTreeMap<String, Event>>();
}

#[test]
fn a_mutated_text_form_is_the_only_one_that_may_be_refused() {
    let (refused, all) = refused::<Leaves>();
    let is_other = |reason: &&String| !reason.contains("/address");
    assert_eq!(refused.iter().find(is_other), None);
    assert!(refused.len() * 3 < all, "{} of {all}", refused.len());
}

#[test]
fn a_value_that_a_type_refuses_is_replaced() {
    let (refused, all) = refused::<Checked>();
    assert!(refused.len() * 3 < all, "{} of {all}: {}", refused.len(), refused[0]);
    let described = TypeDescription::for_type::<Checked>();
    let mut generator = generator(&described, 2);
    for _ in 0..200 {
        let mut value = generator.fresh();
        generator.mutate(&mut value);
        assert_eq!(value["key"], "", "a secret is never varied");
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Code(u8);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code-{}", self.0)
    }
}

impl std::str::FromStr for Code {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("code-").and_then(|text| text.parse().ok());
        number.map(Self).ok_or_else(|| "not a code".to_owned())
    }
}

#[structure]
struct Coded {
    #[field(text)]
    code: Code,
}

#[test]
fn a_type_that_no_text_is_known_of_names_its_field() {
    let described = TypeDescription::for_type::<Coded>();
    let check = |text: &str| json::decode::<Coded>(text).map(|_| ());
    let mut plain = generator(&described, 1);
    let error = find_valid(&plain, &mut &check).unwrap_err();
    assert!(error.contains("/code") && error.contains("not a code"), "{error}");
    // A literal of the source, or a recorded case, is where others come from.
    plain.pools.texts.push("code-7".to_owned());
    assert_eq!(find_valid(&plain, &mut &check).unwrap(), serde_json::json!({"code": "code-7"}));
    plain.learn(&serde_json::json!({"code": "code-9"}));
    assert_eq!(plain.form_texts("Code")[0], "code-9");
}

#[structure]
struct Endless {
    next: Box<Endless>,
}

#[test]
fn a_type_that_always_contains_itself_has_no_value() {
    let described = TypeDescription::for_type::<Endless>();
    let error = find_valid(&generator(&described, 1), &mut |_| Ok(())).unwrap_err();
    assert!(error.contains("contains itself"), "{error}");
}

#[test]
fn the_same_seed_makes_the_same_values() {
    fn texts<T: Part>(seed: u64) -> Vec<String> {
        let described = TypeDescription::for_type::<T>();
        let mut generator = generator(&described, seed);
        (0..50).map(|_| to_text(&generator.fresh())).collect()
    }
    assert_eq!(texts::<Leaves>(1), texts::<Leaves>(1));
    assert_ne!(texts::<Leaves>(1), texts::<Leaves>(2));
}

#[test]
fn literals_and_their_neighbours_are_among_the_boundaries() {
    let described = TypeDescription::for_type::<Leaves>();
    let generator = generator(&described, 1);
    let base = serde_json::json!({"text": "", "large": 0});
    let all = generator.boundaries(&base);
    for text in ["quartz", "-"] {
        assert!(all.iter().any(|value| value["text"] == text), "{text}");
    }
    for number in [412, 413, 414] {
        assert!(all.iter().any(|value| value["large"] == number), "{number}");
    }
}

#[test]
fn a_variable_has_values_of_its_type() {
    use athena_core::environment::Variable;
    let described = TypeDescription::for_type::<Place>();
    let mut generator = generator(&described, 1);
    for _ in 0..100 {
        let mut value = |kind: &'static str| generator.variable(&Variable::new("A", kind));
        assert!(value("u8").is_none_or(|text| text.parse::<u8>().is_ok()));
        assert!(value("Option < i64 >").is_none_or(|text| text.parse::<i64>().is_ok()));
        assert!(value("bool").is_some_and(|text| text.parse::<bool>().is_ok()));
        assert!(value("f64").is_some_and(|text| text.parse::<f64>().is_ok()));
        assert!(value("Vec<bool>").is_some());
        assert_eq!(value("Level"), None);
    }
    let names: &[&str] = &["low", "high"];
    let level = Variable::new("LEVEL", "Option<Level>").values(names);
    let found: BTreeSet<_> = (0..100).filter_map(|_| generator.variable(&level)).collect();
    assert_eq!(found, ["high", "low"].map(String::from).into());
    let limit = Variable::new("LIMIT", "u32").default("730".to_owned());
    let found: BTreeSet<_> = (0..100).filter_map(|_| generator.variable(&limit)).collect();
    assert!(found.contains("729") && found.contains("731"), "{found:?}");
}

#[structure]
struct Shown {
    #[example("2018-02-14", "a\"b")]
    text: String,
    inner: Inside,
}

#[structure]
struct Inside {
    #[example(-41)]
    number: i64,
}

#[test]
fn examples_of_fields_come_first() {
    let described = TypeDescription::for_type::<Shown>();
    let generator = generator(&described, 1);
    let base = serde_json::json!({"text": "", "inner": {"number": 0}});
    let all = generator.boundaries(&base);
    assert_eq!(all[1]["text"], "2018-02-14");
    assert_eq!(all[2]["text"], "a\"b");
    assert_eq!(all[3]["inner"]["number"], -41);
}
