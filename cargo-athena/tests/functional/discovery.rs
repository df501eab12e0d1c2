//! Which programs are runners, and who runs what.

use std::process::Command;

use crate::support::{FOREIGN, LIBRARY, Project, TEST_TARGET, manifest};

#[test]
fn a_foreign_program_is_never_started() {
    let project = Project::library("mixed")
        .file("src/bin/foreign.rs", FOREIGN)
        .file("examples/foreign_example.rs", FOREIGN)
        .file(
            "examples/runner.rs",
            &format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "shown")),
        );
    project.athena(&["run", "mixed::double"]).exits(0).prints("{\"value\":2}\n");
    project.athena(&["run", "shown"]).exits(0).prints("{\"value\":2}\n");
    project.athena(&["list"]).exits(0).says("mixed::runner::shown");
    project.athena(&["test"]).exits(4);
    assert!(!project.has("started"));
}

#[test]
fn a_plain_test_target_named_athena_is_no_runner() {
    let project = Project::library("plain").file("Cargo.toml", &manifest("plain", "", "")).file(
        "tests/athena.rs",
        "#[test]\nfn passes() { std::fs::write(\"started\", \"\").unwrap(); }\n",
    );
    project.athena(&["test"]).exits(4).says("no runner").says("cargo athena init -p plain");
    assert!(!project.has("started"));
}

#[test]
fn a_renamed_dependency_is_the_same_dependency() {
    let text = manifest("renamed", "", TEST_TARGET)
        .replace("athena-rt = { ", "other = { package = \"athena-rt\", ");
    let library = LIBRARY
        .replace("athena_rt", "other")
        .replace("#[structure]", "#[structure(crate = other)]")
        .replace("#[model]", "#[model(crate = other)]");
    let project = Project::new()
        .file("Cargo.toml", &text)
        .file("src/lib.rs", &library)
        .file("tests/athena.rs", "other::main!(renamed);\n");
    project.athena(&["run", "double"]).exits(0).prints("{\"value\":2}\n");
}

/// A model whose messages and settings take what the attributes expand to.
const OF_ANY_EDITION: &str = r#"
use athena_rt::prelude::*;

#[structure]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: u64,
    #[serde(default)]
    note: String,
    event: Event,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, String>,
}

#[structure]
#[serde(tag = "type", rename_all = "lowercase")]
enum Event {
    Opened { by: String },
    Closed,
}

#[environment]
struct Settings {
    #[default(1)]
    step: u64,
}

#[model]
fn next(mut state: State<Order, Settings>) -> State<Order, Settings> {
    state.data.order_id += state.env.step;
    state
}

athena_rt::main!();
"#;

#[test]
fn models_are_of_any_edition() {
    const EDITIONS: [&str; 3] = ["2015", "2018", "2021"];
    let members = "[workspace]\nresolver = \"2\"\nmembers = [\"e2015\", \"e2018\", \"e2021\"]\n";
    let mut project = Project::new().file("Cargo.toml", members);
    for edition in EDITIONS {
        let crates = match edition {
            "2015" => "extern crate athena_rt;\n",
            _ => "",
        };
        let manifest = manifest(&format!("e{edition}"), "", "")
            .replace("edition = \"2024\"", &format!("edition = \"{edition}\""));
        project = project
            .file(&format!("e{edition}/Cargo.toml"), &manifest)
            .file(&format!("e{edition}/src/main.rs"), &format!("{crates}{OF_ANY_EDITION}"));
    }
    let message = r#"{"orderId":7,"note":"","event":{"type":"opened","by":"me"},"zone":"eu"}"#;
    for edition in EDITIONS {
        project
            .athena(&["run", &format!("e{edition}::next"), "--message", message])
            .exits(0)
            .prints(&format!("{}\n", message.replace('7', "8")));
    }
}

#[test]
fn a_build_that_fails_exits_3() {
    let project = Project::bin("broken");
    project.edit("src/main.rs", "state.data.value *= 2;", "state.data.valeu *= 2;");
    project.athena(&["test"]).exits(3).says("valeu").says("the build failed");
}

#[test]
fn a_package_without_athena_is_told_to_add_it() {
    let project = Project::new()
        .file(
            "Cargo.toml",
            "[package]\nname = \"without\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        )
        .file("src/main.rs", FOREIGN);
    project.athena(&["test"]).exits(4).says("cargo athena init");
    assert!(!project.has("started"));
}

#[test]
fn outside_a_package_cargos_own_words_are_passed_on() {
    let folder = Project::new();
    folder.athena(&["list"]).exits(2).says("Cargo.toml");
}

#[test]
fn a_runner_without_models_says_how_to_link_them() {
    let project = Project::library("dropped").file("tests/athena.rs", "athena_rt::main!();\n");
    project.athena(&["test"]).exits(4).says("athena_rt::main!(dropped)");
}

#[test]
fn models_that_no_runner_links_are_warned_of() {
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"linked\", \"lonely\"]\n")
        .with_library("linked", "linked")
        .file("lonely/Cargo.toml", &manifest("lonely", "", ""))
        .file("lonely/src/lib.rs", LIBRARY);
    project
        .athena(&["list"])
        .exits(0)
        .says("package `lonely` has models that no runner links")
        .says("cargo athena init -p lonely");
    project.athena(&["list", "-p", "lonely"]).exits(4).says("cargo athena init -p lonely");
}

#[test]
fn a_model_linked_by_several_runners_is_replayed_once() {
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"shared\", \"app\"]\n")
        .with_library("shared", "shared")
        .file("app/Cargo.toml", &manifest("app", "shared = { path = \"../shared\" }\n", ""))
        .file("app/src/main.rs", "athena_rt::main!(shared);\n");
    project.athena(&["record", "shared::double", "--case", "one"]).exits(0);
    project.athena(&["test"]).exits(0).says("1 case: 1 passed, 0 failed");
    // A model is known by the package it is written in, whoever runs it.
    project.athena(&["run", "shared::double", "-p", "app"]).exits(0).prints("{\"value\":2}\n");
}

#[test]
fn one_id_at_two_places_is_refused_with_both() {
    let program = format!(
        "{}\nathena_rt::main!();\n",
        LIBRARY.replace("#[model]", "#[model(name = \"twice::double\")]")
    );
    let project = Project::new()
        .file("Cargo.toml", &manifest("twice", "", ""))
        .file("src/bin/one.rs", &program)
        .file("src/bin/two.rs", &program);
    project
        .athena(&["test"])
        .exits(2)
        .says("twice::double")
        .says("src/bin/one.rs:13")
        .says("src/bin/two.rs:13");
}

#[cfg(unix)]
#[test]
fn a_cargo_that_fails_behind_its_last_message_has_not_built() {
    use std::os::unix::fs::PermissionsExt;

    let project = Project::library("ending");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    // Far more than a pipe holds, which must not keep it from ending.
    let build = "head -c 1000000 /dev/zero; exit 7";
    let script = format!(
        "#!/bin/sh\n{} \"$@\" || exit\n[ \"$1\" != build ] || {{ {build}; }}\n",
        env!("CARGO")
    );
    project.write("cargo.sh", &script);
    std::fs::set_permissions(project.path("cargo.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    for verb in [&["test"][..], &["run", "double"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(verb).env("CARGO", project.path("cargo.sh"));
        project.call("", command).exits(3).says("the build failed").never_says("1 passed");
    }
    project.athena(&["test"]).exits(0).says("1 case: 1 passed, 0 failed");
}
