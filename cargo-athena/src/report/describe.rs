//! Describes failures and reports in text.

use std::fmt::Write as _;

use athena_protocol::{Difference, Failure, FailureKind, Partition, TestSummary};

use super::escape::plain;
use super::{Report, Selection};
use crate::display::{ellipsize, grouped, grouped_plural, plural};
use crate::gaps;

/// The longest value, in characters.
const WIDTH: usize = 120;

/// The most gaps with a note of their own.
const GAPS: usize = 20;

/// The longest output of a model, in characters.
const PRINTED: usize = 4_000;

/// The name of a kind of failure.
pub(super) fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Differs => "differs",
        FailureKind::Failed => "failed",
        FailureKind::Crashed => "crashed",
        FailureKind::TimedOut => "timed out",
        FailureKind::Flaky => "flaky",
        FailureKind::Broken => "broken",
        FailureKind::Orphan => "orphan",
        FailureKind::Schema => "schema",
        FailureKind::Known => "known failure",
    }
}

/// A case's name without its model's id.
pub(super) fn case(failure: &Failure) -> &str {
    case_of(&failure.name, &failure.model)
}

/// The same of a name.
pub(super) fn case_of<'n>(name: &'n str, model: &str) -> &'n str {
    let rest = name.strip_prefix(model);
    rest.and_then(|rest| rest.strip_prefix("::")).unwrap_or(name)
}

/// The failure on one line: `/energy: 2.1 -> 2.2, and 3 more places`.
pub(super) fn headline(failure: &Failure) -> String {
    let Some(first) = failure.differences.first() else {
        let reason = failure.reason.lines().next().unwrap_or_default();
        return if reason.is_empty() {
            kind(failure.kind).to_owned()
        } else {
            ellipsize(&plain(reason), 2 * WIDTH)
        };
    };
    let more = failure.differences.len() as u64 - 1 + failure.left_out;
    match more {
        0 => difference(first),
        more => format!("{}, and {}", difference(first), plural(more, "more place")),
    }
}

/// The failure on several lines: reason, at most `most` places, output.
pub(super) fn details(failure: &Failure, most: usize) -> String {
    let mut out = String::new();
    if !failure.reason.is_empty() {
        let _ = writeln!(out, "{}", ellipsize(&plain(&failure.reason), PRINTED));
    }
    for one in failure.differences.iter().take(most) {
        let _ = writeln!(out, "{}", difference(one));
    }
    let more = failure.differences.len().saturating_sub(most) as u64 + failure.left_out;
    if more > 0 {
        let _ = writeln!(out, "and {}", plural(more, "more place"));
    }
    if !failure.printed.is_empty() {
        let _ = writeln!(out, "\nprinted:\n{}", ellipsize(&plain(&failure.printed), PRINTED));
    }
    out
}

/// `/energy: 2.1 -> 2.2 (relative 0.048, allowed 0.01)`
fn difference(difference: &Difference) -> String {
    let pointer = match difference.pointer.as_str() {
        "" => "(all of it)",
        pointer => pointer,
    };
    let (old, new) = (value(difference.old_json()), value(difference.new_json()));
    let note = match &difference.note {
        Some(note) => format!(" ({note})"),
        None => String::new(),
    };
    plain(&format!("{pointer}: {old} -> {new}{note}"))
}

fn value(json: Option<String>) -> String {
    json.map_or_else(|| "(nothing)".to_owned(), |json| ellipsize(&json, WIDTH))
}

/// The result of a run: `3 of 75 cases failed`.
pub(super) fn title(report: &Report) -> String {
    let TestSummary { cases: all, passed, failed, schemas_failed, .. } = report.summary;
    let gaps = gaps::summary(&report.gaps);
    let against = report.comparison.as_ref().map(|comparison| comparison.base.as_str());
    let title = match (failed, against) {
        (0, _) if schemas_failed > 0 => "a schema lock is broken".to_owned(),
        (0, _) if !report.troubles.is_empty() => "the run had errors".to_owned(),
        (0, Some(base)) => {
            format!("no outcome of {} changed against {base}", grouped_plural(all, "case"))
        }
        (0, None) if passed == 1 => "1 case passed".to_owned(),
        (0, None) => format!("all {} passed", grouped_plural(passed, "case")),
        (_, Some(base)) => {
            format!("{} of {} changed against {base}", grouped(failed), grouped_plural(all, "case"))
        }
        (_, None) => format!("{} of {} failed", grouped(failed), grouped_plural(all, "case")),
    };
    title + &gaps
}

