//! What a run does not replay is named, counted and can be denied.

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

/// A package with a library and a bin `server` that needs a feature, each with a case.
fn with_server(name: &str) -> Project {
    let server = format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "served"));
    let more = format!(
        "[features]\nserver = []\n[lib]\n{TEST_TARGET}\
         [[bin]]\nname = \"server\"\npath = \"src/server.rs\"\nrequired-features = [\"server\"]\n"
    );
    let project = Project::library(name)
        .file("Cargo.toml", &manifest(name, "", &more))
        .file("src/server.rs", &server);
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["record", "served", "--features", "server", "--case", "one"]).exits(0);
    project
}

#[test]
#[ignore = "builds a program with and without features; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_target_without_its_features_is_named_with_its_cases_and_can_be_denied() {
    let project = with_server("featured");
    project.edit("src/server.rs", "*= 2", "*= 3");
    let tested = project.athena(&["test", "--report", "junit=j.xml,html=h.html,markdown=m.md"]);
    tested
        .exits(0)
        .says("bin `server` of package `featured` is not built: it needs --features server");
    tested.says("1 case of featured::server::served");
    let last = tested.out.lines().last();
    let counted = "1 case: 1 passed, 0 failed; 1 case not replayed, 1 target not built";
    assert_eq!(last, Some(counted));
    for file in ["j.xml", "h.html", "m.md"] {
        assert!(project.read(file).contains("featured::server::served"), "{file}");
    }
    assert!(project.read_artifact("report.json").contains("\"kind\":\"unbuilt\""));
    project.athena(&["report", "show"]).says("1 case not replayed");
    for deny in ["unbuilt", "orphans,uncovered,unbuilt", "all"] {
        project.athena(&["test", "--deny", deny]).exits(1).says("bin `server`");
    }
    project.athena(&["doctor", "--deny", "unbuilt"]).exits(1).says("bin `server`");
    project.athena(&["doctor", "--deny", "orphans"]).exits(0);
    project
        .athena(&["test", "--deny", "unbuilt,orphans", "--features", "server"])
        .exits(1)
        .says("/value");
    // The failure of the last run is not built now: accepting does not pass it over in silence.
    project.athena(&["accept"]).says("bin `server` of package `featured` is not built");
    project.athena(&["test", "double"]).exits(0).never_says("not replayed");
    project.athena(&["test", "served"]).exits(4).says("it needs --features server");
}

#[test]
fn a_target_that_is_not_built_hides_no_orphan() {
    let project = with_server("hiding");
    let case = project.read("fixtures/hiding/double/one.json");
    project.write("fixtures/hiding/gone/one.json", &case.replace("double", "gone"));
    project.write("fixtures/hiding/server/gone/one.json", &case.replace("double", "server::gone"));
    project.write(
        "fixtures/nobody/at/all/one.json",
        &case.replace("hiding::double", "nobody::at::all"),
    );
    let tested = project.athena(&["test"]);
    tested.exits(1).says("hiding::gone").says("hiding::server::gone").says("nobody::at::all");
    tested.says("4 cases: 1 passed, 3 failed; 1 case not replayed");
    project.athena(&["test", "--allow-orphans"]).exits(0);
    project.athena(&["doctor", "--deny", "orphans"]).exits(1);
    // Flags leave targets out: every case is named.
    let narrowed = project.athena(&["test", "--test", "athena"]);
    narrowed.exits(0).says("1 case: 1 passed, 0 failed; 4 cases not replayed");
    project.athena(&["test", "--test", "athena", "--deny", "unbuilt"]).exits(2);
}

#[test]
fn packages_that_are_not_selected_and_models_that_are_not_linked_are_named() {
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n")
        .with_library("one", "gapone")
        .with_library("two", "gaptwo");
    project.athena(&["record", "gapone::double", "--case", "a"]).exits(0);
    project.athena(&["record", "gaptwo::double", "--case", "a"]).exits(0);
    let tested = project.athena(&["test", "-p", "gapone"]);
    tested
        .exits(0)
        .says("package `gaptwo` is not selected; not replayed: 1 case of gaptwo::double");
    tested.says("1 case: 1 passed, 0 failed; 1 case not replayed");
    // A bin with a model of its own that does not name its library.
    let own = format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "own"));
    project.write("one/src/bin/tool.rs", &own);
    std::fs::remove_file(project.path("one/tests/athena.rs")).unwrap();
    std::fs::remove_dir_all(project.path("fixtures/gapone/double")).unwrap();
    project.write("one/Cargo.toml", &manifest("gapone", "", ""));
    project.athena(&["record", "own", "--case", "a"]).exits(0);
    let tested = project.athena(&["test"]);
    tested.exits(0).says("one/src/lib.rs of package `gapone` has models that no program links");
    tested.says("1 source not linked");
    project.athena(&["test", "--deny", "unlinked"]).exits(1).says("one/src/lib.rs");
}

#[test]
fn an_example_and_a_bin_without_tests_are_said_by_record_test_and_init() {
    let shown = format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "shown"));
    let project = Project::bin("untested")
        .file(
            "Cargo.toml",
            &manifest(
                "untested",
                "",
                "[[bin]]\nname = \"untested\"\npath = \"src/main.rs\"\ntest = false\n",
            ),
        )
        .file("examples/show.rs", &shown);
    let recorded = project.athena(&["record", "shown", "--case", "one"]);
    recorded.exits(0).says("set `test = true` for example `show`");
    project.athena(&["record", "double", "--case", "one"]).exits(0).says("for bin `untested`");
    let tested = project.athena(&["test"]);
    tested.exits(0).says("does not replay the cases of untested::show::shown");
    tested.says("does not replay the cases of untested::double");
    project.athena(&["init"]).exits(0).says("in bin `untested`").says("in example `show`");
    project.edit("Cargo.toml", "test = false", "test = true");
    project.athena(&["record", "double", "--case", "two"]).exits(0).never_says("test = true");
}
