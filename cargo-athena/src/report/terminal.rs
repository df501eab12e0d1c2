//! A report on a terminal.

use std::fmt::Write as _;

use athena_protocol::{Failure, TestSummary};

use super::{Cluster, Report, diff, matrix};
use crate::display::{labelled, one_line, plural};
use crate::gaps;
use crate::style::Style;

/// The most clusters with a line of their own.
const CLUSTERS: usize = 20;

/// The most clusters with an example.
const EXAMPLES: usize = 4;

/// The most places of a cluster.
const PLACES: usize = 6;

/// The most lines of an example.
const LINES: usize = 16;

/// The longest line, in characters.
const WIDTH: usize = 160;

/// What is shown of one case of each of the largest clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Examples {
    None,
    /// Its diff.
    Diff,
    /// Its diff, its environment and its input.
    WithInput,
}

/// One line per cluster, and per place where a cluster has several, with examples of the largest.
pub(crate) fn clusters(report: &Report, examples: Examples, style: Style) -> String {
    let mut out = String::new();
    for (at, cluster) in report.clusters.iter().take(CLUSTERS).enumerate() {
        let _ = writeln!(out, "{}", line(cluster, style));
        for row in places(cluster) {
            let _ = writeln!(out, "    {}", one_line(row.trim_end(), WIDTH));
        }
        let exemplar = cluster.exemplar.as_ref().filter(|_| at < EXAMPLES);
        if let Some(failure) = exemplar.filter(|_| examples != Examples::None) {
            out.push_str(&example(failure, style));
            if examples == Examples::WithInput {
                out.push_str(&input(failure, style));
            }
        }
        if let Some(command) = report.accept_command(cluster) {
            let accept = format!("{}: {command}", cluster.accepts());
            let _ = writeln!(out, "    {}", style.dim(&accept));
        }
    }
    let more = report.clusters.len().saturating_sub(CLUSTERS);
    if more > 0 {
        let _ = writeln!(out, ".. and {more} more");
    }
    out
}

/// A line per place where there are several, and what became of which value.
pub(crate) fn places(cluster: &Cluster) -> Vec<String> {
    let mut rows = Vec::new();
    let is_one = cluster.places.len() == 1;
    for place in cluster.places.iter().take(PLACES) {
        if !is_one {
            let of = match place.cases {
                count if count == cluster.cases => String::new(),
                count => format!("  in {count}"),
            };
            let by = place.by();
            let by = if by.is_empty() { by } else { format!("  {by}") };
            rows.push(format!("{}{of}{by}", place.name()));
        }
        let table = matrix::lines(&matrix::matrix(place).unwrap_or_default());
        rows.extend(table.into_iter().map(|row| if is_one { row } else { format!("  {row}") }));
    }
    let more = cluster.places.len().saturating_sub(PLACES);
    if more > 0 {
        rows.push(format!(".. and {}", plural(more, "more place")));
    }
    rows
}

/// The end of the output: flaky cases, schema checks, and the counts on the last line.
pub(crate) fn verdict(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for failure in &report.flaky {
        let reason = failure.reason.lines().next().unwrap_or_default();
        let reason = one_line(reason, WIDTH);
        let _ = writeln!(
            out,
            "{} {}: {reason}",
            style.warning("flaky:"),
            one_line(&labelled(&failure.name, failure.label.as_deref()), WIDTH)
        );
    }
    out.push_str(&schemas(&report.summary));
    out.push_str(&style.strong(&(summary(&report.summary) + &gaps::summary(&report.gaps))));
    out
}

/// `earthquakes::assess  /energy  950 cases  median +3.1 % (+2.9 % .. +3.4 %)  e.g. seeded`
pub(crate) fn line(cluster: &Cluster, style: Style) -> String {
    let cases = plural(cluster.cases, "case");
    let place = one_line(&cluster.title(), WIDTH);
    let mut line = format!("{}  {}  {cases}", cluster.model, style.strong(&place));
    let by = one_line(&cluster.by(), WIDTH);
    if !by.is_empty() {
        let _ = write!(line, "  {by}");
    }
    let _ =
        write!(line, "  {}", style.dim(&format!("e.g. {}", one_line(&cluster.example(), WIDTH))));
    line
}

