//! The command line as people read it: verbs in groups, and examples for the common ones.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::Cli;

/// The verbs in the order in which a user meets them.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Start", &["init", "new", "list", "run"]),
    ("Record and test", &["record", "import", "test", "watch", "doctor", "strength"]),
    ("Decide", &["review", "accept", "reject", "pending", "diff", "shrink", "report"]),
    ("Deploy", &["serve", "work", "submit", "collect", "mpi", "manifest"]),
    ("Schema and upkeep", &["schema", "mv", "migrate", "completions", "man"]),
];

const EXAMPLES: [(&str, &str); 6] = [
    (
        "run",
        "cargo athena run                                  the only model, on message.json or {}
cargo athena run price --message '{\"amount\": 2}'
cargo athena run price --example > message.json    a message to start from
cargo athena run price --messages orders.jsonl --rejects failed.jsonl",
    ),
    (
        "record",
        "cargo athena record price --case empty --message '{}'
cargo athena record price --messages orders.jsonl --suite orders --name-from /id
cargo athena record --rerecord orders              run recorded cases again",
    ),
    (
        "test",
        "cargo athena test                                  every case
cargo athena test price --show-input               cases of one model, with their inputs
cargo athena test --report html=report.html,junit=report.xml",
    ),
    ("list", "cargo athena list --long\ncargo athena list --format json"),
    (
        "accept",
        "cargo athena accept price::empty                   one new outcome, as it was shown",
    ),
    (
        "completions",
        "cargo athena completions bash > ~/.local/share/bash-completion/completions/cargo-athena",
    ),
];

const TEMPLATE: &str = "{about-with-newline}
{usage-heading} {usage}

{before-help}Options:
{options}{after-help}";

/// The command line with its help.
pub(super) fn command() -> Command {
    let command = Cli::command();
    let verbs = verbs(&command);
    EXAMPLES.into_iter().fold(
        command.before_help(verbs).help_template(TEMPLATE),
        |command, (verb, examples)| {
            command.mut_subcommand(verb, |verb| {
                verb.after_help(format!("Examples:\n  {}", examples.replace('\n', "\n  ")))
            })
        },
    )
}

/// One line per verb, in groups. Verbs that no group has come last.
fn verbs(command: &Command) -> String {
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
        for (name, _) in EXAMPLES {
            assert!(command().find_subcommand(name).is_some(), "{name}");
        }
    }
}
