//! The page about brokers, typed: its files are the example's, and its commands print what it says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../docs/brokers.md");
const BROKER: &str = include_str!("../src/files.rs");
const OTHERS: [&str; 2] = [include_str!("../src/main.rs"), include_str!("conformance.rs")];

/// The blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    PAGE.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The lines that are not blank.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.trim().is_empty()).collect()
}

#[test]
fn who_types_the_page_has_the_files_of_the_example() {
    let (others, broker): (Vec<_>, Vec<_>) = blocks("rust")
        .into_iter()
        .partition(|block| OTHERS.iter().any(|file| file.ends_with(block)));
    assert_eq!(others.len(), OTHERS.len());
    let code: Vec<_> = lines(BROKER).into_iter().filter(|line| !line.starts_with("//!")).collect();
    assert_eq!(lines(&broker.concat()), code);
}

#[test]
fn the_broker_has_fewer_than_150_lines() {
    let code = lines(BROKER).into_iter().filter(|line| !line.trim().starts_with("//"));
    assert!(code.count() < 150);
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
    assert_eq!(commands, 10);
}
