//! `cargo athena pending`, `accept` and `reject`

use std::fs;

use crate::support::Project;

const THREE: &str = "fixtures/MODEL/double/three.json";

/// A project with the cases `three` and `four`, and `lines` more in the suite `book`, all of which
/// fail since the code changed.
fn failing(name: &str, lines: u32) -> Project {
    let project = recorded(name, lines);
    project.edit("src/lib.rs", "*= 2", "*= 3");
    project
}

fn recorded(name: &str, lines: u32) -> Project {
    let project = Project::library(name);
    for (case, message) in [("three", "{\"value\":3}"), ("four", "{\"value\":4}")] {
        project.athena(&["record", "double", "--case", case, "-m", message]).exits(0);
    }
    if lines > 0 {
        let text: Vec<String> =
            (10..10 + lines).map(|at| format!("{{\"value\":{at}}}\n")).collect();
        project.write("many.jsonl", &text.concat());
        project
            .athena(&["record", "double", "--messages", "many.jsonl", "--suite", "book"])
            .exits(0);
    }
    project
}

fn three(name: &str) -> String {
    THREE.replace("MODEL", name)
}

#[test]
fn accepted_outcomes_are_kept_and_the_others_stay_pending() {
    let project = recorded("accepts", 20);
    project.athena(&["test"]).exits(0);
    project.athena(&["pending"]).exits(0).prints("");
    project.athena(&["accept"]).exits(4).says("nothing to accept: none of 22 cases fails");
    project.edit("src/lib.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1);
    project.athena(&["pending", "::t"]).exits(1).prints("accepts::double::three\n");
    assert_eq!(project.athena(&["pending"]).exits(1).out.lines().count(), 22);
    let json =
        project.athena(&["pending", "--exact", "accepts::double::three", "--format", "json"]);
    let failure: serde_json::Value = serde_json::from_str(&json.exits(1).out).expect("a line");
    assert_eq!(failure["differences"][0]["new"], 9);

    for arguments in [&["accept", "no_such"][..], &["accept", "--exact", "three"]] {
        project.athena(arguments).exits(4).says("no case's name").says("model id::case");
    }
    let beside = project.athena(&["accept", "three", "no_such"]);
    beside.exits(4).says("no case's name contains `no_such`").says("nothing was done");
    let four = project.read("fixtures/accepts/double/four.json");
    project.athena(&["accept", "three"]).exits(0).says("accepted 1 case").says("/value");
    assert!(project.read(&three("accepts")).contains("\"value\": 9"));
    assert_eq!(project.read("fixtures/accepts/double/four.json"), four);
    // What is left has not changed since it was shown, though a recording has.
    project.athena(&["pending", "-q"]).exits(1).never_says("three").says("four");
    let accepted = project.athena(&["accept"]);
    accepted.exits(0).says("accepted 21 cases").says("/value  21 cases").never_says("book/");
    project.athena(&["test"]).exits(0).says("22 cases: 22 passed");
    project.athena(&["pending"]).exits(0);
}

#[test]
fn nothing_is_accepted_that_nobody_has_seen() {
    let project = failing("unseen", 0);
    let before = project.read(&three("unseen"));
    project.athena(&["test"]).exits(1);
    project.edit("src/lib.rs", "*= 3", "*= 4");
    for _ in 0..2 {
        let refused = project.athena(&["accept"]);
        refused.exits(2).says("the code changed since the last run").says("cargo athena review");
        assert_eq!(project.read(&three("unseen")), before);
    }
    // A change that keeps all outcomes is not pending.
    project.edit("src/lib.rs", "*= 4", "*= 1 + 2");
    project.athena(&["accept", "four"]).exits(0).says("accepted 1 case");

    project.athena(&["test"]).exits(1);
    project.edit(&three("unseen"), "\"value\": 6", "\"value\": 7");
    let refused = project.athena(&["accept", "three"]);
    refused
        .exits(2)
        .says("the recordings changed since the last run")
        .says("unseen::double::three");
    project.athena(&["test"]).exits(1);
    project.athena(&["accept", "three"]).exits(0);
    project.athena(&["test"]).exits(0);
}

#[test]
fn a_run_of_a_part_or_none_or_a_report_that_is_none_is_made_up_for() {
    let project = failing("partial", 20);
    // Without a report; the changes are printed.
    project.athena(&["accept", "three"]).exits(0).says("no report").says("/value  1 case");
    project.athena(&["test", "--partition", "hash:2/2"]).exits(1);
    let pending = project.athena(&["pending"]);
    pending.exits(1).says("only part 2 of 2");
    assert_eq!(pending.out.lines().count(), 21);
    project.athena(&["test", "four"]).exits(1);
    project.athena(&["pending", "-q", "four"]).exits(1).never_says("running the cases");
    project.athena(&["pending", "book"]).exits(1).says("only cases named `four`");
    project.athena(&["test", "--fail-fast"]).exits(1);
    project.athena(&["accept", "book"]).exits(0).says("accepted 20 cases");
    let report = project.artifact("report.json");
    for text in ["{\"version\":99}", "no report", "{\"version\":2,\n\"failures\":[\n{\"na"] {
        fs::write(&report, text).expect("it is there");
        project.athena(&["pending"]).exits(1).says("partial::double::four");
    }
    project.athena(&["accept"]).exits(0).says("accepted 1 case");
    project.athena(&["test"]).exits(0);
}

#[test]
fn a_case_that_passed_when_it_was_shown_is_not_accepted_unseen() {
    let project = recorded("unseen", 0);
    project.athena(&["test"]).exits(0);
    project.edit("src/lib.rs", "*= 2", "*= 3");
    let accepted = project.athena(&["accept"]);
    accepted
        .exits(2)
        .says("the code changed")
        .says("not what was shown")
        .says("nothing was changed");
    assert!(project.read(&three("unseen")).contains("\"value\": 6"));
    project.athena(&["test"]).exits(1);
    project.athena(&["accept"]).exits(0).says("accepted 2 cases");
}

#[test]
fn what_has_no_outcome_is_named_and_the_rest_accepted() {
    let project = failing("panics", 0);
    project.edit(
        "src/lib.rs",
        "    state\n",
        "    assert!(state.data.value != 9, \"nine\");\n    state\n",
    );
    project.write("fixtures/panics/double/broken.json", "{");
    project.athena(&["test"]).exits(2);
    let before = project.read(&three("panics"));
    let accepted = project.athena(&["accept"]);
    accepted.exits(1).says("accepted panics::double::four").says("2 cases can't be accepted");
    accepted.says("panics::double::three: the model panicked: nine").says("broken");
    assert_eq!(project.read(&three("panics")), before);
    fs::remove_file(project.path("fixtures/panics/double/broken.json")).expect("it is there");
    project.athena(&["test"]).exits(1).says("fix the case or the model");
    project.athena(&["accept"]).exits(1).says("1 case can't be accepted");
}

#[test]
fn what_is_rejected_is_pending_again_only_when_it_differs_otherwise() {
    let project = failing("rejects", 0);
    project.athena(&["test"]).exits(1);
    let before = project.read(&three("rejects"));
    project.athena(&["reject", "no_such"]).exits(4);
    project.athena(&["reject", "three"]).exits(0).says("rejected 1 case").says("stays");
    assert_eq!(project.read(&three("rejects")), before);
    project.athena(&["pending"]).exits(1).prints("rejects::double::four\n");
    project.athena(&["test"]).exits(1).says("2 failed");
    let accepted = project.athena(&["accept"]);
    accepted.exits(0).says("accepted 1 case").says("1 case that failed before stays");
    project.athena(&["pending"]).exits(0).prints("");
    project.athena(&["accept"]).exits(4).says("rejected").says("reject --undo");
    for (filters, near) in [
        (&["thrae"][..], "did you mean `rejects::double::three`?"),
        (&["three", "thrae"], "did you mean `rejects::double::three`?"),
        (&["no_such"], "a name is `model id::case`"),
    ] {
        let refused = project.athena(&[&["reject", "--undo"], filters].concat());
        refused.exits(4).says(near).says("nothing was done");
    }
    project.athena(&["reject", "--undo", "three"]).exits(0);
    project.athena(&["reject", "--undo", "three"]).exits(4).says("no case is rejected");
    project.athena(&["pending"]).exits(1).prints("rejects::double::three\n");
    project.athena(&["reject"]).exits(0);
    project.athena(&["pending"]).exits(0).prints("");
    project.edit("src/lib.rs", "*= 3", "*= 5");
    project.athena(&["pending"]).exits(1).says("rejects::double::three");
}

#[test]
fn a_builder_accepts_nothing_and_a_model_that_varies_is_not_kept() {
    let project = failing("varies", 0);
    project.athena(&["test"]).exits(1);
    let before = project.read(&three("varies"));
    let ci = [("CI", "true")];
    project.athena_with(&["accept"], &ci).exits(2).says("CI").says("--force");
    assert_eq!(project.read(&three("varies")), before);
    project.athena_with(&["pending"], &ci).exits(1);
    project.athena_with(&["accept", "--force", "four"], &ci).exits(0);

    let now = "std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as i64";
    project.edit("src/lib.rs", "state.data.value *= 3", &format!("state.data.value = {now}"));
    project.athena(&["test"]).exits(1);
    project.athena(&["accept", "three"]).exits(1).says("not accepted: 1 case");
    assert_eq!(project.read(&three("varies")), before);
}

#[test]
#[ignore = "builds two programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn the_cases_of_two_runners_are_accepted_together_or_not_at_all() {
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n")
        .with_library("one", "one_of_two")
        .with_library("two", "two_of_two");
    let cases = ["one_of_two", "two_of_two"].map(|name| {
        project.athena(&["record", &format!("{name}::double"), "--case", "a"]).exits(0);
        format!("fixtures/{name}/double/a.json")
    });
    project.edit("one/src/lib.rs", "*= 2", "*= 3");
    project.edit("two/src/lib.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1);
    let read = || cases.each_ref().map(|case| project.read(case));
    let before = read();
    let set_read_only = |is_read_only: bool| {
        let path = project.path(&cases[1]);
        let mut permissions = fs::metadata(&path).expect("it is there").permissions();
        permissions.set_readonly(is_read_only);
        fs::set_permissions(&path, permissions).expect("it is ours");
    };
    set_read_only(true);
    project.athena(&["accept"]).exits(2).says("it is read-only").says("nothing was changed");
    assert_eq!(read(), before);
    set_read_only(false);
    project.athena(&["accept"]).exits(0).says("accepted 2 cases");
    project.athena(&["test"]).exits(0).says("2 passed");

    // What was replayed is in a package that the next command leaves out.
    fs::remove_file(project.path(&cases[0])).expect("it is there");
    project.edit("two/src/lib.rs", "*= 3", "*= 4");
    project.athena(&["test", "-p", "two_of_two"]).exits(1);
    let refused = project.athena(&["accept", "-p", "one_of_two"]);
    refused.exits(4).says("no case is recorded yet").says("select the same, such as with -p");
}
