//! `--report markdown=FILE`: a summary for a comment on a pull request, or for a page of CI.

use athena_protocol::{Failure, TestSummary};

use super::escape::markdown;
use super::finished::FinishedReport;
use super::{ChangedPlace, Cluster, NumberChange, Report, describe, diff};
use crate::display::{grouped, one_line, plural};
use crate::error::Result;

/// The most bytes. A comment on GitHub has at most 65,536 characters.
const MOST: usize = 60_000;

/// The most bytes of the table of clusters.
const TABLE: usize = 24_000;

/// The bytes reserved for the last lines.
const LAST: usize = 500;

/// The most clusters with a diff.
const EXAMPLES: usize = 100;

/// The most places of a cluster.
const PLACES: usize = 6;

/// The most lines of a diff, and the most characters of a line.
const LINES: usize = 60;
const WIDTH: usize = 200;

/// Renders the summary.
pub(super) fn render(finished: FinishedReport<'_>) -> Result<String> {
    let report = finished.report;
    let mut out = head(report);
    out.push_str(&messages(report));
    let shown = table(&report.clusters, &mut out);
    let examples = finished.examples(EXAMPLES)?;
    let mut left_out = 0;
    for cluster in report.clusters.iter().take(shown) {
        let Some(example) = examples.get(cluster.example.as_str()) else { continue };
        let details = details(report, cluster, example);
        if out.len() + details.len() > MOST - LAST {
            left_out += 1;
            continue;
        }
        out.push_str(&details);
    }
    let hidden = report.clusters.len() - shown;
    if hidden > 0 {
        out.push_str(&match hidden {
            1 => "\n1 more kind of failure is left out here.\n".to_owned(),
            _ => format!("\n{hidden} more kinds of failure are left out here.\n"),
        });
    }
    let left_out = left_out + shown.saturating_sub(EXAMPLES);
    if left_out > 0 {
        out.push_str(&match left_out {
            1 => "\nThe example of 1 kind is left out here.\n".to_owned(),
            _ => format!("\nThe examples of {left_out} kinds are left out here.\n"),
        });
    }
    Ok(out)
}

fn head(report: &Report) -> String {
    let mut counts: Vec<String> = describe::counts(report)
        .iter()
        .map(|(_, number, word)| format!("{} {word}", grouped(*number)))
        .collect();
    let TestSummary { schemas, schemas_failed, .. } = report.summary;
    if schemas > 0 {
        counts.push(format!("{} checked, {schemas_failed} failed", plural(schemas, "schema lock")));
    }
    counts.extend(describe::selection(report).iter().map(|part| code(part)));
    format!("### Athena: {}\n\n{}\n", markdown(&describe::title(report)), counts.join(" · "))
}

/// Errors, broken schema locks, notes and flaky cases.
fn messages(report: &Report) -> String {
    let mut lines: Vec<String> = Vec::new();
    for trouble in report.troubles.iter().take(10) {
        lines.push(format!("- **Error:** {}\n", code(trouble)));
    }
    for check in &report.schemas {
        if let Some(failure) = &check.failure {
            lines.push(format!("- {}: {}\n", code(&check.name), code(failure)));
        }
    }
    for (what, text) in describe::notes(report) {
        lines.push(format!("- {}: {}\n", markdown(&what), code(&text)));
    }
    for failure in report.flaky.iter().take(20) {
        let why = describe::headline(failure);
        lines.push(format!("- {} is flaky: {}\n", code(&failure.name), code(&why)));
    }
    lines.truncate(30);
    if lines.is_empty() { String::new() } else { format!("\n{}", lines.concat()) }
}

/// Writes the table of clusters and returns the number of its rows.
fn table(clusters: &[Cluster], out: &mut String) -> usize {
    if clusters.is_empty() {
        return 0;
    }
    out.push_str("\n| Cases | Model | What | By how much | Example |\n|--:|---|---|---|---|\n");
    let start = out.len();
    for (at, cluster) in clusters.iter().enumerate() {
        let row = format!(
            "| {} | {} | {} | {} | {} |\n",
            grouped(cluster.cases),
            code(&cluster.model),
            code(&cluster.title()),
            by(cluster),
            code(&cluster.example()),
        );
        if out.len() + row.len() - start > TABLE {
            return at;
        }
        out.push_str(&row);
    }
    clusters.len()
}

