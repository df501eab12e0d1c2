//! The head of the page, and its table of models: readable without scripts.

use std::fmt::Write as _;

use crate::display::grouped;
use crate::report::{ModelCounts, Report, describe, escape};

/// The most models in the table. The page's script shows the others on request.
const MODELS: usize = 100;

/// The length of the bar of counts, in units of its own.
const BAR: f64 = 1000.0;

/// How many cases passed and failed, as a bar and as a list.
pub(super) fn counts(report: &Report) -> String {
    let counts = describe::counts(report);
    let all: u64 = counts.iter().map(|(_, number, _)| number).sum();
    let mut out = format!(
        "<svg class=\"bar\" aria-hidden=\"true\" viewBox=\"0 0 {BAR} 6\" preserveAspectRatio=\"none\">"
    );
    let mut from = 0.0;
    for (class, number, _) in counts.iter().filter(|(_, number, _)| *number > 0) {
        #[allow(clippy::cast_precision_loss, reason = "a length in pixels")]
        let length = *number as f64 / all as f64 * BAR;
        // A few among many are seen, too.
        let shown = length.max(3.0).min(BAR - from);
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{from:.1}\" width=\"{shown:.1}\" height=\"6\"/>"
        );
        from += shown;
    }
    out.push_str("</svg>\n<ul class=\"counts\">");
    for (class, number, word) in counts {
        let number = grouped(number);
        let _ = write!(out, "<li><span class=\"dot {class}\"></span><b>{number}</b> {word}</li>");
    }
    let total = &report.summary;
    if total.schemas > 0 {
        let noun = if total.schemas == 1 { "schema lock" } else { "schema locks" };
        let failed = match total.schemas_failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        let _ = write!(out, "<li><b>{}</b> {noun} checked{failed}</li>", total.schemas);
    }
    out.push_str("</ul>\n");
    out
}

/// Errors, schema locks with something to say, and what was not replayed.
pub(super) fn messages(report: &Report) -> String {
    let mut out = String::new();
    let mut notice = |title: &str, text: &str, class: &str| {
        let (title, text) = (escape::html(title), escape::html(&escape::plain(text)));
        let _ = writeln!(out, "<div class=\"{class}\"><b>{title}</b><pre>{text}</pre></div>");
    };
    for text in &report.troubles {
        notice("Error", text, "notice bad");
    }
    for check in &report.schemas {
        match (&check.failure, &check.note) {
            (Some(failure), _) => notice(&check.name, failure, "notice bad"),
            (None, Some(note)) => notice(&check.name, note, "notice"),
            (None, None) => {}
        }
    }
    for (title, text) in describe::notes(report) {
        notice(&title, &text, "notice");
    }
    out
}

/// The table of models. The page's script makes the names of models with failures buttons.
pub(super) fn models(report: &Report) -> String {
    let mut out = String::from(
        "<table><thead><tr><th scope=\"col\">Model</th><th class=\"source\" scope=\"col\">Source</th>",
    );
    for name in ["Passed", "Failed", "Flaky", "Skipped", "Time"] {
        let _ = write!(out, "<th class=\"count\" scope=\"col\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for model in report.models.iter().take(MODELS) {
        out.push_str(&row(model));
    }
    out.push_str("</tbody></table>\n");
    let more = report.models.len().saturating_sub(MODELS);
    if more > 0 {
        let _ = writeln!(out, "<p class=\"dim\">and {more} more</p>");
    }
    out
}

fn row(model: &ModelCounts) -> String {
    let source = match model.file.as_str() {
        "" => "not in the code".to_owned(),
        file => format!("<code>{}:{}</code>", escape::html(file), model.line),
    };
    let mut out = format!(
        "<tr><td><code>{}</code></td><td class=\"dim source\">{source}</td>",
        escape::html(&model.id)
    );
    for (number, bad) in
        [(model.passed, ""), (model.failed, " some"), (model.flaky, ""), (model.skipped, "")]
    {
        let look = if number == 0 { " zero" } else { bad };
        let _ = write!(out, "<td class=\"count{look}\">{}</td>", grouped(number));
    }
    let time = if model.micros == 0 { String::new() } else { duration(model.micros) };
    let _ = writeln!(out, "<td class=\"count\">{time}</td></tr>");
    out
}

/// `12 ms`, `3.4 s`
fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => "1 ms".to_owned(),
        1_000..1_000_000 => format!("{} ms", (micros + 500) / 1_000),
        #[allow(clippy::cast_precision_loss, reason = "one digit is shown")]
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples;
    use super::*;

    #[test]
    fn counts_errors_and_models_are_there_without_the_script() {
        let report = samples::mixed().report;
        let counts = counts(&report);
        assert!(counts.contains("<b>4</b> failed</li>"), "{counts}");
        assert!(counts.contains("<b>2</b> schema locks checked, 1 failed</li>"), "{counts}");
        assert_eq!(counts.matches("<rect ").count(), 4);
        let messages = messages(&report);
        assert!(messages.contains("<pre>a worker would not start</pre>"), "{messages}");
        assert!(messages.contains("<b>schema::n</b><pre>field `a` is gone\n"), "{messages}");
        let models = models(&report);
        assert!(models.contains("<code>src/lib.rs:3</code>"), "{models}");
        assert!(models.contains("<td class=\"count some\">4</td>"), "{models}");
    }

    #[test]
    fn a_duration_has_the_digits_that_count() {
        assert_eq!([3, 12_400, 3_440_000].map(duration), ["1 ms", "12 ms", "3.4 s"]);
    }
}
