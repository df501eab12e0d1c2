//! A comparison on a terminal.

use std::fmt::Write as _;

use athena_protocol::Names;

use super::schemas::{SchemaChange, SchemaComparison};
use crate::catalog::list;
use crate::display::{one_line, plural};
use crate::report::terminal::{self, Examples};
use crate::report::{Comparison, ComparisonCounts, Report};
use crate::style::Style;

/// The most models with a line of their own.
const MODELS: usize = 30;

/// The most unstable paths with a line of their own.
const PLACES: usize = 15;

/// The most lines about a package's types, and the most packages with such lines.
const TYPES: usize = 12;
const PACKAGES: usize = 4;

/// The longest line, in characters.
const WIDTH: usize = 160;

/// All but the last line.
pub(crate) fn text(report: &Report, schemas: &[SchemaComparison], style: Style) -> String {
    let none = Comparison::default();
    let comparison = report.comparison.as_ref().unwrap_or(&none);
    let mut out = String::new();
    for (what, models) in [("added", &comparison.added), ("removed", &comparison.removed)] {
        if !models.is_empty() {
            let s = if models.len() == 1 { "" } else { "s" };
            let _ = writeln!(out, "model{s} {what}: {}", list(models));
        }
    }
    types(schemas, &mut out, style);
    models(comparison, &mut out, style);
    if !report.clusters.is_empty() {
        let _ = write!(out, "\n{}\n", terminal::clusters(report, Examples::Diff, style));
    }
    for trouble in &report.troubles {
        let trouble = one_line(trouble, WIDTH);
        let _ = writeln!(out, "{} {trouble}", style.warning("warning:"));
    }
    masked(comparison, &mut out);
    let base = &comparison.base;
    let why = "fail in only some runs, and were not compared";
    some(&comparison.unstable, why, &mut out);
    let why = format!("already stale on {base}: not the outcome recorded there");
    some(&comparison.stale_on_base, &why, &mut out);
    out
}

/// The last line: `501 cases: 484 changed, 0 newly failing, 0 newly passing, 17 unchanged`.
pub(crate) fn summary(counts: &ComparisonCounts) -> String {
    let ComparisonCounts { changed, newly_failing, newly_passing, unchanged, .. } = counts;
    let others = others(counts);
    format!(
        "{}: {changed} changed, {newly_failing} newly failing, {newly_passing} newly \
         passing, {unchanged} unchanged{others}",
        plural(counts.cases(), "case")
    )
}

fn others(counts: &ComparisonCounts) -> String {
    let others = [
        (counts.failing_on_both, "failing on both"),
        (counts.unstable, "unstable"),
        (counts.broken, "broken"),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0);
    let others: Vec<_> = others.map(|(count, what)| format!(", {count} {what}")).collect();
    others.concat()
}

/// One line for each model with changes.
fn models(comparison: &Comparison, out: &mut String, style: Style) {
    for model in comparison.models.iter().take(MODELS) {
        let counts = &model.counts;
        let all = [
            (counts.changed, "changed"),
            (counts.newly_failing, "newly failing"),
            (counts.newly_passing, "newly passing"),
            (counts.unchanged, "unchanged"),
            (counts.failing_on_both, "failing on both"),
            (counts.unstable, "unstable"),
            (counts.broken, "broken"),
            (model.stale_on_base, "of them stale on the base"),
        ];
        let listed = all.iter().filter(|(count, _)| *count > 0);
        let listed: Vec<_> = listed.map(|(count, what)| format!("{count} {what}")).collect();
        let cases = plural(counts.cases(), "case");
        let _ = writeln!(out, "{}  {cases}: {}", style.strong(&model.model), listed.join(", "));
    }
    let more = comparison.models.len().saturating_sub(MODELS);
    if more > 0 {
        let _ = writeln!(out, ".. and {}", plural(more, "more model"));
    }
}

