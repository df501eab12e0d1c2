//! `cargo athena record`

use crate::support::Project;

const CASE: &str = "fixtures/recorder/double/three.json";

#[test]
fn a_run_is_kept_as_a_case_and_renewed_on_request() {
    let project = Project::library("recorder");
    let record = ["record", "double", "--case", "three", "--message", "{\"value\":3}"];
    // The outcome is shown, and the place from where the user is.
    project
        .athena(&record)
        .exits(0)
        .says("recorded recorder::double::three (fixtures/recorder/double/three.json)")
        .says("  {\"value\":6}");
    let case = project.read(CASE);
    assert!(case.contains("\"value\": 6"), "{case}");

    project.edit("src/lib.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1);
    project.athena(&["record", "--rerecord", "nothing_of_this_name"]).exits(4);
    for beside in [&["record", "--rerecord"][..], &["test"], &["strength"]] {
        let filters = [beside, &["three", "nothing_of_this_name"]].concat();
        let refused = project.athena(&filters);
        refused.exits(4).says("contains `nothing_of_this_name`").says("nothing was done");
    }
    assert_eq!(project.read(CASE), case);
    project.athena(&["record", "--rerecord", "three"]).exits(0);
    assert!(project.read(CASE).contains("\"value\": 9"), "{}", project.read(CASE));
    project.athena(&["test"]).exits(0).says("1 case: 1 passed, 0 failed");
}

#[test]
fn many_lines_become_one_suite() {
    let project = Project::library("suites").file("many.jsonl", "{\"value\":1}\n{\"value\":2}\n");
    let record = ["record", "double", "--messages", "many.jsonl", "--suite", "numbers"];
    project.athena(&record).exits(0).says(" -> {\"value\":4}");
    project.write("many.json", "[\n  {\"value\": 1}\n]\n");
    let array = ["record", "double", "--messages", "many.json", "--suite", "numbers"];
    project.athena(&array).exits(2).says("jq -c '.[]' many.json");
    project.write("some.jsonl", "{\"value\":3}\n{\"valeu\":1}\n");
    let some = ["record", "double", "--messages", "some.jsonl", "--suite", "some"];
    project
        .athena(&some)
        .exits(2)
        .says("1 of 2 messages can't be recorded:")
        .says("  some.jsonl:2:8: /valeu: unknown field `valeu`, did you mean `value`?\n")
        .says("add --rejects rejects.jsonl")
        .never_says("(line 1");
    let wrong = "  {\"value\":{\"a\":1}}\n".repeat(8);
    project.write("wrong.jsonl", &format!("{{\"value\":1}}\n{wrong}"));
    project
        .athena(&["record", "double", "--messages", "wrong.jsonl", "--suite", "wrong"])
        .exits(2)
        .says("8 of 9 messages can't be recorded:")
        .says("  wrong.jsonl:2:")
        .says("  wrong.jsonl:6:")
        .says("  and 3 more")
        .never_says("wrong.jsonl:7:");
    assert!(!project.has("fixtures/suites/double/wrong.jsonl"));
    // `run` has one place, too.
    let run = project.athena(&["run", "double", "--messages", "some.jsonl"]);
    run.exits(1).says("line 2: message: /valeu: unknown field").says("(column 8)");
    project
        .athena(&[&some[..], &["--rejects", "rejects.jsonl"]].concat())
        .exits(1)
        .says("1 of 2 messages not recorded: rejects.jsonl has them");
    assert_eq!(project.read("fixtures/suites/double/some.jsonl").lines().count(), 1);
    assert!(project.read("rejects.jsonl").starts_with("{\"line\":2,\"kind\":\"message\""));
    assert_eq!(project.read("fixtures/suites/double/numbers.jsonl").lines().count(), 2);
    project.athena(&["test"]).exits(0).says("3 cases: 3 passed, 0 failed");
}

#[test]
fn a_suite_that_is_read_in_parts_changes_only_where_cases_do() {
    let project = Project::library("parts");
    let path = "fixtures/parts/double/large.jsonl";
    // Two or three of these are in memory at once.
    let note = "n".repeat(1_500_000);
    let suite = |wrong: fn(i32) -> bool| -> String {
        let line = |at: i32| {
            let output = if wrong(at) { -1 } else { 2 * at };
            format!(
                "{{\"model\":\"parts::double\",\"case\":\"c{at}\",\"format\":1,\"env\":{{}},\"input\":{{\"value\":{at}}},\"output\":{{\"value\":{output}}},\"note\":\"{note}\"}}\n"
            )
        };
        (0..8).map(line).collect()
    };
    let right = suite(|_| false);
    project.write(path, &suite(|at| at % 3 == 0));
    project.athena(&["record", "--rerecord"]).exits(0).says("3 changed, 5 as before");
    assert!(project.read(path) == right);
    project.write(path, &suite(|at| at != 4));
    project.athena(&["test"]).exits(1);
    project.athena(&["accept", "/c7"]).exits(0).says("accepted 1 case");
    assert!(project.read(path) == suite(|at| at != 4 && at != 7));
    project.athena(&["accept"]).exits(0).says("accepted 6 cases");
    assert!(project.read(path) == right);
}

#[test]
fn messages_that_are_read_in_parts_are_recorded_as_all_at_once() {
    let project = Project::library("many");
    let suite = |name: &str| format!("fixtures/many/double/{name}.jsonl");
    // Three of these are in memory at once. White space is not recorded.
    let messages = |values: &[&str], pad: usize| -> String {
        let pad = " ".repeat(pad);
        let lines = values.iter().map(|value| format!("{{\"value\":{value}{pad}}}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let record = |file: &str, name: &str, more: &[&str]| {
        let record = ["record", "double", "--messages", file, "--suite", name];
        project.athena(&[&record[..], more].concat())
    };
    let values = ["1", "2", "3", "4", "5", "6", "7", "8"];
    project.write("short.jsonl", &messages(&values, 0));
    project.write("long.jsonl", &messages(&[&values[..], &["1"]].concat(), 3 << 20));
    record("short.jsonl", "whole", &[]).exits(0);
    let parts = record("long.jsonl", "parts", &[]);
    parts.exits(0).says("8 new, 0 changed, 0 as before").says("{\"value\":10}").says("and 3 more");
    parts.says("1 message occurred more than once");
    let whole = project.read(&suite("whole"));
    assert!(whole.lines().count() == 8 && project.read(&suite("parts")) == whole);
    // What fails is found in every part, and nothing is written.
    project.write("wrong.jsonl", &messages(&["1", "[]", "3", "4", "5", "6", "7", "{}"], 3 << 20));
    let wrong = record("wrong.jsonl", "wrong", &[]);
    wrong.exits(2).says("2 of 8 messages can't be recorded:").says("wrong.jsonl:2:").says(":8:");
    assert!(!project.has(&suite("wrong")));
    let rejects = ["--rejects", "rejects.jsonl"];
    record("wrong.jsonl", "right", &rejects).exits(1).says("2 of 8 messages not recorded");
    assert_eq!(project.read("rejects.jsonl").lines().count(), 2);
    assert_eq!(project.read(&suite("right")).lines().count(), 6);
    // Each line stays in its place, whatever the order of the messages.
    project.edit("src/lib.rs", "*= 2", "*= 3");
    project.write("more.jsonl", &messages(&["8", "7", "2", "9", "1"], 3 << 20));
    let refused = record("more.jsonl", "parts", &[]);
    refused.exits(1).says("parts.jsonl is not changed: ").says("the outcome has changed");
    assert!(project.read(&suite("parts")) == whole);
    // A blank line, and other ends of lines.
    project.write(&suite("parts"), &whole.replacen('\n', "\r\n\n", 2));
    let replaced = record("more.jsonl", "parts", &["--overwrite"]);
    replaced.exits(0).says("1 new, 4 changed, 0 as before");
    let tripled = [3, 6, 6, 8, 10, 12, 21, 24];
    let expected = whole.lines().zip(values).zip(tripled).map(|((line, value), now)| {
        let twice = 2 * value.parse::<i32>().unwrap();
        line.replace(
            &format!("\"output\":{{\"value\":{twice}}}"),
            &format!("\"output\":{{\"value\":{now}}}"),
        )
    });
    let parts = project.read(&suite("parts"));
    assert!(parts.lines().take(8).eq(expected), "{parts}");
    let last = parts.lines().last().unwrap_or_default();
    assert!(parts.lines().count() == 9 && last.contains("{\"value\":27}"), "{last}");
    record("more.jsonl", "parts", &[]).exits(0).says("0 new, 0 changed, 5 as before");
    assert!(project.read(&suite("parts")) == parts);
}

#[test]
fn recording_takes_one_model() {
    let project = Project::library("one_model");
    project.athena(&["record", "a", "b"]).exits(2).says("cargo athena record --rerecord a b");
    project
        .athena(&["record", "--rerecord"])
        .exits(4)
        .says("record one: cargo athena record one_model::double\n");
    // The only one, as `run` does.
    project.athena(&["record", "--case", "one"]).exits(0).says("one_model::double::one");
    project.edit(
        "src/lib.rs",
        "/// Doubles",
        "#[model]\npub fn other(s: State<Number>) -> State<Number> {\n    s\n}\n\n/// Doubles",
    );
    project.athena(&["record"]).exits(2).says("one_model::double, one_model::other");
}

#[test]
fn cases_are_recorded_again_of_the_named_models_only() {
    let two = "#[model]\npub fn double_again(s: State<Number>) -> State<Number> {\n    double(s)\n}\n\n/// Doubles";
    let project = Project::library("again");
    project.edit("src/lib.rs", "/// Doubles", two);
    for model in ["again::double", "again::double_again"] {
        for case in ["one", "two"] {
            project.athena(&["record", model, "--case", case]).exits(0);
        }
    }
    let files = ["double/one", "double/two", "double_again/one", "double_again/two"];
    let changed = || -> Vec<&str> {
        let is_new = |file: &&str| {
            project.read(&format!("fixtures/again/{file}.json")).contains("\"value\": 3\n  }\n}")
        };
        files.into_iter().filter(is_new).collect()
    };
    project.edit("src/lib.rs", "*= 2", "*= 3");
    for refused in [&["one", "--rerecord"][..], &["again::double", "--rerecord", "one", "none"]] {
        project.athena(&[&["record"], refused].concat());
        assert_eq!(changed(), [""; 0], "{refused:?}");
    }
    project
        .athena(&["record", "one", "--rerecord"])
        .exits(2)
        .says("no model is named `one`")
        .says("cargo athena record --rerecord one\n");
    project
        .athena(&["record", "double_again", "--rerecord", "three"])
        .exits(4)
        .says("no case of again::double_again has a name that contains three");
    project.athena(&["record", "again::double", "--rerecord", "one"]).exits(0).says("1 changed");
    assert_eq!(changed(), ["double/one"]);
    project.athena(&["record", "again::double", "--rerecord"]).exits(0);
    assert_eq!(changed(), ["double/one", "double/two"]);
    // Of all models, by the name alone.
    project.athena(&["record", "--rerecord", "two"]).exits(0);
    assert_eq!(changed(), ["double/one", "double/two", "double_again/two"]);
}

#[test]
fn cases_go_to_the_workspaces_root_or_where_they_are_told_to() {
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"inner\"]\n")
        .with_library("inner", "inner");
    project.athena_in("inner", &["record", "double", "--case", "here"]).exits(0);
    assert!(project.has("fixtures/inner/double/here.json"));
    let elsewhere = ["record", "double", "--case", "there", "--fixtures", "kept"];
    project.athena_in("inner", &elsewhere).exits(0);
    assert!(project.has("inner/kept/inner/double/there.json"));
}
