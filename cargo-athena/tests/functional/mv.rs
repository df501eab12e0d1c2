//! `cargo athena mv` and `migrate`

use crate::support::Project;

#[test]
fn a_renamed_model_keeps_its_cases() {
    let project = Project::library("mover");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.edit("src/lib.rs", "fn double", "fn twice");
    project.athena(&["test"]).exits(1).says("mover::double");
    project.athena(&["mv", "double", "twice"]).exits(2).says("did you mean `mover::double`?");
    project.athena(&["mv", "mover::double", "mover::twice"]).exits(0);
    assert!(project.read("fixtures/mover/twice/one.json").contains("mover::twice"));
    assert!(!project.has("fixtures/mover/double/one.json"));
    project.athena(&["test"]).exits(0).says("1 case: 1 passed, 0 failed");
    project.athena(&["mv", "mover::nothing", "mover::twice"]).exits(2);
}

#[test]
fn cases_go_to_no_model_that_is_not_there() {
    let project = Project::library("ahead");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["mv", "ahead::double", "ahead::later"]).exits(2).says("ahead::double");
    assert!(project.has("fixtures/ahead/double/one.json"));
}

#[test]
fn cases_of_this_format_need_no_migration() {
    let project = Project::library("current");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    let before = project.read("fixtures/current/double/one.json");
    project.athena(&["migrate", "--dry-run"]).exits(0);
    project.athena(&["migrate"]).exits(0);
    assert_eq!(project.read("fixtures/current/double/one.json"), before);
}
