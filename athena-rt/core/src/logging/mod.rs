//! Logging to standard error, filtered by `RUST_LOG` (per target) or `LOG_LEVEL` (for all targets).

mod origin;

use std::io::IsTerminal;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use self::origin::{owns_subscriber, with_request_context};

/// The level if no variable is set.
const DEFAULT: &str = "warn";

/// Libraries that log what their callers handle, as errors. They are silent unless a filter names them.
const SILENT: [&str; 1] = ["lapin"];

/// Starts logging, unless the program has installed a subscriber of its own.
pub fn init() {
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
    let (filter, wrong) = match text.parse::<Targets>() {
        Ok(filter) => (filter, None),
        Err(error) => (Targets::new().with_default(tracing::Level::WARN), Some(error)),
    };
    let silent = SILENT.into_iter().filter(|library| !text.contains(library));
    let filter = filter.with_targets(silent.map(|library| (library, LevelFilter::OFF)));
    let colors = std::io::stderr().is_terminal() && !athena_protocol::is_no_color();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colors);
    let layer = layer.event_format(origin::OriginFormat::new(colors));
    let started = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    if started.is_ok() {
        origin::set_owned();
    }
    if let (Ok(()), Some(error)) = (started, wrong) {
        tracing::warn!("{name}={text} is not a log filter, {DEFAULT} is used: {error}");
    }
}
