//! `cargo athena schema`, and the lock of schemas that `record` writes and `test` compares.

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

const FIELD: &str = "    pub value: i64,\n";

/// A package with one case and its lock. Each test has its own: they share what is built.
fn locked(name: &str) -> Project {
    let project = Project::library(name);
    project.athena(&["record", "double", "--case", "three", "-m", "{\"value\":3}"]).exits(0);
    project
}

#[test]
fn a_schema_is_printed_in_each_format_and_nothing_else_is() {
    let project = Project::library("printed");
    let printed = project.athena(&["schema", "double"]);
    printed.exits(0);
    assert!(
        printed.out.contains("optional int64 value = 1 [default = 1]; // i64 = 1\n"),
        "{}",
        printed.out
    );
    assert!(printed.out.contains("// What is doubled.\n"), "{}", printed.out);
    let printed = project.athena(&["schema", "printed::double", "--format", "json-schema"]);
    let schema: serde_json::Value = serde_json::from_str(&printed.exits(0).out).unwrap();
    assert_eq!(schema["$defs"]["Number"]["properties"]["value"]["default"], 1);
    let printed = project.athena(&["schema", "double", "--format", "text"]);
    assert!(printed.exits(0).out.contains("1  value: i64 = 1  -- What is doubled."));
    project.athena(&["schema", "no_such"]).exits(2);
}

#[test]
fn a_compatible_change_passes_says_so_and_is_renewed_by_record() {
    let project = locked("compatible");
    let path = "fixtures/compatible/schema.proto";
    let lock = project.read(path);
    project.athena(&["test", "--locked-schema"]).exits(0).never_says("wants renewing");
    project.edit("src/lib.rs", FIELD, "    pub value: i64,\n    pub more: Option<u8>,\n");
    let replay = project.athena(&["test"]);
    replay.exits(0).says("wants renewing").says("Number.more is new");
    assert!(replay.err.contains("wants renewing"), "{}", replay.err);
    let last: Vec<&str> = replay.out.lines().rev().take(2).collect();
    assert_eq!(last, ["1 cases: 1 passed, 0 failed", "schema: 1 checked, 0 failed"]);
    project
        .athena(&["test", "--locked-schema"])
        .exits(1)
        .says("schema::compatible")
        .says("1 cases: 1 passed, 0 failed");
    assert_eq!(project.read(path), lock, "test writes nothing");
    project.athena(&["record", "--rerecord"]).exits(0).says("changed the schema");
    assert!(project.read(path).contains("optional uint32 more = 2; // Option<u8>"));
    project.athena(&["test", "--locked-schema"]).exits(0);
    project.edit("src/lib.rs", "/// A number.", "/// Some number.");
    project.athena(&["test", "--locked-schema"]).exits(0);
}

#[test]
fn a_breaking_change_fails_and_is_not_laundered_by_recording() {
    let project = locked("breaking");
    let path = "fixtures/breaking/schema.proto";
    let lock = project.read(path);
    project.edit("src/lib.rs", FIELD, "    pub value: i32,\n");
    let replay = project.athena(&["test"]);
    replay
        .exits(1)
        .says("schema::breaking")
        .says("Number.value: i64 = 1 -> i32 = 1 (field-narrowed)")
        .says("breaks: stored messages, JSON")
        .says("--accept-breaking")
        .says("schema: 1 checked, 1 failed");
    assert_eq!(replay.out.lines().last(), Some("1 cases: 1 passed, 0 failed"));
    project.athena(&["test", "three"]).exits(0).never_says("schema:");
    project.athena(&["test", "schema::"]).exits(1).says("field-narrowed");
    project.athena(&["test", "--exact", "schema::breaking"]).exits(1).says("field-narrowed");

    let record = ["record", "double", "--case", "four", "-m", "{\"value\":4}"];
    project.athena(&record).exits(1).says("field-narrowed").says("--accept-breaking");
    project.athena(&["record", "--rerecord"]).exits(1).says("field-narrowed");
    assert_eq!(project.read(path), lock);
    assert!(!project.has("fixtures/breaking/double/four.json"));
    project.athena(&[&record[..], &["--accept-breaking"]].concat()).exits(0);
    assert!(project.has("fixtures/breaking/double/four.json"));
    project.athena(&["test", "--locked-schema"]).exits(0);
}

#[test]
fn a_lock_that_can_not_be_read_is_a_broken_file() {
    let project = locked("broken_lock");
    let path = "fixtures/broken_lock/schema.proto";
    let lock = project.read(path);
    project.write(path, &lock.replace("message Number", "<<<<<<< HEAD\nmessage Number"));
    project.athena(&["test"]).exits(2).says("schema.proto:").says("a conflict marker");
    let case = ["record", "double", "--case", "five"];
    project.athena(&case).exits(2).says("a conflict marker");
    project.write(path, &lock.replace("int64 value", "int32 value"));
    project.athena(&["test"]).exits(2).says("changed by hand");
    std::fs::remove_file(project.path(path)).unwrap();
    project.athena(&["test"]).exits(0).says("no schema is recorded");
    project.athena(&["test", "--locked-schema"]).exits(1);
    project.athena(&case).exits(0).says("recorded the schema");
    assert_eq!(project.read(path), lock);
}

#[test]
fn plain_cargo_test_checks_the_lock_as_well() {
    let project = locked("plainly");
    project.cargo(&["test"]).exits(0).says("schema::plainly");
    project.edit("src/lib.rs", FIELD, "    #[field(2)]\n    pub value: i64,\n");
    project.cargo(&["test"]).exits(101).says("field-renumbered");
    project.cargo(&["test", "--test", "athena", "--", "--exact", "schema::plainly"]).exits(101);
}

#[test]
fn models_of_several_runners_share_a_lock_and_none_is_taken_for_gone() {
    let one = |name: &str| {
        let text = LIBRARY.replace("fn double", &format!("fn {name}")).replace("Number", name);
        format!("#![allow(non_camel_case_types)]\n{text}\nathena_rt::main!();\n")
    };
    let project = Project::new()
        .file("Cargo.toml", &manifest("shared", "", ""))
        .file("src/bin/first.rs", &one("first"))
        .file("src/bin/second.rs", &one("second"));
    project.athena(&["record", "first", "--case", "one"]).exits(0);
    project.athena(&["record", "second", "--case", "one"]).exits(0);
    let lock = project.read("fixtures/shared/schema.proto");
    assert!(lock.contains("message first {") && lock.contains("message second {"), "{lock}");
    project.athena(&["test", "--locked-schema"]).exits(0).says("schema: 2 checked, 0 failed");
    project.athena(&["test", "--bin", "first", "--locked-schema"]).exits(0);
    std::fs::remove_file(project.path("src/bin/second.rs")).unwrap();
    std::fs::remove_dir_all(project.path("fixtures/shared/second")).unwrap();
    project.athena(&["test"]).exits(1).says("second").says("message-dropped");
    project.athena(&["record", "first", "--case", "one"]).exits(1);
    project.athena(&["record", "first", "--case", "one", "--accept-breaking"]).exits(0);
    project.athena(&["test", "--locked-schema"]).exits(0);
    assert!(!project.read("fixtures/shared/schema.proto").contains("second"));
}

#[test]
fn a_runner_that_links_all_models_checks_the_package_alone() {
    let project = Project::library("alone")
        .file("src/main.rs", "use alone as _;\nathena_rt::main!(alone);\n");
    assert!(project.read("Cargo.toml").contains(TEST_TARGET.trim()));
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["test"]).exits(0).says("schema: 1 checked, 0 failed");
}
