//! The standard variables of OpenTelemetry, checked at the start: the SDK passes over what it can't read.

use athena_core::error::{Error, Result};

/// The variables that name a collector.
const ENDPOINTS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
];

const PROTOCOLS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
];

const COMPRESSIONS: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
];

const SAMPLERS: [&str; 6] = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signals {
    pub(super) traces: bool,
    pub(super) metrics: bool,
}

/// Reads what the variables ask for; nothing is exported unless one of them names a collector or an
/// exporter.
///
/// # Errors
///
/// A variable has a value that is unknown, or that this program can't follow.
pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Signals> {
    let text = |name: &str| {
        variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let none = Signals { traces: false, metrics: false };
    if text("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return Ok(none);
    }
    let has_endpoint = ENDPOINTS.iter().any(|name| text(name).is_some());
    let exports = |name: &str| match text(name).as_deref() {
        None => Ok(has_endpoint),
        Some("otlp") => Ok(true),
        Some("none") => Ok(false),
        Some(other) => Err(unknown(name, other, &["otlp", "none"])),
    };
    let signals = Signals {
        traces: exports("OTEL_TRACES_EXPORTER")?,
        metrics: exports("OTEL_METRICS_EXPORTER")?,
    };
    if signals == none {
        return Ok(none);
    }
    for name in ENDPOINTS {
        if let Some(endpoint) = text(name)
            && !["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme))
        {
            return Err(Error::usage(format!("{name}={endpoint} is not the URL of a collector"))
                .help("use http://HOST:4318"));
        }
    }
    for name in PROTOCOLS {
        match text(name).as_deref() {
            None | Some("http/protobuf") => {}
            Some("grpc") => {
                return Err(Error::usage(format!(
                    "{name}=grpc: the exporter speaks http/protobuf"
                ))
                .help(format!("set {name}=http/protobuf; collectors listen to it on port 4318")));
            }
            Some(other) => return Err(unknown(name, other, &["http/protobuf"])),
        }
    }
    for name in COMPRESSIONS {
        if let Some(other) = text(name).filter(|text| text != "none") {
            return Err(unknown(name, &other, &["none"]));
        }
    }
    if let Some(sampler) = text("OTEL_TRACES_SAMPLER") {
        if !SAMPLERS.contains(&sampler.as_str()) {
            return Err(unknown("OTEL_TRACES_SAMPLER", &sampler, &SAMPLERS));
        }
        let argument = text("OTEL_TRACES_SAMPLER_ARG");
        let ratio = argument.as_deref().map_or(Ok(1.0), str::parse);
        if sampler.ends_with("ratio") && !ratio.is_ok_and(|ratio: f64| (0.0..=1.0).contains(&ratio))
        {
            let given = argument.unwrap_or_default();
            return Err(Error::usage(format!(
                "OTEL_TRACES_SAMPLER_ARG={given} is not a share of traces"
            ))
            .help("use a number from 0 to 1, for example 0.1"));
        }
    }
    Ok(signals)
}

fn unknown(name: &str, given: &str, known: &[&str]) -> Error {
    Error::usage(format!("{name}={given} is not supported"))
        .help(format!("use {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Signals> {
        read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_exported_unless_a_collector_is_named() {
        let none = Ok(Signals { traces: false, metrics: false });
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert_eq!(with(&[]), none);
        assert_eq!(with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), none);
        assert_eq!(with(&[collector, ("OTEL_SDK_DISABLED", "True")]), none);
        // Nobody asks for telemetry, so its settings are not read.
        assert_eq!(with(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]), none);
        let (traces, metrics) = (true, true);
        assert_eq!(with(&[collector]), Ok(Signals { traces, metrics }));
        assert_eq!(
            with(&[("OTEL_TRACES_EXPORTER", "otlp")]),
            Ok(Signals { traces, metrics: false })
        );
        let without_traces = with(&[collector, ("OTEL_TRACES_EXPORTER", "none")]);
        assert_eq!(without_traces, Ok(Signals { traces: false, metrics }));
    }

    #[test]
    fn what_can_not_be_followed_is_refused_with_the_way_out() {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        for (name, value, way_out) in [
            ("OTEL_TRACES_EXPORTER", "console", "use otlp, none"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "use http://HOST:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "use http/protobuf"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "use none"),
            ("OTEL_TRACES_SAMPLER", "always", "use always_on, "),
        ] {
            let error = with(&[(name, value), collector]).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{name}={value}")) && error.contains(way_out),
                "{error}"
            );
        }
        let ratio = ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
        for wrong in ["2", "x", "-0.1", "NaN"] {
            let error = with(&[collector, ratio, ("OTEL_TRACES_SAMPLER_ARG", wrong)]).unwrap_err();
            assert!(error.to_string().contains("from 0 to 1"), "{error}");
        }
        assert!(with(&[collector, ratio, ("OTEL_TRACES_SAMPLER_ARG", "0.25")]).is_ok());
    }
}
