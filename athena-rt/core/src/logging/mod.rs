//! Logging to standard error, filtered by `RUST_LOG` (per target) or `LOG_LEVEL` (for all targets).

mod origin;

use std::io::IsTerminal;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::display::escape_line;
use crate::registry::{Entry, Registry};

pub use self::origin::{owns_subscriber, with_request_context};

/// The level if no variable is set.
const DEFAULT: &str = "warn";

/// Libraries that log what their callers handle, as errors. They are silent unless a filter names them.
const SILENT: [&str; 1] = ["lapin"];

/// Starts logging, unless the program has installed a subscriber of its own. Returns the warning about a filter
/// that is not one, which the first process of a command prints, and no other.
#[must_use = "the warning is printed by the caller"]
pub fn init() -> Option<String> {
    let (name, text) = ["RUST_LOG", "LOG_LEVEL"]
        .into_iter()
        .find_map(|name| Some((name, std::env::var(name).ok().filter(|text| !text.is_empty())?)))
        .unwrap_or(("LOG_LEVEL", DEFAULT.to_owned()));
    // `WARNING` and `CRITICAL` are what other languages call them.
    let text = match text.to_lowercase().as_str() {
        "warning" => "warn".to_owned(),
        "critical" | "fatal" => "error".to_owned(),
        _ => text,
    };
    let parsed = match name {
        "LOG_LEVEL" => {
            text.parse().map(|level: LevelFilter| Targets::new().with_default(level)).ok()
        }
        _ => text.parse::<Targets>().ok(),
    };
    let wrong = match &parsed {
        None => Some(format!("is not a log filter, {DEFAULT} is used: {FORM}")),
        Some(_) => misspelt_level(&text)
            .map(|level| format!("shows what the target `{level}` logs and nothing else: {FORM}")),
    };
    let filter = parsed.unwrap_or_else(|| Targets::new().with_default(tracing::Level::WARN));
    let silent = SILENT.into_iter().filter(|library| !text.contains(library));
    let filter = filter.with_targets(silent.map(|library| (library, LevelFilter::OFF)));
    let colors = std::io::stderr().is_terminal() && !athena_protocol::is_no_color();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colors);
    let layer = layer.event_format(origin::OriginFormat::new(colors));
    let started = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    if started.is_ok() {
        origin::set_owned();
    }
    started.ok()?;
    // Not a log line, which the filter may hide.
    Some(format!("warning: {name}={} {}", escape_line(&text), wrong?))
}

/// The form of a filter.
const FORM: &str = "a level is error, warn, info, debug, trace or off; of one target, TARGET=LEVEL";

/// A filter that is a single word and neither a level nor a crate of this program's models: it is taken for
/// the name of a target.
fn misspelt_level(filter: &str) -> Option<&str> {
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
    if filter.parse::<LevelFilter>().is_ok() || !is_word(filter) {
        return None;
    }
    let is_crate = |entry: &Entry| {
        let crate_name = entry.model.source().module.split("::").next();
        crate_name == Some(filter)
    };
    let registry = Registry::collect().ok()?;
    (!registry.entries().iter().any(is_crate)).then_some(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_found_and_a_filter_of_targets_is_not() {
        assert_eq!(misspelt_level("loud"), Some("loud"));
        for fine in ["info", "OFF", "3", "my_crate", "a=debug", "a,b"] {
            assert_eq!(misspelt_level(fine), None, "{fine}");
        }
    }
}