/// The counts: the name in a run's report, the number, and the name in this report.
pub(super) fn counts(report: &Report) -> Vec<(&'static str, u64, &'static str)> {
    let TestSummary { passed, failed, skipped, flaky, known, .. } = report.summary;
    let failures = if known == 1 { "known failure" } else { "known failures" };
    let labels = match report.comparison {
        None => ["passed", "failed", "skipped", "flaky", failures],
        Some(_) => ["unchanged", "changed", "not compared", "flaky", failures],
    };
    let all = [
        ("passed", passed),
        ("failed", failed),
        ("skipped", skipped),
        ("flaky", flaky),
        ("known", known),
    ];
    let counts = all.into_iter().zip(labels).map(|((kind, count), word)| (kind, count, word));
    counts.filter(|(kind, count, _)| *count > 0 || ["passed", "failed"].contains(kind)).collect()
}

/// The notes on what was not replayed, and on a comparison: title and text.
pub(super) fn notes(report: &Report) -> Vec<(String, String)> {
    let gaps = report.gaps.iter().take(GAPS);
    let mut notes: Vec<(String, String)> =
        gaps.map(|gap| ("Not replayed".to_owned(), gap.to_line())).collect();
    if report.gaps.len() > GAPS {
        let more = plural(report.gaps.len() - GAPS, "more target or package");
        notes.push(("Not replayed".to_owned(), more));
    }
    let Some(comparison) = &report.comparison else { return notes };
    for (what, models) in [("added", &comparison.added), ("removed", &comparison.removed)] {
        if !models.is_empty() {
            notes.push((format!("Models {what}"), models.join(", ")));
        }
    }
    let stale = format!("Already stale on {}", comparison.base);
    for (what, names) in
        [(stale, &comparison.stale_on_base), ("Unstable".into(), &comparison.unstable)]
    {
        let number = names.iter().map(|one| one.cases.len() as u64).sum();
        if number > 0 {
            let models: Vec<&str> = names.iter().map(|one| one.model.as_str()).collect();
            notes.push((
                what,
                format!("{} of {}", grouped_plural(number, "case"), models.join(", ")),
            ));
        }
    }
    if !comparison.masked.is_empty() {
        let places = comparison.masked.iter().map(|one| format!("{} {}", one.model, one.path));
        let places = places.collect::<Vec<_>>().join(", ");
        notes.push(("Ignored, because it differs between runs".to_owned(), places));
    }
    notes
}

/// The selection of a partial run: `cases with seeded`, `hash:1/4`.
pub(super) fn selection(report: &Report) -> Vec<String> {
    let Selection { filters, exact, skip, partition, packages, narrowed } = &report.selection;
    let mut parts = Vec::new();
    if !filters.is_empty() {
        let word = if *exact { "named" } else { "with" };
        parts.push(format!("cases {word} {}", filters.join(" or ")));
    }
    if !skip.is_empty() {
        parts.push(format!("without {}", skip.join(" or ")));
    }
    if let Some(packages) = packages {
        parts.push(format!("packages {}", packages.join(", ")));
    }
    parts.extend(partition.as_ref().map(part));
    if !report.merged.is_empty() {
        let merged: Vec<String> = report.merged.iter().map(part).collect();
        parts.push(format!("merged from {}", merged.join(", ")));
    }
    if *narrowed {
        parts.push("not all targets".to_owned());
    }
    parts
}

fn part(partition: &Partition) -> String {
    let by = if partition.hash { "hash" } else { "slice" };
    format!("{by}:{}/{}", partition.part, partition.parts)
}

#[cfg(test)]
pub(super) mod tests {
    use athena_protocol::Names;
    use serde_json::json;

