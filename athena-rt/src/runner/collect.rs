//! What can be typed after `collect`.

use std::num::NonZeroU64;
use std::time::Duration;

use athena_protocol::Collect;
use clap::Args;

use super::by_hand::millis;
use athena_core::environment::Setting as _;

#[derive(Debug, Args)]
pub(super) struct TypedCollect {
    /// The queue of outcomes: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Show the dead letters of a queue of messages, and leave them there.
    #[arg(long)]
    dead: bool,
    /// Leave the outcomes there.
    #[arg(long)]
    keep: bool,
    /// How long to wait for more when none is left, unless they are left there [default: 1s].
    #[arg(long, value_name = "TIME", value_parser = Duration::parse)]
    wait: Option<Duration>,
    /// How many at most [default: all].
    #[arg(long, value_name = "N")]
    max: Option<NonZeroU64>,
}

impl From<TypedCollect> for Collect {
    fn from(typed: TypedCollect) -> Self {
        Self {
            from: typed.from,
            dead: typed.dead,
            keep: typed.keep,
            wait_ms: typed.wait.map(millis),
            max: typed.max.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        collect: TypedCollect,
    }

    fn read(arguments: &str) -> Result<Collect, String> {
        let line = Line::try_parse_from(arguments.split(' '));
        line.map(|line| line.collect.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn outcomes_come_from_somewhere() {
        let from = "redis://h/o".to_owned();
        let all = "collect --from redis://h/o --dead --keep --wait 500ms --max 10";
        let wanted = Collect { from, dead: true, keep: true, wait_ms: Some(500), max: Some(10) };
        assert_eq!(read(all), Ok(wanted));
        for (wrong, says) in [
            ("collect", "--from <URL>"),
            ("collect --from redis://h/o --max 0", "--max <N>"),
            ("collect --from redis://h/o --wait 1", "not a duration"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
