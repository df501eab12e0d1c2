//! `cargo athena import`

use crate::support::Project;

#[test]
fn an_import_that_finds_nothing_names_what_the_records_have() {
    let project = Project::library("imports").file(
        "suite.json",
        "{\"v\":1,\"a/b\":[{\"in\":{\"value\":3},\"want\":{\"value\":6},\"title\":\"six\"}]}",
    );
    let import =
        |flags: &[&str]| project.athena(&[&["import", "double", "suite.json"][..], flags].concat());
    import(&[])
        .exits(2)
        .says("error: suite.json has no message at `/input`\n  help: it has `/a~1b`, `/v`\n")
        .says("nested records with --each");
    import(&["--each", "/a~1b"])
        .exits(2)
        .says("suite.json#/a~1b/0 has no message at `/input`")
        .says("it has `/a~1b`, `/in`, `/title`, `/v`, `/want`");
    let input = ["--each", "/a~1b", "--input", "/in", "--name", "/title"];
    import(&input)
        .exits(4)
        .says("error: fixtures/imports/double/suite.jsonl would have no case: no record has an expected")
        .says("the first record has `/a~1b`, `/in`, `/title`, `/v`, `/want`");
    import(&[&input[..], &["--output", "/want"]].concat())
        .exits(0)
        .says("1 case imported into fixtures/imports/double/suite.jsonl");
    project.athena(&["test"]).exits(0).says("imports::double::suite/six").says("1 passed");
}
