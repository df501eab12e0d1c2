//! `--format github`: workflow commands that GitHub shows beside the lines of a pull request.

use std::collections::HashMap;

use athena_protocol::Failure;

use super::finished::FinishedReport;
use super::workspace_location::WorkspaceLocation;
use super::{Cluster, describe, escape};
use crate::display::{ellipsize, grouped_plural};
use crate::error::Result;

/// The most annotations. GitHub shows the first 10 of a step.
const MOST: usize = 50;

/// The most places of an example.
const PLACES: usize = 10;

/// One line per cluster at its example's file, the largest first. The last line counts those that
/// are left out.
pub(super) fn annotations(
    finished: FinishedReport<'_>,
    place: WorkspaceLocation<'_>,
) -> Result<String> {
    let report = finished.report;
    let examples = finished.examples(MOST)?;
    let mut lines: Vec<String> = Vec::new();
    for trouble in &report.troubles {
        lines.push(command("error", &[("title", "Athena")], trouble));
    }
    for check in &report.schemas {
        if let Some(failure) = &check.failure {
            lines.push(command("error", &[("title", &format!("Athena: {}", check.name))], failure));
        }
    }
    for cluster in &report.clusters {
        lines.push(annotation(cluster, &examples, place));
    }
    for failure in &report.flaky {
        let title = format!("{} is flaky", failure.name);
        lines.push(at("warning", &title, &describe::details(failure, PLACES), failure, place));
    }
    if lines.len() > MOST {
        let more = lines.len() - (MOST - 1);
        lines.truncate(MOST - 1);
        let message = format!("{more} more kinds of failure: see the step's summary");
        lines.push(command("error", &[("title", "Athena")], &message));
    }
    Ok(lines.concat())
}

fn annotation(
    cluster: &Cluster,
    examples: &HashMap<&str, Failure>,
    place: WorkspaceLocation<'_>,
) -> String {
    let what = format!("{} {}", ellipsize(&escape::plain(&cluster.title()), 120), cluster.by());
    let title = format!("{}: {}", cluster.model, escape::plain(what.trim_end()));
    let example = examples.get(cluster.example.as_str());
    let mut message = example.map(|example| describe::details(example, PLACES)).unwrap_or_default();
    message.push_str(&format!("in {}\n", grouped_plural(cluster.cases, "case")));
    match example {
        Some(example) => at("error", &title, &message, example, place),
        None => command("error", &[("title", &title)], &message),
    }
}

fn at(
    level: &str,
    title: &str,
    message: &str,
    failure: &Failure,
    place: WorkspaceLocation<'_>,
) -> String {
    let (file, line) = place.place_of(failure);
    command(level, &[("file", &file), ("line", &line), ("title", title)], message)
}

/// `::error file=..,line=..,title=..::message`
fn command(level: &str, properties: &[(&str, &str)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", escape::github_property(value)))
        .collect();
    format!("::{level} {}::{}\n", properties.join(","), escape::github_message(message.trim_end()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::samples;
    use super::*;

    fn location(folder: &str) -> WorkspaceLocation<'_> {
        WorkspaceLocation { root: Path::new(""), folder }
    }

    #[test]
    fn a_cluster_is_one_error_at_its_example() {
        let sample = samples::mixed();
        let text = annotations(sample.finished(), location("")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "::error title=Athena::a worker would not start");
        assert_eq!(
            lines[1],
            "::error title=Athena%3A schema%3A%3An::field `a` is gone%0Asecond line"
        );
        assert_eq!(
            lines[2],
            "::error file=fixtures/m/f/a.json,line=1,title=m%3A%3Af%3A /energy +3 %25::\
             /energy: 100 -> 103%0Ain 2 cases"
        );
        assert!(
            lines[3..].iter().any(|line| line.contains("broken.json") || line.contains("line=3"))
        );
        assert!(lines.last().unwrap().starts_with("::warning file=fixtures/m/f/now-and-then.json"));
        assert_eq!(lines.len(), 6);
    }

    #[test]
    fn files_are_told_from_the_repository_s_root() {
        let sample = samples::mixed();
        let text = annotations(sample.finished(), location("sub/")).unwrap();
        assert!(text.contains("file=sub/fixtures/m/"), "{text}");
    }

    #[test]
    fn hostile_text_stays_in_its_line() {
        let text = annotations(samples::hostile().finished(), location("")).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains(['\r', '\u{1b}', '\u{0}']));
        assert!(text.contains("%250A"), "{text}");
    }

    #[test]
    fn at_most_fifty_errors_are_told_and_the_rest_counted() {
        let text = annotations(samples::many(120, 60).finished(), location("")).unwrap();
        assert_eq!(text.lines().count(), MOST);
        assert!(text.ends_with("::11 more kinds of failure: see the step's summary\n"), "{text}");
    }

    #[test]
    fn a_report_that_was_read_back_has_the_same_errors() {
        let sample = samples::mixed();
        let (read, _) = super::super::read(&sample.path()).unwrap().unwrap();
        let path = sample.path();
        let back = FinishedReport { report: &read, path: &path };
        let expected = annotations(sample.finished(), location("")).unwrap();
        assert_eq!(annotations(back, location("")).unwrap(), expected);
    }
}
