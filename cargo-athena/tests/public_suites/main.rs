//! The compliance suite of `JMESPath` and the URL suite of the WHATWG: each imported by one command, and
//! replayed on an implementation.
//!
//! The suites are in packages of the crate registry, which cargo fetches: the test is ignored, and
//! `.ci/test` runs it with `--ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The parts of a parsed URL, as the suite and the model name them.
const PARTS: [&str; 10] = [
    "href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search",
    "hash",
];

#[test]
#[ignore = "fetches packages; `cargo test -p cargo-athena --test public_suites -- --ignored`"]
fn two_public_suites_are_imported_by_a_command_each_and_replayed() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = target.join("public-suites");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    let athena = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("athena-rt");
    let manifest = include_str!("package/Cargo.txt").replace("ATHENA", athena.to_str().unwrap());
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), include_str!("package/main.txt")).unwrap();
    // The versions of this repository, so that dependencies are built once for all such packages.
    fs::copy(athena.parent().unwrap().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(&folder).args(arguments);
        command.env("CARGO_TARGET_DIR", target.join("projects")).env_remove("CI");
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.output().unwrap()
    };
    let athena = |arguments: &[&str]| {
        run(env!("CARGO_BIN_EXE_cargo-athena"), &[&["athena"], arguments].concat())
    };
    let metadata = run(env!("CARGO"), &["metadata", "--format-version", "1"]);
    assert!(metadata.status.success(), "{}", all(&metadata));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();

    // Each file is a list of groups: a document, and the expressions that are evaluated on it.
    let files = json_files(&folder_of(&metadata, "jmespath").join("tests/compliance"));
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
    let file = folder_of(&metadata, "url").join("tests/urltestdata.json");
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

/// The folder of a package that cargo has fetched.
fn folder_of(metadata: &serde_json::Value, name: &str) -> PathBuf {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == name).unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}
