//! `cargo athena shrink`

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};

use crate::support::{Project, TEST_TARGET, manifest};

const LIBRARY: &str = "use athena_rt::prelude::*;

#[structure]
pub enum Mode {
    Quick,
    Careful,
    Other(Item),
}

#[structure]
pub struct Item {
    pub name: String,
    #[default(1)]
    pub count: u32,
}

#[structure]
pub struct Order {
    pub amount: i64,
    #[default(\"\")]
    pub note: String,
    pub items: Vec<Item>,
    pub mode: Option<Mode>,
    #[default(\"\")]
    pub act: String,
}

#[environment]
pub struct Settings {
    #[default(0)]
    pub limit: i64,
    #[default(\"\")]
    pub label: String,
}

/// Fails in many ways.
#[model]
pub fn check(state: State<Order, Settings>) -> State<Order, Settings> {
    let order = &state.data;
    if order.amount >= 1000 && order.items.len() >= 2 {
        panic!(\"{} items are too many\", order.items.len());
    }
    if state.env.limit >= 50 && order.mode.is_some() {
        panic!(\"over the limit\");
    }
    match order.act.as_str() {
        \"abort now\" => std::process::abort(),
        act if act.contains('~') => loop {
            std::thread::sleep(std::time::Duration::from_secs(1));
        },
        _ => {}
    }
    state
}

#[structure]
pub struct Price {
    #[default(0)]
    pub total: i64,
}

/// Adds up.
#[model]
pub fn price(state: State<Order>) -> State<Price> {
    let total = state.data.items.iter().map(|item| i64::from(item.count)).sum();
    state.with(Price { total })
}
";

fn project(name: &str) -> Project {
    Project::new()
        .file("Cargo.toml", &manifest(name, "", TEST_TARGET))
        .file("src/lib.rs", LIBRARY)
        .file("tests/athena.rs", &format!("athena_rt::main!({name});\n"))
}

/// Writes a case that was recorded before the model failed at it.
fn case(project: &Project, package: &str, model: &str, case: &str, env: &Value, input: &Value) {
    let text = json!({
        "format": 1,
        "model": format!("{package}::{model}"),
        "env": env,
        "input": input,
        "output": {},
    });
    project.write(&format!("fixtures/{package}/{model}/{case}.json"), &format!("{text:#}\n"));
}

/// The first JSON object that was printed.
fn printed(out: &str) -> Value {
    let start = out.find("\n{").unwrap() + 1;
    let mut values = serde_json::Deserializer::from_str(&out[start..]).into_iter();
    values.next().unwrap().unwrap()
}

fn order() -> Value {
    json!({
        "amount": 734_521,
        "note": "to be sent on Monday",
        "items": [
            { "name": "pencil", "count": 3 },
            { "name": "paper" },
            { "name": "ink", "count": 12 },
            { "name": "glue", "count": 2 },
        ],
        "mode": { "Other": { "name": "x", "count": 2 } },
    })
}

#[test]
#[ignore = "builds two programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_case_without_outcome_is_shrunk_to_one_that_fails_in_the_same_way() {
    let project = project("shrunk");
    let settings = json!({ "LIMIT": "7", "LABEL": "blue" });
    case(&project, "shrunk", "check", "many", &settings, &order());
    let outcome = project.athena(&["shrink", "check::many", "--color", "never"]);
    outcome
        .exits(0)
        .says("shrunk::check::many fails: the model panicked: 4 items are too many, at src/lib.rs")
        .says("4 items are too many")
        .says("bytes, 6 values")
        .never_says("under");
    let items = json!([{ "name": "" }, { "name": "" }]);
    let smallest = json!({ "amount": 1000, "items": items });
    assert_eq!(printed(&outcome.out), smallest);
    let line = outcome.out.lines().find(|line| line.starts_with("  cargo athena run")).unwrap();
    let saved = outcome.out.lines().last().unwrap().strip_prefix("saved: ").unwrap();
    assert!(saved.ends_with("shrunk/many.json"), "{saved}");

    // The line that is printed does it, and so does the file.
    let words = shlex::split(line.trim()).unwrap();
    let words: Vec<&str> = words[2..].iter().map(String::as_str).collect();
    project.athena(&words).exits(1).says("2 items are too many");
    project.athena(&["run", "check", "-m", saved]).exits(1).says("2 items are too many");
    // The same once more, whatever the machine does.
    let again = project.athena(&["shrink", "check::many", "--color", "never", "-j", "1"]);
    assert_eq!(printed(&again.out), smallest);

    // Variables are part of the input; an enum comes to its first variant.
    let settings = json!({ "LIMIT": "734", "LABEL": "it's" });
    let mut few = order();
    few["items"] = json!([]);
    case(&project, "shrunk", "check", "limited", &settings, &few);
    let outcome = project.athena(&["shrink", "limited"]);
    outcome.exits(0).says("over the limit").says("LIMIT=50").never_says("LABEL");
    assert_eq!(printed(&outcome.out), json!({ "amount": 0, "mode": "Quick" }));

    // A failing input is not recorded; a budget that is too small is reported.
    let outcome = project.athena(&["shrink", "limited", "--record", "small", "--budget", "3"]);
    outcome.exits(0).says("nothing was recorded").says("the budget is used up");
    assert!(!project.has("fixtures/shrunk/check/small.json"));

    // Crashes and hangs cost one input each.
    let mut ends = order();
    ends["amount"] = json!(1);
    ends["act"] = json!("abort now");
    case(&project, "shrunk", "check", "ends", &json!({}), &ends);
    let outcome = project.athena(&["shrink", "ends"]);
    outcome.exits(0).says("the model's process");
    assert_eq!(printed(&outcome.out), json!({ "amount": 0, "act": "abort now" }));
    ends["act"] = json!("a ~ b");
    case(&project, "shrunk", "check", "hangs", &json!({}), &ends);
    let outcome = project.athena(&["shrink", "hangs", "--timeout", "300ms"]);
    outcome.exits(0).says("timed out");
    assert_eq!(printed(&outcome.out), json!({ "amount": 0, "act": "~" }));
}

#[test]
#[ignore = "builds two programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_case_that_differs_is_shrunk_to_one_that_differs_from_the_base() {
    let project = project("differs");
    let git = |arguments: &[&str]| {
        let status = std::process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(project.path(""))
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    };
    let input = order().to_string();
    project.athena(&["record", "price", "--case", "sum", "-m", &input]).exits(0);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    project
        .athena(&["shrink", "sum"])
        .exits(1)
        .says("differs::price::sum does not fail: its outcome is the recorded one")
        .says("--base REV");

    // The working tree against HEAD.
    project.edit("src/lib.rs", ".sum();", ".map(|count| if count > 5 { 5 } else { count }).sum();");
    let outcome = project.athena(&["shrink", "sum"]);
    outcome.exits(0).says("differs::price::sum differs from HEAD (").says("saved: ");
    let smallest = json!({ "amount": 0, "items": [{ "name": "", "count": 6 }] });
    assert_eq!(printed(&outcome.out), smallest);
    outcome.says("-  \"total\": 6").says("+  \"total\": 5").says("\"total\"");

    // Records the working tree's outcome, without the variables of this process.
    let outcome = project.athena(&["shrink", "sum", "--record", "capped"]);
    outcome.exits(0).says("recorded: fixtures/differs/price/capped.json");
    let recorded: Value =
        serde_json::from_str(&project.read("fixtures/differs/price/capped.json")).unwrap();
    assert_eq!(recorded["input"], smallest);
    assert_eq!(recorded["output"], json!({ "total": 5 }));
    project.athena(&["test", "capped"]).exits(0);
    project.athena(&["shrink", "sum", "--record", "capped"]).exits(2).says("already exists");

    // Committed, it differs from a commit that must be named.
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "second"]);
    project.athena(&["shrink", "sum"]).exits(2).says("--base REV");
    let outcome = project.athena(&["shrink", "sum", "--base", "HEAD~1", "--no-record"]);
    outcome.exits(0).says("differs from HEAD~1 (");
    assert_eq!(printed(&outcome.out), smallest);
    project.athena(&["shrink", "capped", "--base", "HEAD"]).exits(1).says("is the same as on HEAD");
    project.athena(&["shrink", "sum", "--base", "nope"]).exits(2).says("nope");
}