    use super::super::Comparison;
    use super::*;

    /// A case whose outcome differs at one place.
    pub(in crate::report) fn failure(model: &str, case: &str, path: &str) -> Failure {
        Failure {
            name: format!("{model}::{case}"),
            label: None,
            model: model.to_owned(),
            kind: FailureKind::Differs,
            file: format!("fixtures/{}/{case}.json", model.replace("::", "/")),
            line: 1,
            reason: String::new(),
            differences: vec![Difference {
                pointer: path.to_owned(),
                path: path.to_owned(),
                old: Some(json!(100)),
                new: Some(json!(103)),
                ..Difference::default()
            }],
            left_out: 0,
            env: None,
            input: None,
            recorded: Some(json!({"output": {"energy": 100}}).into()),
            now: Some(json!({"output": {"energy": 103}}).into()),
            digest: "d".to_owned(),
            printed: String::new(),
            micros: 0,
        }
    }

    #[test]
    fn a_headline_names_the_first_place_and_counts_the_others() {
        let mut one = failure("m::f", "a", "/energy");
        assert_eq!((case(&one), headline(&one).as_str()), ("a", "/energy: 100 -> 103"));
        one.left_out = 1;
        assert_eq!(headline(&one), "/energy: 100 -> 103, and 1 more place");
        one.left_out = 9;
        assert_eq!(headline(&one), "/energy: 100 -> 103, and 9 more places");
        one.differences.clear();
        one.reason = "panicked: \u{1b}[31mred\nsecond".to_owned();
        assert_eq!(headline(&one), "panicked: red");
    }

    #[test]
    fn details_have_reason_places_and_what_was_printed() {
        let mut one = failure("m::f", "a", "/energy");
        one.differences[0].old = None;
        one.differences[0].note = Some("allowed 0.01".to_owned());
        one.reason = "because".to_owned();
        one.printed = "hello\r\nworld".to_owned();
        one.left_out = 2;
        assert_eq!(
            details(&one, 5),
            "because\n/energy: (nothing) -> 103 (allowed 0.01)\nand 2 more places\n\n\
             printed:\nhello\nworld\n"
        );
    }

    #[test]
    fn what_a_run_covers_is_said_where_it_is_not_all() {
        let partition = Some(Partition { hash: true, part: 1, parts: 4 });
        let filters = vec!["a".to_owned()];
        let selection = Selection { filters, partition, ..Selection::default() };
        let report = Report { selection, ..Report::default() };
        assert_eq!(super::selection(&report), ["cases with a", "hash:1/4"]);
        assert!(super::selection(&Report::default()).is_empty());
    }

    #[test]
    fn a_comparison_is_told_in_words_of_its_own() {
        let summary = TestSummary { cases: 5, passed: 2, failed: 3, ..TestSummary::default() };
        let mut report = Report { summary, ..Report::default() };
        assert_eq!(title(&report), "3 of 5 cases failed");
        assert_eq!(counts(&report), [("passed", 2, "passed"), ("failed", 3, "failed")]);
        assert!(notes(&report).is_empty());
        report.summary.known = 1;
        assert_eq!(counts(&report)[2], ("known", 1, "known failure"));
        report.summary.known = 0;
        report.comparison = Some(Comparison {
            base: "main".to_owned(),
            added: vec!["m::new".to_owned()],
            stale_on_base: vec![Names {
                model: "m::f".to_owned(),
                cases: vec!["a".to_owned()],
                ..Names::default()
            }],
            ..Comparison::default()
        });
        assert_eq!(title(&report), "3 of 5 cases changed against main");
        assert_eq!(counts(&report), [("passed", 2, "unchanged"), ("failed", 3, "changed")]);
        let texts: Vec<String> =
            notes(&report).iter().map(|(what, text)| format!("{what}: {text}")).collect();
        assert_eq!(texts, ["Models added: m::new", "Already stale on main: 1 case of m::f"]);
        report.summary = TestSummary { cases: 5, passed: 5, ..TestSummary::default() };
        assert_eq!(title(&report), "no outcome of 5 cases changed against main");
    }
}
