#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

/// Two models, one with something of everything.
const SHOP: &str = r#"use athena_rt::prelude::*;

#[environment]
pub struct Settings {
    #[default(1)]
    pub seed: i64,
    pub region: Option<String>,
    #[secret]
    pub token: Option<String>,
}

#[structure]
pub struct Order {
    pub items: Vec<Item>,
    pub note: Option<String>,
    #[default(true)]
    pub is_gift: bool,
    #[default(1.0)]
    pub rate: f64,
    #[secret]
    pub card: Option<String>,
}

#[structure]
pub struct Item {
    pub kind: Kind,
}

#[structure]
pub enum Kind {
    Plain,
    Sized(Size),
}

#[structure]
pub struct Size {
    pub width: Option<u32>,
}

#[structure]
pub struct Bill {
    pub level: Level,
    pub is_paid: bool,
}

#[structure]
pub enum Level {
    Low,
    High,
}

#[model]
pub fn price(_: State<Order, Settings>) -> Result<State<Bill, Settings>, String> {
    Err("none is run".to_owned())
}

#[model]
pub fn renamed(state: State<Order>) -> State<Order> {
    state
}
"#;

fn case(model: &str, env: &Value, input: &Value) -> String {
    let bill = json!({"level": "Low", "is_paid": false});
    let case = json!({
        "format": 1, "model": model, "env": env, "input": input, "output": bill,
    });
    serde_json::to_string_pretty(&case).unwrap() + "\n"
}

fn shop() -> Project {
    let project = Project::new()
        .file("Cargo.toml", &manifest("shop", "", TEST_TARGET))
        .file("src/lib.rs", SHOP)
        .file("tests/athena.rs", "athena_rt::main!(shop);\n")
        .file("fixtures/environments/north.env", "SEED=3\n")
        .file("fixtures/environments/south.env", "SEED=4\n")
        .file("fixtures/shop/rename/old.json", "not looked into");
    let sized = json!({"items": [{"kind": {"Sized": {}}}], "note": "n", "card": "hunter2"});
    let same =
        json!({"note": "n", "items": [{"kind": {"Sized": {"width": null}}}], "card": "4111"});
    let secret = json!({"TOKEN": "hunter2"});
    let odd = json!({"PASSWORD": "hunter2", "\u{1b}[31mRED": "1", "TOKEN": "other"});
    for (name, env, input) in [
        ("one", &secret, &sized),
        ("two@south", &odd, &same),
        ("three", &json!({"SEED": "1"}), &json!({"note": "m"})),
    ] {
        project
            .write(&format!("fixtures/shop/price/{name}.json"), &case("shop::price", env, input));
    }
    project
}

#[test]
fn what_the_recordings_lack_is_told_model_by_model_and_no_value_with_it() {
    let project = shop();
    let found = project.athena(&["doctor"]);
    found.exits(0).prints(
        "orphans: cases whose model is gone
  shop::rename  1 case in fixtures/shop/rename
  help: if it was renamed: cargo athena mv shop::rename shop::renamed; otherwise delete the folder

uncovered: models without cases
  shop::renamed
  help: cargo athena record shop::renamed

shop::price  3 cases
  undeclared  \\u{1b}[31mRED in 1 case, as in two@south
              PASSWORD in 1 case, as in two@south
  help: test refuses it; to remove it: cargo athena record shop::price --rerecord
  duplicates  one = two@south
  help: keep one case of each row and delete the others
  unset       REGION
  help: record a case that sets it: cargo athena record shop::price -e REGION=VALUE
  unseen      output is never an error: String
              output /level: never High
              input /items/*/kind: never Plain
              output only false: /is_paid
              input never present: /items/*/kind/Sized/width
              input never set: /is_gift, /rate
              input always present: /note
  help: put a message that has it into message.json and record it: cargo athena record shop::price

unused: environments that no case is recorded under
  north  fixtures/environments/north.env
  help: record a case under it: cargo athena record shop::price --environment north; or delete the file

2 models, 3 cases: 1 orphan, 1 uncovered, 2 undeclared, 1 duplicate, 1 unset, 8 unseen, 1 unused
",
    );
    found.never_says("hunter2").never_says("4111").never_says("\u{1b}");

    let found = project.athena(&["doctor", "--format", "json", "--deny", "unset,orphans"]);
    found.exits(1).says("found what --deny forbids: 1 orphan, 1 unset").never_says("hunter2");
    let report: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["models"][0], json!({"model": "shop::price", "cases": 3}));
    let findings = report["findings"].as_array().unwrap();
    let kinds = |wanted: &str| findings.iter().filter(|one| one["kind"] == wanted).count();
    assert_eq!(["orphans", "undeclared", "unseen", "unused"].map(kinds), [1, 2, 8, 1]);
    let level = json!({
        "kind": "unseen", "model": "shop::price", "side": "output", "path": "/level",
        "what": {"variants": ["High"]},
    });
    assert!(findings.contains(&level), "{findings:#?}");

    // A filter picks models; what belongs to none is left out.
    let filtered = project.athena(&["doctor", "renamed", "--deny", "orphans,duplicates"]);
    filtered.exits(0).says("1 model, 0 cases: 1 uncovered").never_says("north").never_says("gone");
    project
        .athena(&["doctor", "price::one"])
        .exits(4)
        .says("no model's id contains `price::one`")
        .says("filters select models, not cases");
    project.athena(&["doctor", "price", "prise"]).exits(4).says("contains `prise`");
    project
        .athena(&["doctor", "--deny", "orfans"])
        .exits(2)
        .says("orphans, uncovered, unbuilt, unlinked, vacuous, undeclared, duplicates, unset, unseen, unused, all");
    // Where targets are picked, a model may well exist.
    let narrowed = project.athena(&["doctor", "--test", "athena"]);
    narrowed.exits(0).never_says("gone").says("1 uncovered");
    project
        .athena(&["doctor", "--test", "athena", "--deny", "orphans"])
        .exits(2)
        .says("--deny orphans needs every runner");
}

