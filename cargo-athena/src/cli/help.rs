//! The command line as people read it: verbs in groups, and examples for the common ones.

use std::fmt::Write as _;

use clap::{Arg, Args as _, Command, CommandFactory as _};

use super::Cli;
use super::verb_examples::EXAMPLES;
use crate::options::BuildOptions;

/// The verbs in the order in which a user meets them.
pub(super) const GROUPS: [(&str, &[&str]); 5] = [
    ("Start", &["init", "new", "list", "run"]),
    ("Record and test", &["record", "import", "test", "watch", "doctor", "strength"]),
    ("Decide", &["review", "accept", "reject", "pending", "diff", "shrink", "report"]),
    ("Deploy", &["serve", "work", "submit", "collect", "queue", "mpi", "manifest"]),
    ("Schema and upkeep", &["schema", "mv", "migrate", "completions", "man"]),
];

/// The headings of cargo's flags: the same for every verb that builds, so that its help has one line of them.
const OF_CARGO: [&str; 5] = ["Packages", "Targets", "Features", "Build", "Manifest"];

const TEMPLATE: &str = "{about-with-newline}
{usage-heading} {usage}

{before-help}Options:
{options}{after-help}";

/// The command line with its help.
pub(super) fn command() -> Command {
    let command = Cli::command();
    let groups = groups(&command);
    command
        .before_help(groups)
        .help_template(TEMPLATE)
        .mut_subcommands(|verb| with_examples(with_cargo_on_one_line(verb)))
}

/// The help of cargo's flags, which `cargo athena help cargo` prints.
pub(super) fn cargo_flags() -> Command {
    Command::new("cargo athena")
        .about("Flags of cargo that every verb accepts which builds runners; they mean what they mean to cargo test")
        .args(BuildOptions::augment_args(Command::new("")).get_arguments().filter(|arg| is_of_cargo(arg)))
        .disable_help_flag(true)
        .help_template("{about-with-newline}\n{options}")
}

/// Whether a flag is one of cargo's.
pub(super) fn is_of_cargo(arg: &Arg) -> bool {
    arg.get_help_heading().is_some_and(|heading| OF_CARGO.contains(&heading))
}

/// Hides cargo's flags but for the most common ones, which a line names.
fn with_cargo_on_one_line(verb: Command) -> Command {
    if verb.get_name() == "init" || !verb.get_arguments().any(is_of_cargo) {
        return verb;
    }
    let after = "Cargo's flags: -p, --workspace, --bin, --example, -F, -r, --locked, ..: cargo athena help cargo";
    let after = match verb.get_after_help() {
        Some(own) => format!("{after}\n\n{own}"),
        None => after.to_owned(),
    };
    // `run --example` has a meaning of its own.
    let is_run = verb.get_name() == "run";
    let is_hidden = |arg: &Arg| is_of_cargo(arg) && !(is_run && arg.get_long() == Some("example"));
    verb.mut_args(|arg| if is_hidden(&arg) { arg.hide(true) } else { arg }).after_help(after)
}

fn with_examples(verb: Command) -> Command {
    let found = EXAMPLES.iter().find(|(name, _)| *name == verb.get_name());
    let Some((_, examples)) = found else { return verb };
    let examples = format!("Examples:\n  {}", examples.replace('\n', "\n  "));
    let after = match verb.get_after_help() {
        Some(own) => format!("{examples}\n\n{own}"),
        None => examples,
    };
    verb.after_help(after)
}

/// One line per verb, in groups. Verbs that no group has come last.
fn groups(command: &Command) -> String {
    let mut all: Vec<&Command> = command.get_subcommands().collect();
    let mut out = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(out, "{title}:");
        for name in names {
            if let Some(at) = all.iter().position(|verb| verb.get_name() == *name) {
                put(&mut out, all.remove(at));
            }
        }
        out.push('\n');
    }
    if !all.is_empty() {
        out.push_str("Other:\n");
        for verb in all {
            put(&mut out, verb);
        }
        out.push('\n');
    }
    out
}

fn put(out: &mut String, verb: &Command) {
    let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(out, "  {:12} {about}", verb.get_name());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_in_the_help_once() {
        let help = command().render_help().to_string();
        for verb in Cli::command().get_subcommands() {
            let line = format!("\n  {:12} ", verb.get_name());
            assert_eq!(help.matches(&line).count(), 1, "{}\n{help}", verb.get_name());
        }
        let deploy = help.find("\nDeploy:\n").unwrap();
        assert!(deploy < help.find("\n  serve ").unwrap(), "{help}");
        assert!(help.contains("Exit codes: 0 success"), "{help}");
    }

    #[test]
    fn the_flags_of_cargo_have_a_help_of_their_own() {
        let command = command();
        let test = command.find_subcommand("test").unwrap().clone().render_long_help().to_string();
        assert!(
            !test.contains("--no-default-features") && test.contains("cargo athena help cargo")
        );
        assert!(test.contains("--fixtures") && test.contains("Examples:"), "{test}");
        let cargo = cargo_flags().render_long_help().to_string();
        for flag in ["--package", "--no-default-features", "--locked", "--target-dir"] {
            assert!(cargo.contains(flag), "{flag}: {cargo}");
        }
    }

    #[test]
    fn every_example_is_a_command_line_that_is_accepted() {
        for (name, examples) in EXAMPLES {
            assert!(command().find_subcommand(name).is_some(), "{name}");
            for line in examples.lines() {
                let line = line.split(" > ").next().unwrap().split("   ").next().unwrap();
                let line = line.split(" | ").last().unwrap().replace('\'', "");
                // A message in quotes is one argument.
                let words = line.replace("{\"amount\": 2}", "{}");
                let words: Vec<&str> = words.split_whitespace().skip(1).collect();
                assert_eq!(words[0], "athena", "{line}");
                let read = super::super::command().try_get_matches_from(&words);
                assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
            }
        }
    }
}
