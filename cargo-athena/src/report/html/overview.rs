//! What the page shows without its script: the clusters with their plots, and some cases.

use std::fmt::Write as _;

use athena_protocol::Failure;

use super::plot;
use crate::display::plural;
use crate::error::Result;
use crate::report::finished::FinishedReport;
use crate::report::matrix::matrix;
use crate::report::{Cluster, diff, escape};

/// The most clusters, cases, and numbers of a plot.
const CLUSTERS: usize = 20;
const CASES: usize = 20;
const POINTS: usize = 400;

/// The most lines of a case's diff or input.
const LINES: usize = 40;

/// The clusters, and the first cases as plain text.
pub(super) fn overview(finished: FinishedReport<'_>) -> Result<String> {
    let clusters = &finished.report.clusters;
    if clusters.is_empty() {
        return Ok(String::new());
    }
    let index = finished.clusters();
    let shown = clusters.len().min(CLUSTERS);
    let mut points: Vec<Vec<(f64, f64)>> = vec![Vec::new(); shown];
    let mut cases = String::new();
    for (at, failure) in finished.failures()?.enumerate() {
        let failure = failure?;
        for cluster in index.clusters_of(&failure).into_iter().filter(|at| *at < shown) {
            if points[cluster].len() < POINTS {
                points[cluster].extend(numbers(&clusters[cluster], &failure));
            }
        }
        if at < CASES {
            cases.push_str(&case(&failure));
        }
    }
    let mut out = String::from("<section class=\"overview\"><h2>What changed</h2>\n");
    for (cluster, points) in clusters.iter().zip(&points) {
        out.push_str(&figure(cluster, points));
    }
    let _ = writeln!(
        out,
        "</section>\n<section id=\"plain\" class=\"plain\"><h2>First cases</h2>\n{cases}</section>"
    );
    Ok(out)
}

/// The recorded and new numbers of a failure at the cluster's path.
fn numbers(cluster: &Cluster, failure: &Failure) -> Vec<(f64, f64)> {
    if cluster.change.is_none() {
        return Vec::new();
    }
    let at_path = failure.differences.iter().filter(|one| one.path == cluster.path);
    at_path
        .filter_map(|one| Some((one.old.as_ref()?.as_f64()?, one.new.as_ref()?.as_f64()?)))
        .collect()
}

fn figure(cluster: &Cluster, points: &[(f64, f64)]) -> String {
    let mut out = format!(
        "<article><h3><code>{}</code></h3><p>{} \u{b7} {}{}</p>\n",
        escape::html(cluster.place()),
        escape::html(&cluster.model),
        plural(cluster.cases, "case"),
        match cluster.by() {
            by if by.is_empty() => String::new(),
            by => format!(" \u{b7} {}", escape::html(&by)),
        }
    );
    if points.len() > 1 {
        let label = format!("{} of {}", cluster.place(), cluster.model);
        out.push_str(&plot::scatter(points, &label));
        out.push_str(&plot::histogram(points, &label));
    } else if let Some(rows) = matrix(cluster) {
        out.push_str("<table class=\"matrix\">");
        for (at, row) in rows.iter().enumerate() {
            out.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let tag = if at == 0 || column == 0 { "th" } else { "td" };
                let _ = write!(out, "<{tag}>{}</{tag}>", escape::html(cell));
            }
            out.push_str("</tr>");
        }
        out.push_str("</table>\n");
    } else if cluster.change.is_none() && cluster.transitions.len() > 1 {
        out.push_str("<table><tr><th>Recorded</th><th>Now</th><th>Times</th></tr>");
        for one in &cluster.transitions {
            let (old, new) = (escape::html(&one.old), escape::html(&one.new));
            let _ = write!(
                out,
                "<tr><td><code>{old}</code></td><td><code>{new}</code></td><td>{}</td></tr>",
                one.cases
            );
        }
        out.push_str("</table>\n");
    }
    let command = format!("cargo athena review {}", cluster.model);
    let accept = format!("cargo athena accept --exact {}", cluster.example);
    let _ = writeln!(
        out,
        "<p class=\"dim\">decide: <code>{}</code> \u{b7} accept the example: <code>{}</code></p></article>",
        escape::html(&command),
        escape::html(&accept)
    );
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
        escape::html(&failure.name),
        escape::html(&failure.file),
        failure.line,
        escape::html(text.trim_end())
    )
}