/// By how much, with a histogram of numbers; of several places a line each.
fn by(cluster: &Cluster) -> String {
    let one = |place: &ChangedPlace| {
        let bars = place.change.as_ref().and_then(NumberChange::histogram);
        let bars = bars.map(|bars| format!("<br>{}", code(&bars))).unwrap_or_default();
        let name =
            if cluster.places.len() > 1 { format!("{} ", place.name()) } else { String::new() };
        code(&(name + &place.by())) + &bars
    };
    let mut lines: Vec<String> = cluster.places.iter().take(PLACES).map(one).collect();
    let more = cluster.places.len().saturating_sub(PLACES);
    if more > 0 {
        lines.push(format!("and {}", plural(more, "more place")));
    }
    lines.join("<br>")
}

fn details(report: &Report, cluster: &Cluster, example: &Failure) -> String {
    let body = body(example);
    let fence = fence(&body);
    let accept = match report.accept_command(cluster) {
        Some(command) => format!("{}: {}\n\n", cluster.accepts(), code(&command)),
        None => String::new(),
    };
    format!(
        "\n<details><summary>{} {}, as in {}</summary>\n\n{fence}diff\n{body}{fence}\n\n{accept}</details>\n",
        code(&cluster.model),
        code(&cluster.title()),
        code(&cluster.example()),
    )
}

/// The first lines of a failure, truncated.
fn body(example: &Failure) -> String {
    let all = diff::failure_lines(example);
    let shown = |line: &diff::DiffLine| match line.sign {
        '.' => "...\n".to_owned(),
        sign => format!("{sign}{}\n", one_line(&line.text, WIDTH)),
    };
    let mut out: String = all.iter().take(LINES).map(shown).collect();
    if all.len() > LINES {
        out.push_str(&format!(".. and {}\n", plural(all.len() - LINES, "more line")));
    }
    out
}

/// A fence longer than any run of backticks in the body.
fn fence(body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Text in a `<code>` element.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", markdown(text)) }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn it_has_counts_a_row_a_cluster_and_a_diff_each() {
        let text = render(samples::mixed().finished()).unwrap();
        assert!(
            text.starts_with(
                "### Athena: 4 of 8 cases failed\n\n2 passed · 4 failed · 1 skipped · 1 flaky · \
             2 schema locks checked, 1 failed\n"
            ),
            "{text}"
        );
        assert!(text.contains("- **Error:** <code>a worker would not start</code>\n"));
        assert!(text.contains(
            "| 2 | <code>m::f</code> | <code>/energy</code> | <code>+3 %</code> | <code>a</code> |\n"
        ), "{text}");
        assert_eq!(text.matches("<details>").count(), 3);
        assert!(text.contains("-  \"energy\": 100\n+  \"energy\": 103\n"), "{text}");
    }

    #[test]
    fn a_run_in_which_all_is_well_says_so() {
        let text = render(samples::clean().finished()).unwrap();
        assert_eq!(text, "### Athena: all 2 cases passed\n\n2 passed · 0 failed\n");
    }

    #[test]
    fn nothing_that_a_model_says_is_markup() {
        let text = render(samples::hostile().finished()).unwrap();
        let outside: Vec<&str> = text.split("```").step_by(2).collect();
        let outside = outside.concat();
        assert!(!outside.contains("<img") && !outside.contains("<script"), "{outside}");
        for row in outside.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(row.matches('|').count(), 6, "{row}");
        }
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(fence("plain"), "```");
        assert_eq!(code("a|b\nc*"), "<code>a&#124;b c&#42;</code>");
    }

    #[test]
    fn it_fits_a_comment_however_much_failed_and_says_what_is_left_out() {
        let text = render(samples::many(3_000, 1_500).finished()).unwrap();
        assert!(text.len() <= MOST, "{}", text.len());
        assert!(text.contains("more kinds of failure are left out here"), "{text}");
        assert!(text.contains("kinds are left out here"), "{text}");
    }
}
