//! The workflow files in `examples/ci` are read, and what they type is what can be typed.

use std::ffi::OsString;

use clap::Parser as _;
use saphyr::{LoadableYamlNode as _, Yaml};

use crate::cli::{Cli, without_subcommand};

/// Every line of shell in a workflow file.
fn shell(name: &str) -> Vec<String> {
    let text = super::text(&format!("ci/{name}"));
    let documents = Yaml::load_from_str(&text).unwrap();
    let mut lines = Vec::new();
    for document in &documents {
        collect(document, false, &mut lines);
    }
    lines
}

fn collect(node: &Yaml<'_>, is_shell: bool, lines: &mut Vec<String>) {
    if let Some(mapping) = node.as_mapping() {
        for (key, value) in mapping {
            let key = key.as_str().unwrap_or_default();
            collect(value, ["run", "script", "before_script"].contains(&key), lines);
        }
    } else if let Some(sequence) = node.as_sequence() {
        for value in sequence {
            collect(value, is_shell, lines);
        }
    } else if let (true, Some(text)) = (is_shell, node.as_str()) {
        lines.extend(text.lines().map(str::to_owned));
    }
}

/// With 1 in place of each variable.
fn filled(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        out.push('1');
        rest = match behind.strip_prefix("{{") {
            Some(inside) => inside.split_once("}}").unwrap().1,
            None => behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
    }
    out + rest
}

/// The verbs of the `cargo athena` lines, each of which must be one that can be typed.
fn typed(name: &str) -> Vec<String> {
    let mut verbs = Vec::new();
    for line in shell(name) {
        let words = shlex::split(&filled(&line)).unwrap_or_else(|| panic!("quotes in {line}"));
        if words.get(..2).is_none_or(|start| start != ["cargo", "athena"]) {
            continue;
        }
        verbs.push(words[2].clone());
        let arguments = words.into_iter().skip(1).map(OsString::from);
        let arguments = [OsString::from("cargo-athena")].into_iter().chain(arguments);
        if let Err(error) = Cli::try_parse_from(without_subcommand(arguments)) {
            panic!("{name}: {line}\n{error}");
        }
    }
    verbs
}

#[test]
fn the_workflow_of_github_types_what_can_be_typed() {
    assert_eq!(typed("github.yml"), ["test", "report", "diff"]);
}

#[test]
fn the_workflow_of_gitlab_types_what_can_be_typed() {
    assert_eq!(typed("gitlab.yml"), ["test", "report", "diff"]);
}

#[test]
fn a_variable_is_filled_in_wherever_it_stands() {
    assert_eq!(filled("hash:${{ matrix.part }}/4 $A_B-c \"o/$X\""), "hash:1/4 1-c \"o/1\"");
}
