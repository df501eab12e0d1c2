//! The page of the book with every verb and flag, written from the command line's own help.
//! `UPDATE_DOCS=1` writes it again.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command};

use super::help;

const HEAD: &str = "# Command line

Every verb and flag, as `cargo athena help VERB` prints them. A test writes this page and compares it. A runner that is
started by hand, `RUNNER VERB`, has the verbs `run`, `list`, `record`, `test`, `serve`, `work`, `submit`, `collect`, `queue`, `mpi`
and `schema` with the same flags, except cargo's.
";

#[test]
fn the_page_of_the_command_line_is_what_the_help_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command-line.md");
    let written = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differs = known.lines().zip(written.lines()).find(|(known, written)| known != written);
    assert!(
        known == written,
        "docs/command-line.md is out of date at {differs:?}: write it with\n  UPDATE_DOCS=1 cargo test -p cargo-athena --bin cargo-athena reference"
    );
}

fn page() -> String {
    let mut command = help::command();
    command.build();
    let mut out = HEAD.to_owned();
    for (title, verbs) in help::GROUPS {
        let links: Vec<String> = verbs.iter().map(|verb| format!("[{verb}](#{verb})")).collect();
        let _ = write!(out, "\n- {title}: {}", links.join(", "));
    }
    out.push_str(
        "\n- [Flags of every verb](#flags-of-every-verb), [cargo's flags](#cargos-flags)\n",
    );
    let named = help::GROUPS.iter().flat_map(|(_, verbs)| *verbs);
    let named: Vec<&Command> = named.filter_map(|verb| command.find_subcommand(verb)).collect();
    let is_named = |verb: &Command| named.iter().any(|one| one.get_name() == verb.get_name());
    let others = command.get_subcommands();
    let others: Vec<&Command> =
        others.filter(|verb| verb.get_name() != "help" && !is_named(verb)).collect();
    for verb in named.into_iter().chain(others) {
        section(&mut out, verb, 2);
    }
    out.push_str("\n## Flags of every verb\n\n");
    flags(&mut out, command.get_arguments().filter(|arg| !is_help(arg)));
    out.push_str("\n## Cargo's flags\n\nEvery verb that builds runners has them. They mean what they mean to `cargo test`.\n\n");
    flags(&mut out, help::cargo_flags().get_arguments());
    out
}

fn section(out: &mut String, verb: &Command, level: usize) {
    let name = verb.get_bin_name().unwrap_or_default().trim_start_matches("cargo athena ");
    let _ = write!(out, "\n{} {name}\n\n", "#".repeat(level));
    let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(out, "{}.\n", text(&about));
    let usage = verb.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").lines().map(str::trim).collect::<Vec<_>>();
    let _ = writeln!(out, "```text\n{}\n```\n", usage.join("\n"));
    let own = verb.get_arguments().filter(|arg| {
        let is_cargo = help::is_of_cargo(arg) && arg.is_hide_set();
        !is_help(arg) && !is_cargo && !arg.is_global_set()
    });
    flags(out, own);
    if let Some(after) = verb.get_after_help().map(ToString::to_string) {
        for part in after.split("\n\n").filter(|part| !part.starts_with("Cargo's flags")) {
            match part.strip_prefix("Examples:\n") {
                Some(examples) => {
                    let lines: Vec<&str> =
                        examples.lines().map(|line| line.get(2..).unwrap_or("")).collect();
                    let _ = writeln!(out, "\n```text\n{}\n```", lines.join("\n"));
                }
                None => {
                    let _ = writeln!(out, "\n{}", text(part));
                }
            }
        }
    }
    for inner in verb.get_subcommands().filter(|inner| inner.get_name() != "help") {
        section(out, inner, level + 1);
    }
}

fn is_help(arg: &Arg) -> bool {
    ["help", "version"].contains(&arg.get_id().as_str())
}

/// One line per flag: `--suite <NAME>`, its help, its values and its default.
fn flags<'a>(out: &mut String, args: impl Iterator<Item = &'a Arg>) {
    for arg in args {
        let names: Vec<String> = arg
            .get_short()
            .map(|short| format!("-{short}"))
            .into_iter()
            .chain(arg.get_long().map(|long| format!("--{long}")))
            .collect();
        let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
        let value = value.map(|names| format!("<{}>", names.join("> <"))).unwrap_or_default();
        let shown = [names.join(", "), value];
        let shown: Vec<&str> =
            shown.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = write!(out, "- `{}`: {}", shown.join(" "), text(&help));
        let values = arg.get_possible_values();
        let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
        if arg.get_action().takes_values() && !values.is_empty() {
            let _ = write!(out, "; one of `{}`", values.join("`, `"));
        }
        let defaults = arg.get_default_values().iter().filter_map(|value| value.to_str());
        let defaults: Vec<&str> = defaults.filter(|value| !value.is_empty()).collect();
        if arg.get_action().takes_values() && !defaults.is_empty() {
            let _ = write!(out, " [default: {}]", defaults.join(", "));
        }
        out.push('\n');
    }
}

/// Help as Markdown: `<` would begin a tag.
fn text(help: &str) -> String {
    let mut out = String::new();
    let mut is_code = false;
    for c in help.chars() {
        is_code ^= c == '`';
        match c {
            '<' | '*' | '_' if !is_code => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
