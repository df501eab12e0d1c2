//! `cargo athena list`

use crate::support::Project;

#[test]
fn models_are_listed_for_people_and_for_programs() {
    let project = Project::library("listed");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project
        .athena(&["list"])
        .exits(0)
        .says("listed::double  Number -> Number  1 case  Doubles the number.")
        .never_says("src/lib.rs");
    project
        .athena(&["list", "--long"])
        .exits(0)
        .says("value: i64 = 1  What is doubled.")
        .says("src/lib.rs:13");
    let list = project.athena(&["list", "--format", "json"]);
    let models: serde_json::Value = serde_json::from_str(&list.exits(0).out).unwrap_or_default();
    assert_eq!(models[0]["id"], "listed::double");
    assert_eq!(models[0]["cases"], 1);
    assert_eq!(models[0]["input"]["fields"][0]["name"], "value");
}
