//! What the page shows without its script: the clusters with their plots, and some cases.

use std::fmt::Write as _;

use athena_protocol::Failure;

use super::plot;
use crate::display::{grouped, labelled, plural};
use crate::error::Result;
use crate::report::finished::FinishedReport;
use crate::report::matrix::matrix;
use crate::report::{ChangedPlace, Cluster, ClusterIndex, Report, diff, escape};

/// The most clusters, cases, and numbers of a plot.
const CLUSTERS: usize = 20;
const CASES: usize = 20;
const POINTS: usize = 400;

/// The most places of a cluster.
const PLACES: usize = 6;

/// The most lines of a case's diff or input.
const LINES: usize = 40;

/// The clusters, and the first cases as plain text.
pub(super) fn overview(finished: FinishedReport<'_>) -> Result<String> {
    let clusters = &finished.report.clusters;
    if clusters.is_empty() {
        return Ok(String::new());
    }
    let index = ClusterIndex::new(clusters);
    let shown = clusters.len().min(CLUSTERS);
    let mut points: Vec<Vec<Points>> =
        clusters.iter().take(shown).map(|one| vec![Points::new(); shown_places(one)]).collect();
    let mut cases = String::new();
    for (at, failure) in finished.failures()?.enumerate() {
        let failure = failure?;
        if let Some(of) = index.cluster_of(&failure).filter(|at| *at < shown) {
            for (place, points) in clusters[of].places.iter().zip(&mut points[of]) {
                if points.len() < POINTS {
                    points.extend(numbers(place, &failure));
                }
            }
        }
        if at < CASES {
            cases.push_str(&case(&failure));
        }
    }
    let mut out = String::from(
        "<section id=\"overview\" class=\"overview\" aria-labelledby=\"overview-title\"><h2 id=\"overview-title\">What changed</h2>\n",
    );
    for (at, (cluster, points)) in clusters.iter().zip(&points).enumerate() {
        out.push_str(&article(finished.report, cluster, at, points));
    }
    let _ = writeln!(
        out,
        "</section>\n<section id=\"plain\" class=\"plain\" aria-labelledby=\"plain-title\"><h2 id=\"plain-title\">First cases</h2>\n{cases}</section>"
    );
    Ok(out)
}

/// Recorded and new numbers.
type Points = Vec<(f64, f64)>;

fn shown_places(cluster: &Cluster) -> usize {
    cluster.places.len().min(PLACES)
}

/// The recorded and new numbers of a failure at a place.
fn numbers(place: &ChangedPlace, failure: &Failure) -> Points {
    if place.change.is_none() {
        return Points::new();
    }
    let at_path = failure.differences.iter().filter(|one| one.path == place.path);
    at_path
        .filter_map(|one| Some((one.old.as_ref()?.as_f64()?, one.new.as_ref()?.as_f64()?)))
        .collect()
}

/// A cluster. The page's script takes its figures by the cluster's number `at`.
fn article(report: &Report, cluster: &Cluster, at: usize, points: &[Points]) -> String {
    let mut out = format!(
        "<article id=\"change-{at}\"><h3><code>{}</code></h3><p>{} \u{b7} {}{}</p>\n",
        escape::pointer(&cluster.title()),
        escape::html(&cluster.model),
        plural(cluster.cases, "case"),
        match cluster.by() {
            by if by.is_empty() => String::new(),
            by => format!(" \u{b7} {}", escape::html(&by)),
        }
    );
    out.push_str("<div class=\"figures\">\n");
    let is_one = cluster.places.len() == 1;
    for (place, points) in cluster.places.iter().zip(points) {
        if !is_one {
            // Values that became others are in a table below.
            let by = match place.by() {
                by if by.is_empty() || has_bars(place) => String::new(),
                by => format!(": {}", escape::html(&by)),
            };
            let name = escape::pointer(place.name());
            let cases = plural(place.cases, "case");
            let _ = writeln!(out, "<h4><code>{name}</code> in {cases}{by}</h4>");
        }
        out.push_str(&figure(cluster, place, points));
    }
    let more = cluster.places.len().saturating_sub(points.len());
    if more > 0 {
        let _ = writeln!(out, "<p class=\"dim\">and {}</p>", plural(more, "more place"));
    }
    out.push_str("</div>\n");
    if let Some(accept) = report.accept_command(cluster) {
        let _ = writeln!(
            out,
            "<p class=\"dim\">{}: <code>{}</code></p>",
            cluster.accepts(),
            escape::html(&accept)
        );
    }
    out.push_str("</article>\n");
    out
}

/// What became of the values at a place: plots of numbers, or tables of other values.
fn figure(cluster: &Cluster, place: &ChangedPlace, points: &[(f64, f64)]) -> String {
    if let (Some(change), 2..) = (&place.change, points.len()) {
        let label = format!("{} of {}", place.name(), cluster.model);
        let histogram = plot::histogram(points, change.relative, &label);
        return histogram.unwrap_or_default() + &plot::scatter(points, &label);
    }
    if !has_bars(place) {
        return String::new();
    }
    bars(place) + &matrix(place).map(|rows| table(&rows)).unwrap_or_default()
}

/// Whether values that are not numbers became several others.
fn has_bars(place: &ChangedPlace) -> bool {
    place.change.is_none() && place.transitions.len() > 1
}

/// The most frequent changes of values, each with a bar.
fn bars(place: &ChangedPlace) -> String {
    let mut out = String::from(
        "<table class=\"bars\"><tr><th scope=\"col\">Recorded</th><th scope=\"col\">Now</th>\
         <th scope=\"col\" class=\"count\">Times</th><td></td></tr>",
    );
    let most = place.transitions.first().map_or(1, |first| first.cases);
    for one in &place.transitions {
        let (old, new) = (escape::html(&one.old), escape::html(&one.new));
        let bar = plot::bar(one.cases, most);
        let _ = write!(
            out,
            "<tr><td><code>{old}</code></td><td><code>{new}</code></td><td class=\"count\">{}</td>\
             <td>{bar}</td></tr>",
            grouped(one.cases)
        );
    }
    out.push_str("</table>\n");
    out
}

/// A matrix of recorded by new values.
fn table(rows: &[Vec<String>]) -> String {
    let mut out = String::from("<table class=\"matrix\">");
    for (at, row) in rows.iter().enumerate() {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let tag = match (at, column) {
                (0, _) => "th scope=\"col\"",
                (_, 0) => "th scope=\"row\"",
                _ => "td",
            };
            let end = &tag[..2];
            let _ = write!(out, "<{tag}>{}</{end}>", escape::html(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>\n");
    out
}

fn case(failure: &Failure) -> String {
    let mut text = String::new();
    for line in diff::failure_lines(failure).iter().take(LINES) {
        let _ = writeln!(text, "{}{}", line.sign, line.text);
    }
    for (what, value) in [("environment", &failure.env), ("input", &failure.input)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{what}:");
            for line in diff::pretty(value).lines().take(LINES) {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    format!(
        "<article><h3><code>{}</code></h3><p class=\"dim\">{}:{}</p><pre>{}</pre></article>\n",
        escape::html(&labelled(&failure.name, failure.label.as_deref())),
        escape::html(&failure.file),
        failure.line,
        escape::html(text.trim_end())
    )
}
