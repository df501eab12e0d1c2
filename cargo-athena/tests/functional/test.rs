//! `cargo athena test`, and suites that are imported.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::support::Project;

const MESSAGE: &str = "{\"value\":3}";

fn recorded(name: &str) -> Project {
    let project = Project::library(name);
    project.athena(&["record", "double", "--case", "three", "-m", MESSAGE]).exits(0);
    project.athena(&["record", "double", "--case", "default", "-m", "{}"]).exits(0);
    project
}

#[test]
fn the_last_line_counts_and_the_exit_code_says_how_it_went() {
    let project = recorded("counted");
    let replay = project.athena(&["test"]);
    replay.exits(0).says("counted::double::three");
    assert_eq!(replay.out.lines().last(), Some("2 cases: 2 passed, 0 failed"));
    suites_of_others_and_known_failures(&project);

    project.edit("src/lib.rs", "*= 2", "*= 3");
    let replay = project.athena(&["test"]);
    replay.exits(1).says("/value");
    assert_eq!(replay.out.lines().last(), Some("2 cases: 0 passed, 2 failed"));

    project.write("fixtures/counted/double/three.json", "<<<<<<< HEAD\n{}\n");
    project.athena(&["test"]).exits(2).says("three.json").says("2 cases: 0 passed, 2 failed");
}

/// Imports a suite whose records the model reads, can't read, and has other outcomes for.
fn suites_of_others_and_known_failures(project: &Project) {
    let long = "a".repeat(110);
    project.write(
        "others.json",
        &format!(
            "[{{\"input\":{{\"value\":1}},\"output\":{{\"value\":2}},\"name\":\"Section 1.2\"}},\n\
             {{\"input\":{{\"value\":\"x\"}},\"output\":{{\"value\":2}},\"name\":\"text\"}},\n\
             {{\"input\":{{\"value\":3}},\"output\":{{\"value\":7}},\"name\":\"off\"}},\n\
             {{\"input\":{{\"valu\":3}},\"error\":\"any\",\"name\":\"typo\"}},\n\
             {{\"input\":{{}},\"output\":{{\"value\":2}}}},\n\
             {{\"input\":{{\"value\":4}},\"output\":{{\"value\":8}},\"name\":\"{long}\"}}]"
        ),
    );
    // It has no outcomes.
    project.write("none.json", "[{\"input\":{}}]");
    let import = |more: &[&str]| {
        let files = ["import", "double", "others.json", "none.json", "--name", "/name"];
        project.athena(&[&files, more].concat())
    };
    let suite = "fixtures/counted/double/others.jsonl";
    import(&[])
        .exits(2)
        .says("counted::double can't read 2 of 6 messages")
        .says("others.json#/1: /value: ")
        .says("others.json#/3: /valu: unknown field `valu`, did you mean `value`?\n")
        .says("--rejects FILE");
    let dry = import(&["--dry-run", "--rejects", "bad.jsonl"]);
    dry.exits(1).says("4 cases would be written").says("; the first 3 are shown");
    assert_eq!(dry.out.lines().count(), 3, "{}", dry.out);
    assert!(!project.has(suite) && !project.has("bad.jsonl"));
    import(&["--rejects", "bad.jsonl"]).exits(1).says("4 cases imported").says("of 2 cases can't");
    assert_eq!(project.read("bad.jsonl").matches("\"source\":\"others.json#/").count(), 4);
    assert_eq!(project.read(suite).lines().count(), 4);

    let test = || project.athena(&["test", "others"]);
    test().exits(1).says("Section-1.2").says(&long).says("4 cases: 3 passed, 1 failed");
    let known = |reason: &str| format!("\"known_failure\":\"{reason}\"");
    let wrong = "\"output\":{\"value\":7}";
    project.edit(suite, wrong, &format!("{wrong},{}", known("issue 12")));
    test().exits(0).says("4 cases: 3 passed, 0 failed, 1 known failure");
    project.athena(&["test", "others", "--report", "junit=known.xml"]).exits(0);
    let junit = project.read("known.xml");
    let (_, skipped) = junit.split_once("<testcase name=\"others/off\"").unwrap();
    let (skipped, _) = skipped.split_once("</testcase>").unwrap();
    assert!(skipped.contains("<skipped message=\"issue 12\" type=\"known failure\""), "{junit}");
    project.edit(suite, wrong, "\"output\":{\"value\":6}");
    test().exits(1).says("it passes, though it is marked as a known failure: issue 12");
    project.edit(suite, &known("issue 12"), &known(""));
    test().exits(2).says("others.jsonl:2").says("write why the case fails");
    std::fs::remove_file(project.path(suite)).unwrap();
}

