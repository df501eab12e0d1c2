//! A file a verb: from what was typed to what the runners are asked.

mod accept;
mod choose;
mod collect;
mod deny;
mod diff;
mod doctor;
mod init;
mod list;
mod manifest;
mod migrate;
mod mpi;
mod mv;
mod new;
mod pending;
mod record;
mod reject;
mod report;
mod review;
mod run;
mod schema;
mod serve;
mod shrink;
mod submit;
mod test;
mod watch;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::{Capture, Environments, Exit, Messages};

use crate::cli::{CaptureArgs, Cli, Environment, Verb};
use crate::error::Result;

/// Does what was typed.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    let output = cli.output;
    match cli.verb {
        Verb::Init(verb) => init::run(&verb, &output),
        Verb::New(verb) => new::run(&verb, &output),
        Verb::List(verb) => list::run(verb, output),
        Verb::Run(verb) => run::run(verb, output),
        Verb::Record(verb) => record::run(verb, output),
        Verb::Test(verb) => test::run(&verb, output),
        Verb::Diff(verb) => diff::run(&verb, output),
        Verb::Doctor(verb) => doctor::run(verb, output),
        Verb::Review(verb) => review::run(verb, output),
        Verb::Accept(verb) => accept::run(verb, output),
        Verb::Reject(verb) => reject::run(verb, output),
        Verb::Pending(verb) => pending::run(verb, output),
        Verb::Report(verb) => report::run(verb, &output),
        Verb::Watch(verb) => watch::run(&verb.test, &output),
        Verb::Shrink(verb) => shrink::run(&verb, &output),
        Verb::Serve(verb) => serve::run(verb, output),
        Verb::Work(verb) => work::run(verb, output),
        Verb::Submit(verb) => submit::run(verb, output),
        Verb::Collect(verb) => collect::run(verb, output),
        Verb::Mpi(verb) => mpi::run(&verb, output),
        Verb::Manifest(verb) => manifest::run(verb),
        Verb::Schema(verb) => schema::run(verb, output),
        Verb::Mv(verb) => mv::run(verb, output),
        Verb::Migrate(verb) => migrate::run(verb, output),
    }
}

/// Where `--message` and `--messages` say messages come from.
fn messages(message: Option<String>, lines: Option<PathBuf>) -> Messages {
    match (message, lines) {
        (_, Some(path)) if path.as_os_str() == "-" => Messages::StdinLines,
        (_, Some(path)) => Messages::Lines(path),
        (Some(text), None) if text == "-" => Messages::Stdin,
        (Some(text), None) if text.trim_start().starts_with('{') => Messages::Text(text),
        (Some(path), None) => Messages::File(path.into()),
        (None, None) => Messages::Default,
    }
}

fn environments(environment: Environment) -> Environments {
    Environments {
        named: environment.environment,
        files: environment.env_file,
        set: environment.set,
    }
}

/// A time as the protocol has it.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What is to be kept as cases, where anything is.
fn captured(typed: CaptureArgs) -> Option<Capture> {
    let CaptureArgs { capture, sample, max } = typed;
    capture.map(|file| Capture { file, per_million: sample, max: max.map(Into::into) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_json_standard_input_or_a_file() {
        let one = |text: &str| messages(Some(text.into()), None);
        assert_eq!(one(" {\"a\":1}"), Messages::Text(" {\"a\":1}".into()));
        assert_eq!(one("-"), Messages::Stdin);
        assert_eq!(one("a.json"), Messages::File("a.json".into()));
        assert_eq!(messages(None, Some("-".into())), Messages::StdinLines);
        assert_eq!(messages(None, Some("a.jsonl".into())), Messages::Lines("a.jsonl".into()));
        assert_eq!(messages(None, None), Messages::Default);
    }
}
