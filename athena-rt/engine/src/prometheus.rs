//! Prometheus' text format. All metrics are written here.

use std::fmt::{self, Display, Write as _};

/// The type of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

impl Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}

/// Metrics as text.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a metric. Its samples follow.
    pub fn family(&mut self, name: &'static str, kind: MetricKind, help: &str) -> Family<'_> {
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family { name, text: &mut self.text }
    }

    /// Writes a counter without labels.
    pub fn counter(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, MetricKind::Counter, help).sample(&[], value);
    }

    /// Writes a gauge without labels.
    pub fn gauge(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, MetricKind::Gauge, help).sample(&[], value);
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

/// The samples of one metric.
#[derive(Debug)]
pub struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

impl Family<'_> {
    /// Writes a sample with these labels.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.write("", labels, value);
    }

    /// Writes a histogram with these labels. `buckets` are upper bounds and how many values are not
    /// above them.
    pub fn histogram<'b>(
        &mut self,
        labels: &[(&str, &str)],
        buckets: impl Iterator<Item = (&'b str, u64)>,
        count: u64,
        sum: impl Display,
    ) {
        // Counters are read one by one, but the total may not be below the last bucket.
        let mut count = count;
        for (bound, below) in buckets {
            self.write("_bucket", &[labels, &[("le", bound)]].concat(), below);
            count = count.max(below);
        }
        self.write("_bucket", &[labels, &[("le", "+Inf")]].concat(), count);
        self.write("_sum", labels, sum);
        self.write("_count", labels, count);
    }

    fn write(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.text, "{}{suffix}", self.name);
        for (at, (name, value)) in labels.iter().enumerate() {
            let separator = if at == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{separator}{name}=\"{}\"", escape_label(value));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{end} {value}");
    }
}

/// The value of a label, as it stands between quotes.
fn escape_label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Microseconds as seconds, Prometheus' unit of time.
pub fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_t_end_its_quotes_or_its_line() {
        assert_eq!(escape_label("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
    }

    #[test]
    fn seconds_have_six_digits_behind_the_point() {
        assert_eq!(seconds(0), "0.000000");
        assert_eq!(seconds(61_000_007), "61.000007");
    }

    #[test]
    fn samples_follow_the_head_of_their_metric() {
        let mut out = Exposition::default();
        out.gauge("ready", "1 if ready.", 1);
        let mut family = out.family("seconds", MetricKind::Histogram, "Times.");
        family.histogram(&[("model", "a")], [("1", 2), ("2", 3)].into_iter(), 2, seconds(5));
        let wanted = "# HELP ready 1 if ready.\n# TYPE ready gauge\nready 1\n\
                      # HELP seconds Times.\n# TYPE seconds histogram\n\
                      seconds_bucket{model=\"a\",le=\"1\"} 2\nseconds_bucket{model=\"a\",le=\"2\"} 3\n\
                      seconds_bucket{model=\"a\",le=\"+Inf\"} 3\n\
                      seconds_sum{model=\"a\"} 0.000005\nseconds_count{model=\"a\"} 3\n";
        assert_eq!(out.into_text(), wanted);
    }
}
