//! `cargo athena init` and `new`

use crate::support::{Project, runtime};

/// A manifest without dependencies. What is built bears a name of its own: in one target folder
/// cargo distinguishes packages of the same name only by the age of their files.
fn package(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n"
    )
}

const HELLO: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";

fn dependency_lines(manifest: &str) -> usize {
    manifest.lines().filter(|line| line.starts_with("athena-rt =")).count()
}

#[test]
fn a_new_library_runs_records_and_replays_at_once() {
    let project = Project::new();
    project
        .athena(&["new", "fresh-lib", "--lib"])
        .exits(0)
        .says("cd fresh-lib && cargo athena run scale");
    std::fs::copy(project.path("Cargo.lock"), project.path("fresh-lib/Cargo.lock")).ok();
    let call = |arguments: &[&str]| project.athena_in("fresh-lib", arguments);
    call(&["run", "scale"]).exits(0).prints("{\"value\":2.0}\n");
    call(&["record", "scale", "--case", "one"]).exits(0);
    call(&["test"]).exits(0).says("1 case: 1 passed, 0 failed");
    assert_eq!(dependency_lines(&project.read("fresh-lib/Cargo.toml")), 1);
}

#[test]
fn a_new_program_runs_at_once() {
    let project = Project::new();
    project.athena(&["new", "fresh_bin"]).exits(0).says("cargo athena run scale");
    std::fs::copy(project.path("Cargo.lock"), project.path("fresh_bin/Cargo.lock")).ok();
    project.athena_in("fresh_bin", &["run", "scale"]).exits(0).prints("{\"value\":2.0}\n");
    assert!(!project.has("fresh_bin/tests"));
    project.athena(&["new", "fresh_bin"]).exits(2);
}

#[test]
fn a_second_init_changes_no_byte_and_says_so() {
    for template in ["src/lib.rs", "src/main.rs"] {
        let project = Project::new()
            .file("Cargo.toml", &package("again"))
            .file(template, if template.ends_with("main.rs") { HELLO } else { "" });
        project.athena(&["init"]).exits(0);
        let files = ["Cargo.toml", template];
        let before = files.map(|file| project.read(file));
        assert_eq!(dependency_lines(&before[0]), 1, "{}", before[0]);
        project.athena(&["init"]).exits(0).says("nothing was changed");
        assert_eq!(files.map(|file| project.read(file)), before);
    }
}

#[test]
fn a_second_init_with_another_source_changes_it_and_nothing_else() {
    let project = Project::new().file("Cargo.toml", &package("moved")).file("src/lib.rs", "");
    project.athena(&["init"]).exits(0);
    project.edit("Cargo.toml", "athena-rt = {", "athena-rt = { features = [\"async\"],");
    let files = ["src/lib.rs", "tests/athena.rs"];
    let before = files.map(|file| project.read(file));
    let git = ["init", "--git", "https://host/athena", "--tag", "v1"];
    project
        .athena(&git)
        .exits(0)
        .says("changed in Cargo.toml: athena-rt")
        .never_says("nothing was");
    let manifest = project.read("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("athena-rt =")).unwrap();
    for part in ["features = [\"async\"]", "git = \"https://host/athena\"", "tag = \"v1\""] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("path"), "{line}");
    assert_eq!(dependency_lines(&manifest), 1);
    assert_eq!(files.map(|file| project.read(file)), before);
    project.athena(&git).exits(0).says("nothing was changed");
    project.athena(&["init", "--path", "nowhere"]).exits(2).says("nowhere");
    assert_eq!(project.read("Cargo.toml"), manifest);
}

#[test]
fn code_that_is_there_stays_and_a_model_to_paste_is_shown() {
    let library = "pub fn mine() {}\n";
    let project = Project::new().file("Cargo.toml", &package("keeper")).file("src/lib.rs", library);
    project.athena(&["init"]).exits(0).says("tests/athena.rs").says("#[model]").says("src/lib.rs");
    assert_eq!(project.read("src/lib.rs"), library);
    assert!(project.read("tests/athena.rs").contains("athena_rt::main!(keeper);"));
    assert!(project.read("Cargo.toml").contains("[[test]]\nname = \"athena\"\nharness = false\n"));

    let program = "fn main() { std::process::exit(7) }\n";
    let project =
        Project::new().file("Cargo.toml", &package("keeper")).file("src/main.rs", program);
    project.athena(&["init"]).exits(0).says("#[model]").says("replace it by `athena_rt::main!();`");
    assert_eq!(project.read("src/main.rs"), program);
}

