//! What can be typed after `work`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use athena_protocol::Work;
use clap::Args;

use super::by_hand::{duration, millis};
use super::capture::CaptureArgs;
use super::serve::size;
use super::variables::TypedVariables;
use athena_core::environment::Setting as _;

/// What a process takes that has done nothing yet, and a little more.
const LEAST_MEMORY: u64 = 16_000_000;

#[derive(Debug, Args)]
pub(super) struct TypedWork {
    /// The models' ids, or their ends [default: all].
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// Where messages come from: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Where outcomes go [default: beside the messages].
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    #[command(flatten)]
    variables: TypedVariables,
    /// A message may set variables: {"environment": {"K": "V"}} beside its fields. Secrets never.
    #[arg(long)]
    allow_env_override: bool,
    /// How many processes run models [default: a core each].
    #[arg(long, value_name = "N")]
    processes: Option<NonZeroUsize>,
    /// How many messages are held at most.
    #[arg(long, value_name = "N")]
    prefetch: Option<NonZeroUsize>,
    /// How often a message may fail before it is a dead letter.
    #[arg(long, value_name = "N")]
    attempts: Option<NonZeroU32>,
    /// How long a failed message waits for its second try; twice as long for each further.
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    backoff: Option<Duration>,
    /// How long a message may take.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// How much memory a process may take, such as 512MB [default: its share of most of the
    /// machine's].
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory_limit: Option<u64>,
    /// How long a message stays with a worker that gives no sign of life.
    #[arg(long, value_name = "TIME", value_parser = lease)]
    lease: Option<Duration>,
    /// End once nothing is left and nothing came for so long [default: never].
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    exit_when_idle: Option<Duration>,
    /// How long what has begun may go on after a signal to end.
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    grace: Option<Duration>,
    /// Where counts are served over HTTP, such as 127.0.0.1:9090 [default: nowhere].
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<String>,
    #[command(flatten)]
    capture: CaptureArgs,
}

impl From<TypedWork> for Work {
    fn from(typed: TypedWork) -> Self {
        Self {
            models: typed.models,
            from: typed.from,
            to: typed.to,
            environments: typed.variables.into(),
            allow_env_override: typed.allow_env_override,
            processes: typed.processes.map(Into::into),
            prefetch: typed.prefetch.map(Into::into),
            attempts: typed.attempts.map(Into::into),
            backoff_ms: typed.backoff.map(millis),
            timeout_ms: typed.timeout.map(millis),
            memory_limit: typed.memory_limit,
            lease_ms: typed.lease.map(millis),
            exit_when_idle_ms: typed.exit_when_idle.map(millis),
            grace_ms: typed.grace.map(millis),
            metrics: typed.metrics,
            capture: typed.capture.asked(),
        }
    }
}

pub(super) fn memory(text: &str) -> Result<u64, String> {
    match size(text)? {
        ..LEAST_MEMORY => Err("a process needs 16MB at least".to_owned()),
        size => Ok(size),
    }
}

fn lease(text: &str) -> Result<Duration, String> {
    match Duration::parse(text)? {
        Duration::ZERO => Err("no sign of life comes in no time".to_owned()),
        lease => Ok(lease),
    }
}

#[cfg(test)]
mod tests {
    use athena_protocol::Environments;
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        work: TypedWork,
    }

    fn read(arguments: &str) -> Result<Work, String> {
        let line = Line::try_parse_from(arguments.split(' '));
        line.map(|line| line.work.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn all_that_is_typed_is_asked_for() {
        let typed = "work a b --from redis://h/t --to redis://h/o -e A=1 --env-file f \
                     --environment staging --allow-env-override --processes 2 --prefetch 64 \
                     --attempts 3 --backoff 500ms --timeout 2s --memory-limit 64MB --lease 30s \
                     --exit-when-idle 1s --grace 0s --metrics 127.0.0.1:9090 --capture c.jsonl \
                     --sample 1% --max 100";
        let wanted = Work {
            models: vec!["a".to_owned(), "b".to_owned()],
            from: "redis://h/t".to_owned(),
            to: Some("redis://h/o".to_owned()),
            environments: Environments {
                named: vec!["staging".to_owned()],
                files: vec!["f".into()],
                set: vec![("A".to_owned(), "1".to_owned())],
            },
            allow_env_override: true,
            processes: Some(2),
            prefetch: Some(64),
            attempts: Some(3),
            backoff_ms: Some(500),
            timeout_ms: Some(2_000),
            memory_limit: Some(64_000_000),
            lease_ms: Some(30_000),
            exit_when_idle_ms: Some(1_000),
            grace_ms: Some(0),
            metrics: Some("127.0.0.1:9090".to_owned()),
            capture: Some(athena_protocol::Capture {
                file: "c.jsonl".into(),
                per_million: Some(10_000),
                max: Some(100),
            }),
        };
        assert_eq!(read(typed), Ok(wanted));
        let least = Work { from: "nats://h/t".to_owned(), ..Work::default() };
        assert_eq!(read("work --from nats://h/t"), Ok(least));
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (typed, reason) in [
            ("", "--from <URL>"),
            ("--processes 0", "--processes <N>"),
            ("--prefetch 0", "--prefetch <N>"),
            ("--attempts 0", "--attempts <N>"),
            ("--timeout 0s", "ends in no time"),
            ("--lease 0s", "no sign of life"),
            ("--lease 30", "not a duration"),
            ("--memory-limit 1KB", "16MB at least"),
            ("--memory-limit much", "a size is such as"),
            ("-e A", "a setting is NAME=VALUE"),
            ("--sample 1%", "--capture <FILE>"),
            ("--max 10", "--capture <FILE>"),
            ("--capture f --sample 0.00001%", "the finest"),
            ("--capture f --max 0", "--max <N>"),
        ] {
            let from = if typed.is_empty() { "" } else { " --from redis://h/t " };
            let error = read(&format!("work{from}{typed}")).unwrap_err();
            assert!(error.contains(reason), "{typed}: {error}");
        }
    }
}