#[test]
#[ignore = "builds two programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_can_not_be_shrunk_is_told_and_changes_nothing() {
    let project = project("unshrunk");
    project.athena(&["shrink", "one"]).exits(4).says("no case is recorded");
    case(&project, "unshrunk", "check", "one", &json!({}), &json!({ "amount": 1 }));
    case(&project, "unshrunk", "check", "one-more", &json!({}), &json!({ "amount": 1 }));
    case(&project, "unshrunk", "gone", "old", &json!({}), &json!({}));
    project.write("fixtures/unshrunk/check/broken.json", "<<<<<<< HEAD\n");
    for (arguments, code, says) in [
        (&["on"][..], 4, "3 cases have `on` in their name"),
        (&["check::onne"][..], 4, "did you mean `unshrunk::check::one`"),
        (&["entirely other"][..], 4, "a name is `model id::case`"),
        (&["broken"][..], 2, "broken.json:1 is not a case"),
        (&["old"][..], 2, "no model is named `unshrunk::gone`"),
        (&["check::one", "--budget", "0"][..], 2, "0"),
        (&["check::one", "--timeout", "2"][..], 2, "not a duration"),
        (&["check::one", "--record", "A B"][..], 2, "a case name is made of"),
        (&["check::one", "--record", "x", "--no-record"][..], 2, "cannot be used with"),
        (&["check::one", "--record", "one-more"][..], 2, "already exists"),
        (&["check::one", "check::two"][..], 2, "unexpected argument"),
        (&[][..], 2, "<CASE>"),
    ] {
        project.athena(&[&["shrink"], arguments].concat()).exits(code).says(says);
    }
    // Its outcome is not what is recorded, and there is nothing to compare with.
    project.athena(&["shrink", "check::one"]).exits(2).says("--base REV");
    project.athena(&["record", "check", "--case", "good", "-m", "{\"amount\":1}"]).exits(0);
    project
        .athena(&["shrink", "good"])
        .exits(1)
        .says("does not fail: its outcome is the recorded one");
}