fn types(schemas: &[SchemaComparison], out: &mut String, style: Style) {
    let listed = schemas.iter().filter(|schema| schema.kind != SchemaChange::Unchanged);
    let (shown, more): (Vec<_>, Vec<_>) = listed.enumerate().partition(|(at, _)| *at < PACKAGES);
    for (_, schema) in shown {
        let headline = schema.headline();
        let is_breaking = schema.kind == SchemaChange::Breaking;
        let headline = if is_breaking { style.warning(&headline) } else { headline };
        let _ = writeln!(out, "{headline}");
        for line in schema.lines.iter().take(TYPES) {
            let _ = writeln!(out, "  {}", one_line(line.trim_start(), WIDTH));
        }
        if schema.lines.len() > TYPES {
            let _ = writeln!(out, "  .. {}", plural(schema.lines.len() - TYPES, "more line"));
        }
    }
    for (_, schema) in more.iter().take(PACKAGES) {
        let _ = writeln!(out, "{}", schema.headline());
    }
    if more.len() > PACKAGES {
        let _ = writeln!(
            out,
            ".. and the schemas of {}",
            plural(more.len() - PACKAGES, "more package")
        );
    }
}

fn masked(comparison: &Comparison, out: &mut String) {
    if comparison.masked.is_empty() {
        return;
    }
    let _ = writeln!(out, "ignored, because they differ between runs of the same program:");
    for masked in comparison.masked.iter().take(PLACES) {
        let path = match &masked.path[..] {
            "" => "(all of it)".to_owned(),
            path => one_line(path, WIDTH),
        };
        let _ = writeln!(out, "  {}  {path}  in {}", masked.model, plural(masked.cases, "case"));
    }
    let more = comparison.masked.len().saturating_sub(PLACES);
    if more > 0 {
        let _ = writeln!(out, "  .. and {}", plural(more, "more place"));
    }
}

/// `3 cases already stale on main: .., e.g. m::f::a`
fn some(names: &[Names], what: &str, out: &mut String) {
    let count: usize = names.iter().map(|names| names.cases.len()).sum();
    let first = names.iter().find_map(|names| Some((&names.model, names.cases.first()?)));
    if let Some((model, case)) = first {
        let _ = writeln!(out, "{} {what}, e.g. {model}::{case}", plural(count, "case"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ColorChoice;
    use crate::report::{ModelChanges, UnstablePath};

    fn shown(comparison: Comparison) -> String {
        let report = Report { comparison: Some(comparison), ..Report::default() };
        text(&report, &[], Style::for_stderr(Some(ColorChoice::Never)))
    }

    #[test]
    fn the_last_line_counts_all_and_names_what_is_rare_only_where_it_is() {
        let counts =
            ComparisonCounts { changed: 484, unchanged: 17, ..ComparisonCounts::default() };
        assert_eq!(
            summary(&counts),
            "501 cases: 484 changed, 0 newly failing, 0 newly passing, 17 unchanged"
        );
        let counts = ComparisonCounts { failing_on_both: 2, unstable: 1, ..counts };
        assert!(summary(&counts).starts_with("504 cases: "));
        assert!(summary(&counts).ends_with("17 unchanged, 2 failing on both, 1 unstable"));
    }

    #[test]
    fn what_was_left_out_and_what_was_stale_is_said_with_an_example() {
        let counts = ComparisonCounts { changed: 1, unchanged: 2, ..ComparisonCounts::default() };
        let model = "m::f".to_owned();
        let cases = vec!["a".to_owned(), "b".to_owned()];
        let stale = Names { model: model.clone(), cases, ..Names::default() };
        let text = shown(Comparison {
            base: "main".to_owned(),
            models: vec![ModelChanges { model: model.clone(), counts, stale_on_base: 2 }],
            stale_on_base: vec![stale],
            masked: vec![UnstablePath { model, path: "/at".to_owned(), cases: 3 }],
            added: vec!["m::new".to_owned()],
            ..Comparison::default()
        });
        assert_eq!(
            text,
            "model added: m::new\nm::f  3 cases: 1 changed, 2 unchanged, 2 of them stale on the \
             base\nignored, because they differ between runs of the same program:\n  m::f  /at  \
             in 3 cases\n2 cases already stale on main: not the outcome recorded there, e.g. m::f::a\n"
        );
    }

    #[test]
    fn however_many_models_and_places_there_are_they_fit_a_screen() {
        let names = |at: usize| format!("m::f{at}");
        let text = shown(Comparison {
            models: (0..500)
                .map(|at| ModelChanges { model: names(at), ..ModelChanges::default() })
                .collect(),
            masked: (0..500)
                .map(|at| UnstablePath { model: names(at), ..UnstablePath::default() })
                .collect(),
            added: (0..500).map(names).collect(),
            ..Comparison::default()
        });
        assert!(text.lines().count() < 60, "{text}");
    }
}