/// One case: its file and its diff.
fn example(failure: &Failure, style: Style) -> String {
    let mut out = format!("    {}\n", style.dim(&format!("{}:{}", failure.file, failure.line)));
    let text = diff::failure_lines(failure);
    for line in text.iter().take(LINES) {
        let shown = one_line(&line.text, WIDTH);
        let shown = match line.sign {
            '-' => style.removed(&format!("-{shown}")),
            '+' => style.added(&format!("+{shown}")),
            sign => format!("{sign}{shown}"),
        };
        let _ = writeln!(out, "    {}", shown.trim_end());
    }
    if text.len() > LINES {
        let _ = writeln!(
            out,
            "    {}",
            style.dim(&format!(".. {}", plural(text.len() - LINES, "more line")))
        );
    }
    out
}

/// The environment and the input of a case.
fn input(failure: &Failure, style: Style) -> String {
    let mut out = String::new();
    for (what, value) in [("environment", &failure.env), ("input", &failure.input)] {
        let Some(value) = value else { continue };
        let _ = writeln!(out, "    {}", style.dim(&format!("{what}:")));
        let text = value.pretty();
        for line in text.lines().take(LINES) {
            let _ = writeln!(out, "      {}", one_line(line, WIDTH));
        }
        if let more @ 1.. = text.lines().count().saturating_sub(LINES) {
            let _ = writeln!(out, "      .. {}", plural(more, "more line"));
        }
    }
    out
}

/// Schema checks have a line of their own, since they are not cases.
fn schemas(total: &TestSummary) -> String {
    match total.schemas {
        0 => String::new(),
        checked => format!("schema: {checked} checked, {} failed\n", total.schemas_failed),
    }
}

fn summary(total: &TestSummary) -> String {
    let TestSummary { cases, passed, failed, skipped, flaky, known, .. } = total;
    let names = if *known == 1 { "known failure" } else { "known failures" };
    let others = [(skipped, "skipped"), (flaky, "flaky"), (known, names)];
    let others = others.iter().filter(|(count, _)| **count > 0);
    let mut line = format!("{}: {passed} passed, {failed} failed", plural(*cases, "case"));
    for (count, what) in others {
        let _ = write!(line, ", {count} {what}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::add_summary;

    #[test]
    fn the_input_of_an_example_is_shown_if_that_is_asked_for() {
        let failure = Failure {
            input: Some(serde_json::json!({ "id": "q7" }).into()),
            ..crate::report::describe::tests::failure("m::f", "a", "/x")
        };
        let cluster = Cluster { exemplar: Some(Box::new(failure)), ..Cluster::default() };
        let report = Report { clusters: vec![cluster], ..Report::default() };
        let style = Style::for_both_streams(Some(crate::options::ColorChoice::Never));
        let shown = |examples| clusters(&report, examples, style);
        assert!(
            shown(Examples::WithInput).contains("    input:\n      {\n        \"id\": \"q7\"\n")
        );
        assert!(!shown(Examples::Diff).contains("q7"));
        assert!(!shown(Examples::None).contains("fixtures"));
    }

    #[test]
    fn the_last_line_counts_what_there_is() {
        let mut total = TestSummary { cases: 3, passed: 2, failed: 1, ..TestSummary::default() };
        assert_eq!(summary(&total), "3 cases: 2 passed, 1 failed");
        add_summary(&mut total, TestSummary { cases: 1, skipped: 1, ..TestSummary::default() });
        assert_eq!(summary(&total), "4 cases: 2 passed, 1 failed, 1 skipped");
        assert_eq!(schemas(&total), "");
        add_summary(
            &mut total,
            TestSummary { schemas: 2, schemas_failed: 1, ..TestSummary::default() },
        );
        assert_eq!(schemas(&total), "schema: 2 checked, 1 failed\n");
    }
}