#[test]
fn a_library_that_must_not_depend_on_it_has_models_in_its_tests() {
    let library = "pub fn mine() {}\n";
    let project = Project::new().file("Cargo.toml", &package("free")).file("src/lib.rs", library);
    project.athena(&["init", "--dev"]).exits(0).says("cargo athena run scale");
    assert_eq!(project.read("src/lib.rs"), library);
    let manifest = project.read("Cargo.toml");
    let (before, after) = manifest.split_once("[dev-dependencies]").unwrap();
    assert!(!before.contains("athena-rt") && dependency_lines(after) == 1, "{manifest}");
    project.athena(&["run", "scale"]).exits(0).prints("{\"value\":2.0}\n");
    // What is there already says which way it is.
    project.athena(&["init"]).exits(0).says("nothing was changed");

    let project = Project::new().file("Cargo.toml", &package("free")).file("src/main.rs", HELLO);
    project.athena(&["init", "--dev"]).exits(2).says("has no library");
    project.athena(&["init"]).exits(0);
    project.athena(&["init", "--dev"]).exits(2).says("[dependencies]");
    project.athena_in("src", &["init", "--manifest-path", "x/Cargo.toml"]).exits(2);
}

#[test]
fn a_runner_that_is_there_stays_and_gets_its_stanza() {
    let runner = "athena_rt::main!(stanza);\n// mine\n";
    let project = Project::new()
        .file("Cargo.toml", &package("stanza"))
        .file("src/lib.rs", "")
        .file("tests/athena.rs", runner);
    project.athena(&["init"]).exits(0);
    assert_eq!(project.read("tests/athena.rs"), runner);
    assert!(project.read("Cargo.toml").contains("harness = false"));
    project.athena(&["run", "scale"]).exits(0).prints("{\"value\":2.0}\n");
}

#[test]
fn a_dependency_that_the_workspace_offers_is_inherited() {
    let offer = format!("athena-rt = {{ path = {:?} }}\n", runtime());
    let root = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"fresh\", \"other\"]\n\n[workspace.dependencies]\n{offer}"
    );
    let project = Project::new()
        .file("Cargo.toml", &root)
        .file("fresh/Cargo.toml", &package("heir"))
        .file("fresh/src/lib.rs", "")
        .file("other/Cargo.toml", &package("other_heir"))
        .file("other/src/lib.rs", "");
    project.athena(&["init"]).exits(2).says("-p heir");
    project.athena(&["init", "-p", "heir"]).exits(0);
    let manifest = project.read("fresh/Cargo.toml");
    assert!(manifest.contains("\nathena-rt = { workspace = true }\n"), "{manifest}");
    assert_eq!(project.read("Cargo.toml"), root);
    assert_eq!(project.read("other/src/lib.rs"), "");
    project.athena(&["init", "-p", "heir"]).exits(0).says("nothing was changed");
    project.athena(&["run", "heir::scale"]).exits(0).prints("{\"value\":2.0}\n");
}

#[test]
fn a_renamed_dependency_is_used_by_its_name() {
    let dependency = format!("mine = {{ package = \"athena-rt\", path = {:?} }}\n", runtime());
    let manifest = package("renamer") + &dependency;
    let project = Project::new().file("Cargo.toml", &manifest).file("src/main.rs", HELLO);
    project.athena(&["init"]).exits(0);
    assert_eq!(project.read("Cargo.toml"), manifest);
    project.athena(&["run", "scale"]).exits(0).prints("{\"value\":2.0}\n");
}

#[test]
fn the_source_is_as_asked() {
    let fresh = || Project::new().file("Cargo.toml", &package("sourced")).file("src/lib.rs", "");
    let project = fresh();
    project.athena(&["init", "--git", "https://host/athena", "--tag", "v1"]).exits(0);
    let manifest = project.read("Cargo.toml");
    let line = "\nathena-rt = { git = \"https://host/athena\", tag = \"v1\" }\n";
    assert!(manifest.contains(line), "{manifest}");

    let project = fresh();
    project.athena(&["init", "--path", "nowhere"]).exits(2).says("nowhere");
    assert_eq!(project.read("Cargo.toml"), package("sourced"));
    project.athena(&["init", "--path", "a", "--git", "b"]).exits(2);
    project.athena(&["init", "--rev", "a"]).exits(2);
}

#[test]
fn nothing_is_resolved_or_built() {
    let project = Project::new().file("Cargo.toml", &package("unresolved")).file("src/lib.rs", "");
    std::fs::remove_file(project.path("Cargo.lock")).ok();
    project.athena(&["init", "--git", "https://host.invalid/athena"]).exits(0);
    assert!(!project.has("Cargo.lock"));
    project.cargo(&["metadata", "--no-deps", "--format-version", "1"]).exits(0);
}