#[test]
fn nothing_to_replay_is_never_green() {
    let project = Project::library("nothing");
    project.athena(&["test"]).exits(4).says("cargo athena record nothing::double");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["test", "no_such"]).exits(4).says("`no_such`");
    project.athena(&["test", "--skip", "one"]).exits(4).says("--skip");
    project.athena(&["test", "--exact", "double::one"]).exits(4);
    project.athena(&["test", "--exact", "nothing::double::one"]).exits(0);
}

#[test]
fn a_case_whose_model_is_gone_fails_unless_allowed() {
    let project = recorded("orphaned");
    let case = project.read("fixtures/orphaned/double/three.json");
    project.write("fixtures/orphaned/gone/old.json", &case.replace("double", "gone"));
    project.athena(&["test"]).exits(1).says("orphaned::gone");
    project.athena(&["test", "--allow-orphans"]).exits(0);
    project.athena(&["test", "three"]).exits(0);
    misspelt_cases(&project, &case);
}

/// What is misspelt in a case fails it, at its place in the file.
fn misspelt_cases(project: &Project, case: &str) {
    let file = "fixtures/orphaned/double/misspelt.json";
    project.write(file, &case.replace("\"env\": {}", "\"env\": {\"SEDE\": \"1\"}"));
    let test = ["test", "misspelt"];
    project.athena(&test).exits(1).says("the variable SEDE").says("misspelt.json:4:11");
    project.athena(&["record", "--rerecord", "misspelt"]).exits(0);
    project.athena(&test).exits(0);
    project.write(file, &case.replacen("\"value\"", "\"valeu\"", 1));
    project.athena(&test).exits(1).says("did you mean `value`?").says("misspelt.json:6:11");
    std::fs::remove_file(project.path(file)).unwrap();
}

#[test]
fn models_without_cases_are_named() {
    let project = Project::library("uncovered");
    project.write(
        "src/lib.rs",
        &format!(
            "{}\n/// Passes it on.\n#[model]\npub fn same(state: State<Number>) -> State<Number> {{\n    state\n}}\n",
            crate::support::LIBRARY
        ),
    );
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["test"]).exits(0).says("models without cases: uncovered::same");
    project.athena(&["test", "-q"]).exits(0).never_says("models without cases");
}

#[test]
fn a_timeout_needs_a_unit_and_ends_a_case_that_hangs() {
    let project = recorded("hanging");
    project.athena(&["test", "--timeout", "2"]).exits(2);
    project.edit(
        "src/lib.rs",
        "    state\n",
        "    if state.data.value == 6 {\n        std::thread::sleep(std::time::Duration::from_secs(600));\n    }\n    state\n",
    );
    project
        .athena(&["test", "--timeout", "500ms"])
        .exits(1)
        .says("hanging::double::three")
        .says("2 cases: 1 passed, 1 failed");
}

#[test]
fn colours_come_on_request_and_never_by_themselves_into_a_pipe() {
    let project = recorded("coloured");
    project.edit("src/lib.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1).never_says("\u{1b}[");
    project.athena(&["test", "--color", "always"]).exits(1).says("\u{1b}[");
}
