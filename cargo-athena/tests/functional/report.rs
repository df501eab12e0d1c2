//! The report of a run: its parts, its clusters, and what comes of several.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};

use crate::support::Project;

fn suite(name: &str) -> Project {
    let project = Project::library(name);
    let lines: Vec<_> = (1..=400).map(|value| format!("{{\"value\":{value}}}")).collect();
    project.write("many.jsonl", &lines.join("\n"));
    project.athena(&["record", "double", "--messages", "many.jsonl", "--suite", "book"]).exits(0);
    project.athena(&["record", "double", "--case", "one", "-m", "{}"]).exits(0);
    project
}

fn report(project: &Project, path: &str) -> Value {
    serde_json::from_str(&project.read(path)).unwrap()
}

#[test]
fn what_failed_is_grouped_and_the_rest_is_shown_on_request() {
    let project = suite("grouped");
    project.edit("src/lib.rs", "state.data.value *= 2", "state.data.value *= 3");
    let replay = project.athena(&["test", "--report", "json=r.json"]);
    replay
        .exits(1)
        .says("grouped::double  /value  401 cases  +50 %  e.g. one")
        .says("401 cases: 0 passed, 401 failed");
    assert!(replay.out.lines().count() < 60, "{}", replay.out);
    let report = report(&project, "r.json");
    assert_eq!(report["version"], 2);
    assert_eq!(report["summary"]["failed"], 401);
    assert_eq!(report["clusters"][0]["places"][0]["path"], "/value");
    let failures = report["failures"].as_array().unwrap();
    let names: Vec<_> = failures.iter().map(|failure| failure["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() == 401);
    let one = failures.iter().find(|failure| failure["name"] == "grouped::double::one").unwrap();
    assert_eq!(one["file"], "fixtures/grouped/double/one.json");
    assert_eq!(one["differences"][0]["old"], 2);
    assert_eq!(one["now"]["output"]["value"], 3);
    // Also of failures of which no diff is shown.
    for failure in failures.iter().filter(|failure| failure["name"] != one["name"]) {
        let value = failure["input"]["value"].as_i64().unwrap();
        let (old, new) = (2 * value, 3 * value);
        let difference = json!([{"pointer": "/value", "path": "/value", "old": old, "new": new}]);
        assert_eq!(failure["differences"], difference);
        assert_eq!(failure["recorded"], json!({"output": {"value": old}}));
        assert_eq!(failure["now"], json!({"output": {"value": new}}));
        assert_eq!(failure["line"], value);
        assert!(failure["reason"].is_null() && failure["digest"].as_str().unwrap().len() == 16);
    }

    let shown = project.athena(&["report", "show"]);
    shown.exits(0).says("-  \"value\": 2").says("+  \"value\": 3");
    assert_eq!(shown.out.matches("grouped::double::").count(), 401);
    let one = project.athena(&["report", "show", "::one"]);
    assert_eq!(one.exits(0).out.matches("grouped::double::").count(), 1);
    project.athena(&["report", "show", "no_such"]).exits(4).says("none of 401 failures");
    project.athena(&["report", "show", "::one", "no_such"]).exits(4).says("contains no_such in");
    project.athena(&["report", "show", "--file", "no.json"]).exits(4).says("no report exists");
    project.write("other.json", "{\"version\":9}");
    project
        .athena(&["report", "show", "--file", "other.json"])
        .exits(2)
        .says("version 9")
        .says("reads version 2");
    project.write("text.json", "hello");
    project.athena(&["report", "show", "--file", "text.json"]).exits(2).says("is not the report");
    let torn = project.read("r.json");
    project.write("torn.json", &torn[..torn.len() / 2]);
    project.athena(&["report", "show", "--file", "torn.json"]).exits(2).says("damaged");
}

/// A report without what differs between two runs: how long its cases took.
fn without_times(mut report: serde_json::Value) -> serde_json::Value {
    for key in ["passed", "failures", "models"] {
        for entry in report[key].as_array_mut().into_iter().flatten() {
            entry.as_object_mut().unwrap().remove("micros");
        }
    }
    report
}

#[test]
#[ignore = "builds several programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn parts_have_every_case_once_and_a_merged_run_knows_what_is_missing() {
    let project = suite("parted");
    project.edit("fixtures/parted/double/one.json", "\"value\": 2", "\"value\": 9");
    let whole = project.athena(&["test", "--report", "json=whole.json"]);
    whole.exits(1);
    for kind in ["hash", "slice"] {
        let mut cases = 0;
        for part in 1..=3 {
            let (partition, file) = (format!("{kind}:{part}/3"), format!("json={kind}{part}.json"));
            let replay = project.athena(&["test", "--partition", &partition, "--report", &file]);
            let summary = &report(&project, &format!("{kind}{part}.json"))["summary"];
            assert_eq!(i64::from(replay.code), summary["failed"].as_i64().unwrap());
            cases += summary["cases"].as_i64().unwrap();
        }
        assert_eq!(cases, 401, "{kind}");
        let files = |parts: &[u32]| -> Vec<String> {
            parts.iter().map(|part| format!("{kind}{part}.json")).collect()
        };
        let merge = |parts: &[u32], more: &[&str]| {
            let files = files(parts);
            let mut arguments = vec!["report", "merge", "--output", "merged.json"];
            arguments.extend(files.iter().map(String::as_str));
            arguments.extend(more);
            project.athena(&arguments)
        };
        merge(&[1, 2, 3], &["--report", "junit=merged.xml"])
            .exits(1)
            .says("401 cases: 400 passed, 1 failed");
        let timeless = |file: &str| without_times(report(&project, file));
        let (merged, whole) = (timeless("merged.json"), timeless("whole.json"));
        for key in ["summary", "models", "clusters", "passed", "failures"] {
            assert_eq!(merged[key], whole[key], "{kind} {key}");
        }
        assert_eq!(project.read("merged.xml").matches("<failure ").count(), 1);
        merge(&[3, 1], &[]).exits(1).says("these of 3 parts are missing: 2");
        merge(&[1, 1], &[]).exits(2).says("part 1 of 3 was already given");
    }
    project
        .athena(&["report", "merge", "hash1.json", "slice2.json", "-o", "m.json"])
        .exits(2)
        .says("partitioned differently");
    project
        .athena(&["report", "merge", "whole.json", "-o", "m.json"])
        .exits(2)
        .says("not the report of a partition");
    assert!(!project.has("m.json"));
    // A partition without a case succeeds; a filter without one fails.
    project
        .athena(&["test", "--exact", "parted::double::one", "--partition", "slice:2/2"])
        .exits(0);
    project.athena(&["test", "no_such", "--partition", "slice:2/2"]).exits(4);
    for wrong in ["hash", "hash:0/4", "hash:5/4", "slice:1/0", "count:1/2", "hash:1"] {
        project.athena(&["test", "--partition", wrong]).exits(2);
    }
}

#[test]
fn no_report_of_an_earlier_run_passes_for_that_of_a_failed_one() {
    let project = Project::bin("stale");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    let reports = "junit=j.xml,json=j.json,markdown=m.md,html=h.html";
    let test = |more: &[&str]| project.athena(&[&["test", "--report", reports], more].concat());
    let is_green = || !project.read("j.xml").contains("<error");
    test(&[]).exits(0);
    assert!(is_green());
    test(&["no_such_case"]).exits(4);
    assert!(!is_green(), "{}", project.read("m.md"));
    let show = || project.athena(&["report", "show"]);
    // A mistyped filter leaves the last run as the one to look at.
    show().exits(0).says("1 passed");
    test(&["no_such_case", "one"]).exits(4);
    show().exits(0).says("1 passed");
    project.edit("src/main.rs", "*= 2", "*= two");
    test(&[]).exits(3);
    assert!(!is_green());
    show().never_says("1 passed").says("the build failed");
    project.edit("src/main.rs", "*= two", "*= 2");
    test(&[]).exits(0);
    test(&["-p", "no_such_package"]).exits(2);
    assert!(!is_green());
}

#[test]
fn parts_of_other_code_are_not_merged_and_the_odd_one_is_named() {
    let project = suite("odd");
    let part = |part: u32| {
        let (partition, file) = (format!("hash:{part}/3"), format!("json=part{part}.json"));
        project.athena(&["test", "--partition", &partition, "--report", &file]).exits(0);
    };
    let text = project.read("src/lib.rs");
    project.write("src/lib.rs", &format!("{text}// other\n"));
    part(1);
    project.write("src/lib.rs", &text);
    part(2);
    part(3);
    let merge = ["report", "merge", "part1.json", "part2.json", "part3.json", "-o", "m.json"];
    project.athena(&merge).exits(2).says("part1.json was made from other code");
    part(1);
    project.athena(&merge).exits(0);
}