#[test]
fn what_cannot_be_read_is_named_with_its_line_and_the_rest_is_judged() {
    let project = shop();
    let line = |name: &str, env: &str| {
        format!(
            r#"{{"model":"shop::price","case":"{name}","format":1,"env":{env},"input":{{}},"output":{{"level":"High","is_paid":true}}}}"#
        )
    };
    let suite = [
        line("a", "{}"),
        "<<<<<<< ours".to_owned(),
        line("b", r#"{"TOKEN":12345}"#),
        line("a", "{}"),
        line("c", r#"{"REGION":"x"}"#),
    ];
    project.write("fixtures/shop/price/many.jsonl", &(suite.join("\n") + "\n"));
    project.write("fixtures/shop/price/a case.json", "{}");
    project.write("fixtures/shop/price/torn.json", "{\n  \"format\": 1,\n  \"mod");
    project.write("fixtures/shop/price/later.json", "{\"format\": 9}");
    project.write("fixtures/environments/south.env", "SEED=1\nhunter2\n");
    project.write("fixtures/environments/North Pole.env", "");
    let found = project.athena(&["doctor", "--deny", "unset"]);
    found
        .exits(2)
        .says("\nbroken\n".trim_start())
        .says("fixtures/shop/price/many.jsonl:2: the file has conflict markers")
        .says("fixtures/shop/price/many.jsonl:3: `env` must be an object with string values")
        .says("fixtures/shop/price/many.jsonl:4: the suite has the case `a` twice")
        .says("fixtures/shop/price/a case.json: \"a case\" is not a valid case name: it has ' '")
        .says("fixtures/shop/price/torn.json:3: not a case")
        .says("fixtures/shop/price/later.json:1: the case has format 9")
        .says("fixtures/environments/south.env:2: the line has no =")
        .says(
            "fixtures/environments/North Pole.env: \"North Pole\" is not a valid environment name",
        )
        .says("shop::price  5 cases")
        .says("2 models, 5 cases: 8 broken, 1 orphan")
        .never_says("denied")
        .never_says("12345")
        .never_says("hunter2");

    project.write("file", "");
    let found = project.athena(&["doctor", "price", "--fixtures", "file"]);
    found.exits(2).says("broken\n  file: not a folder").says("1 broken");
}

#[test]
#[ignore = "builds several programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_replay_can_deny_models_without_cases_whatever_else_is_left_out() {
    let triple = LIBRARY.split_once("/// Doubles").unwrap().1;
    let triple =
        format!("/// Triples{}", triple.replace("double", "triple").replace("*= 2", "*= 3"));
    let project = Project::library("pair").file("src/lib.rs", &format!("{LIBRARY}\n{triple}"));
    let message = ["--message", "{\"value\":2}"];
    project.athena(&[&["record", "double", "--case", "two"], &message[..]].concat()).exits(0);
    project.athena(&["test"]).exits(0);
    for filter in
        [&["double"][..], &["pair::double::two", "--exact"], &["--partition", "slice:1/1"]]
    {
        project
            .athena(&[&["test", "--deny", "uncovered"], filter].concat())
            .exits(1)
            .says("1 case: 1 passed, 0 failed")
            .says("models without cases are denied: pair::triple");
    }
    project.athena(&["doctor", "--deny", "uncovered"]).exits(1).says("--deny forbids: 1 uncovered");

    project.athena(&[&["record", "triple", "--case", "two"], &message[..]].concat()).exits(0);
    // A model whose cases a filter hides has cases.
    for filter in
        [&["double"][..], &["pair::double::two", "--exact"], &["--partition", "slice:1/2"]]
    {
        project.athena(&[&["test", "--deny", "uncovered,orphans"], filter].concat()).exits(0);
    }
    let healthy = project.athena(&["doctor", "--deny", "orphans,uncovered,duplicates,unseen"]);
    healthy.exits(0).prints("2 models, 2 cases: nothing found\n");

    project.edit("src/lib.rs", "fn triple", "fn thrice");
    project.athena(&["test", "--deny", "orphans"]).exits(1).says("1 failed");
    let both = project.athena(&["test", "--deny", "orphans", "--allow-orphans"]);
    both.exits(2).says("contradict each other");
    project
        .athena(&["test", "--allow-orphans", "--deny", "uncovered"])
        .exits(1)
        .says("denied: pair::thrice");
    project.athena(&["test", "--deny", "unseen"]).exits(2).says("orphans, uncovered");
    project
        .athena(&["doctor"])
        .exits(0)
        .says("if it was renamed: cargo athena mv pair::triple pair::thrice");
}
