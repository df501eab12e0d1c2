//! The page about brokers: its commands do what it says, and its code is the example's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../docs/brokers.md");
const SOURCES: [&str; 2] = [include_str!("../src/files.rs"), include_str!("conformance.rs")];

/// The blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    PAGE.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_code_of_the_page_is_the_code_of_the_example() {
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        assert!(
            SOURCES.iter().any(|source| source.contains(block)),
            "not in the example:\n{block}"
        );
    }
}

#[test]
fn the_commands_of_the_page_print_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_broker")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut commands = 0;
    for block in blocks("console") {
        for step in block.split("$ ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap();
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).current_dir(folder.path()).env("PATH", &path);
            let output = shell.output().unwrap();
            let (out, err) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "$ {command}\n{err}");
            commands += 1;
        }
    }
    assert_eq!(commands, 9);
}
