//! The base of `cargo athena diff`: built as its own commit says, and git's own sentences.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use crate::diff::{commit, git};
use crate::support::{Project, manifest};

/// A model that adds what the build was configured with.
const RATED: &str = "use athena_rt::prelude::*;

#[structure]
struct Number {
    #[default(1)]
    value: i64,
}

#[model]
fn rate(mut state: State<Number>) -> State<Number> {
    state.data.value += option_env!(\"RATE\").map_or(0, |rate| rate.parse().unwrap());
    state
}

athena_rt::main!();
";

const UNCHANGED: &str = "0 changed, 0 newly failing, 0 newly passing, 1 unchanged";

fn rated(name: &str) -> Project {
    let project = Project::new()
        .file("Cargo.toml", &manifest(name, "", ""))
        .file("src/main.rs", RATED)
        .file(".gitignore", "/local\n/inner/.cargo\n");
    git(&project, &["init", "-q"]);
    project
}

fn configuration(rate: u32) -> String {
    format!("[env]\nRATE = \"{rate}\"\n")
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn the_configuration_of_each_side_is_its_own() {
    let project = rated("configured");
    project.write(".cargo/config.toml", &configuration(1));
    project.athena(&["record", "rate", "--case", "one"]).exits(0);
    commit(&project, "one");
    project.athena(&["diff", "--base", "HEAD"]).exits(0).says(UNCHANGED).never_says("note:");
    project.write(".cargo/config.toml", &configuration(2));
    project.athena(&["diff", "--base", "HEAD"]).exits(1).says("1 changed");
    fs::remove_file(project.path(".cargo/config.toml")).unwrap();
    project.athena(&["diff", "--base", "HEAD"]).exits(1).says("1 changed");
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_git_ignores_is_taken_and_named() {
    let project = rated("ignored");
    project.edit(
        "src/main.rs",
        "athena_rt::main!();",
        "athena_rt::main!();\nconst _: &str = include_str!(\"../local/text\");",
    );
    project.write("local/text", "text");
    // A mirror or a token has its place in such a file.
    project.write(".cargo/config.toml", &configuration(3));
    project.write(".git/info/exclude", ".cargo\n");
    project.athena(&["record", "rate", "--case", "one"]).exits(0);
    commit(&project, "one");
    let diff = project.athena(&["diff", "--base", "HEAD"]);
    diff.exits(0).says(UNCHANGED).says(".cargo/config.toml, local/text");
    // What the working tree no longer has, the base has no longer.
    fs::remove_file(project.path(".cargo/config.toml")).unwrap();
    project.athena(&["record", "--rerecord"]).exits(0);
    project.athena(&["diff", "--base", "HEAD"]).exits(0).says(UNCHANGED).never_says("config.toml");
}

#[cfg(unix)]
#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_toolchain_file_of_the_commit_is_followed_and_a_typed_toolchain_wins() {
    use std::os::unix::fs::PermissionsExt;

    let project = rated("toolchain");
    project.write("rust-toolchain.toml", "[toolchain]\nchannel = \"older\"\n");
    project.athena(&["record", "rate", "--case", "one"]).exits(0);
    commit(&project, "one");
    fs::remove_file(project.path("rust-toolchain.toml")).unwrap();
    // A rustup that has two toolchains, which are the same.
    let rustup = "if [ -f rust-toolchain.toml ]; then echo \"older (overridden by '$PWD/rust-toolchain.toml')\"; else echo 'newer (default)'; fi";
    let cargo = format!(
        "echo \"$RUSTUP_TOOLCHAIN\" >> {}\nexport RUSTUP_TOOLCHAIN={}\nexec {} \"$@\"",
        project.path("started").display(),
        std::env::var("RUSTUP_TOOLCHAIN").unwrap_or_default(),
        env!("CARGO")
    );
    for (name, text) in [("rustup", rustup), ("cargo", &cargo)] {
        let path = format!("local/{name}");
        project.write(&path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(project.path(&path), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", project.path("local").display(), std::env::var("PATH").unwrap());
    let diff = |current: &str| {
        let _ = fs::remove_file(project.path("started"));
        // The tests' own compiler, whatever the toolchain is called.
        let rustc = std::process::Command::new("rustup").args(["which", "rustc"]).output();
        let rustc = rustc.map(|output| String::from_utf8(output.stdout).unwrap());
        let rustc = rustc.unwrap_or_default();
        let rustc = if rustc.is_empty() { "rustc" } else { rustc.trim() };
        project.athena_with(
            &["diff", "--base", "HEAD"],
            &[("PATH", &path), ("RUSTUP_TOOLCHAIN", current), ("RUSTC", rustc)],
        )
    };
    diff("newer").exits(0).says("the base is built with older").says(UNCHANGED);
    assert!(project.read("started").lines().all(|name| name == "older"));
    diff("typed").exits(0).never_says("the base is built with");
    assert!(!project.has("started"));
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn the_advice_for_a_shallow_clone_works_when_it_is_typed() {
    let project = Project::bin("shallow");
    git(&project, &["init", "-q"]);
    commit(&project, "one");
    git(&project, &["tag", "v1"]);
    let first = git(&project, &["rev-parse", "HEAD"]).trim().to_owned();
    git(&project, &["checkout", "-qb", "feature/new"]);
    project.write("later.txt", "");
    commit(&project, "two");
    let url = format!("file://{}", project.path("").display());
    for (at, rev) in
        ["main", "origin/main", "v1", "HEAD~1", &first[..8], &first, "main~0"].iter().enumerate()
    {
        let clone = format!("clone-{at}");
        let folder = project.path(&clone);
        git(
            &project,
            &["clone", "-q", "--depth", "1", "-b", "feature/new", &url, folder.to_str().unwrap()],
        );
        let asked = project.athena_in(&clone, &["diff", "--base", rev]);
        asked.exits(2).says("is not a commit of this repository");
        let advice = asked.err.split('`').find(|part| part.starts_with("git fetch")).unwrap();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", advice]);
        project.call(&clone, shell).exits(0);
        let other = asked.err.split("--base ").nth(1).map(|rest| rest.split('`').next().unwrap());
        let rev = if rev.starts_with("main") { other.unwrap() } else { rev };
        let folder = folder.to_str().unwrap();
        git(&project, &["-C", folder, "rev-parse", "--verify", &format!("{rev}^{{commit}}")]);
    }
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn the_first_sentence_is_gits_own() {
    let project = Project::bin("refused");
    let diff = |base: &str| project.athena(&["diff", "--base", base]);
    diff("HEAD").exits(2).says("error: not a git repository");
    git(&project, &["init", "-q"]);
    diff("HEAD").exits(2).says("the repository has no commit yet");
    commit(&project, "one");
    let strange = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")];
    project
        .athena_with(&["diff", "--base", "HEAD"], &strange)
        .exits(2)
        .says("error: detected dubious ownership in repository at")
        .says("safe.directory")
        .never_says("git init");
    project.athena_with(&["diff", "--base", "HEAD"], &[("PATH", "/nowhere")]).exits(2).says("git");
    git(&project, &["tag", "file", "HEAD:Cargo.toml"]);
    diff("file").exits(2).says("expected commit type");
    diff("@{upstream}").exits(2).says("no upstream configured");
    let tip = git(&project, &["rev-parse", "HEAD"]);
    let object = format!(".git/objects/{}/{}", &tip[..2], tip[2..].trim());
    fs::remove_file(project.path(&object)).unwrap();
    diff("HEAD").exits(2).says("bad object").never_says("no commit yet");
}
