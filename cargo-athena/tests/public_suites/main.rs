//! The compliance suite of `JMESPath` and the URL suite of the WHATWG: each imported by one command, and
//! replayed on an implementation.
//!
//! The suites are in packages of the crate registry, which cargo fetches: the test is ignored, and
//! `.ci/test` runs it with `--ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../fetched/mod.rs"]
mod fetched;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use self::fetched::{FetchedPackage, root};

/// The parts of a parsed URL, as the suite and the model name them.
const PARTS: [&str; 10] = [
    "href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search",
    "hash",
];

#[test]
#[ignore = "fetches packages; `cargo test -p cargo-athena --test public_suites -- --ignored`"]
fn two_public_suites_are_imported_by_a_command_each_and_replayed() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let files = [
        ("src/main.rs", include_str!("package/main.txt")),
        // The versions of this repository, so that dependencies are built once for all such packages.
        ("Cargo.lock", &lock),
    ];
    let package = FetchedPackage::new("public-suites", include_str!("package/Cargo.txt"), &files);
    let athena = |arguments: &[&str]| {
        let mut command = package.command(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(arguments).env_remove("CI").output().unwrap()
    };
    let folder_of = package.fetch();

    // Each file is a list of groups: a document, and the expressions that are evaluated on it.
    let files = json_files(&folder_of("jmespath").join("tests/compliance"));
    let mut import = vec!["import", "search"];
    import.extend(files.iter().map(String::as_str));
    import.extend(["--each", "/cases", "--input", "given=/given"]);
    import.extend(["--input", "expression=/expression", "--output", "result=/result"]);
    let imported = athena(&import);
    assert!(all(&imported).contains("861 cases in 15 suites"), "{}", all(&imported));
    let replayed = athena(&["test", "search"]);
    assert_eq!(replayed.status.code(), Some(0), "{}", all(&replayed));
    assert!(all(&replayed).contains("861 cases: 861 passed, 0 failed"), "{}", all(&replayed));

    // A list of records, with comments between them.
    let file = folder_of("url").join("tests/urltestdata.json");
    let outputs = PARTS.map(|part| format!("{part}=/{part}"));
    let mut import = vec!["import", "parse", file.to_str().unwrap()];
    import.extend(["--input", "input=/input", "--input", "base=/base", "--error", "/failure"]);
    import.extend(outputs.iter().flat_map(|part| ["--output", part]));
    let imported = athena(&import);
    assert!(all(&imported).contains("819 cases imported"), "{}", all(&imported));
    // The suite expects what the standard says; this version of the crate differs in 36 cases.
    let replayed = athena(&["test", "parse"]);
    assert_eq!(replayed.status.code(), Some(1), "{}", all(&replayed));
    assert!(all(&replayed).contains("819 cases: 783 passed, 36 failed"), "{}", all(&replayed));
}

/// What a program printed.
fn all(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The `.json` files of a folder.
fn json_files(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let mut files: Vec<String> =
        paths.filter(is_json).map(|path| path.to_str().unwrap().to_owned()).collect();
    files.sort();
    files
}
