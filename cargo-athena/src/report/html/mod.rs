//! `--report html=FILE`: one self-contained page.
//!
//! The failures are JSON in the page, one per line, drawn by its script when they are opened. Text
//! of the report is never inserted as HTML.

mod findings;
mod head;
mod overview;
mod plot;
mod scale;
mod strength;

use std::fs;
use std::path::Path;

use athena_protocol::{Failure, FailureKind, JsonText};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::finished::FinishedReport;
use super::io::OutputFile;
use super::{ChangedPlace, Cluster, ClusterIndex, Report, RunFacts, describe, escape};
use crate::error::Result;

const PAGE: &str = include_str!("page.html");
/// The style of the page, and of others that look like it.
pub(crate) const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The most failures in the page, and their most bytes. Each cluster keeps its first ones.
const MOST: u64 = 10_000;
const BYTES: usize = 30 << 20;

/// The number of clusters whose example is in the page whatever its size.
const EXAMPLES: usize = 200;

/// Writes the page.
pub(super) fn write(
    finished: FinishedReport<'_>,
    file: &Path,
    out: &mut OutputFile<'_>,
) -> Result<()> {
    let report = finished.report;
    let page = PAGE
        .replace("%TITLE%", &escape::html(&title(report)))
        .replace("%ABOUT%", &escape::html(&about(report)))
        .replace("%STYLE_HASH%", &hash(STYLE))
        .replace("%SCRIPT_HASH%", &hash(SCRIPT));
    for (at, part) in page.split('%').enumerate() {
        match part {
            "STYLE" => out.put(STYLE)?,
            "SCRIPT" => out.put(SCRIPT)?,
            "COUNTS" => out.put(&head::counts(report))?,
            "MESSAGES" => out.put(&head::messages(report))?,
            "MODELS" => out.put(&head::models(report))?,
            "OVERVIEW" => {
                out.put(&overview::overview(finished)?)?;
                if report.is_green() {
                    out.put(&findings::section(report))?;
                    out.put(&strength::links(finished.path, file))?;
                }
            }
            "DATA" if at > 0 => data(finished, out)?,
            text => out.put(text)?,
        }
    }
    Ok(())
}

/// The title with a capital letter.
fn title(report: &Report) -> String {
    let title = describe::title(report);
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The title of a diff's old side, and the command that runs one case again.
fn diff_labels(report: &Report) -> (String, String) {
    match &report.comparison {
        None => ("Recorded".to_owned(), "cargo athena test --exact".to_owned()),
        Some(comparison) => {
            let base = &comparison.base;
            (format!("On {base}"), format!("cargo athena diff --base {base} --exact"))
        }
    }
}

fn data(finished: FinishedReport<'_>, out: &mut OutputFile<'_>) -> Result<()> {
    let report = finished.report;
    let index = ClusterIndex::new(&report.clusters);
    let flaky: Vec<PageFailure<'_>> = report
        .flaky
        .iter()
        .map(|failure| PageFailure { kind: FailureKind::Flaky, ..PageFailure::new(failure, None) })
        .collect();
    let (old, command) = diff_labels(report);
    let all = match (&report.comparison, report.flaky.is_empty()) {
        (Some(_), _) => "All changes",
        (None, true) => "All failures",
        (None, false) => "Failed and flaky",
    };
    let head = json!({
        "all": all,
        "old": old,
        "command": command,
        "clusters": report.clusters.iter().map(|one| cluster(report, one)).collect::<Vec<_>>(),
        "models": report.models,
        "flaky": flaky,
    });
    let head = escape::json_in_html(&head.to_string());
    out.put(head.strip_suffix('}').unwrap_or(&head))?;
    out.put(",\n\"failures\":[")?;
    let size = fs::metadata(finished.path).map(|known| known.len()).unwrap_or_default();
    let mut choice = FailureQuota::new(report, size);
    let (mut bytes, mut count, mut left_out) = (0, 0_u64, 0_u64);
    for failure in finished.failures()? {
        let failure = failure?;
        let cluster = index.cluster_of(&failure);
        let is_example =
            cluster.is_some_and(|at| at < EXAMPLES && report.clusters[at].example == failure.name);
        // The room is estimated by the average size; the hard limit is twice that.
        let has_room = bytes < 2 * BYTES && choice.takes(cluster);
        if !(has_room || is_example) {
            left_out += 1;
            continue;
        }
        let shown = PageFailure::new(&failure, cluster);
        let line = escape::json_in_html(&serde_json::to_string(&shown).unwrap_or_default());
        out.put(if count == 0 { "\n" } else { ",\n" })?;
        out.put(&line)?;
        bytes += line.len();
        count += 1;
    }
    out.put(&format!("],\n\"leftOut\":{left_out}}}"))
}

/// The program and the selection, on one line.
fn about(report: &Report) -> String {
    let mut parts = vec![report.tool.clone()];
    parts.extend(report.run.as_ref().map(RunFacts::parts).unwrap_or_default());
    parts.extend(describe::selection(report));
    parts.join(" \u{b7} ")
}

fn cluster(report: &Report, cluster: &Cluster) -> Value {
    let place = |place: &ChangedPlace| {
        json!({
            "path": place.path,
            "name": place.name(),
            "cases": place.cases,
            "by": place.by(),
            "change": place.change,
            "transitions": place.transitions,
        })
    };
    json!({
        "id": cluster.id,
        "model": cluster.model,
        "place": cluster.title(),
        "places": cluster.places.iter().map(place).collect::<Vec<_>>(),
        "reason": cluster.reason,
        "cases": cluster.cases,
        "accept": report.accept_command(cluster),
        "example": cluster.example,
    })
}

/// A failure for the page's script. Outcomes and values are JSON text, because numbers in
/// JavaScript lose digits.
#[derive(Serialize)]
struct PageFailure<'a> {
    name: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    kind: FailureKind,
    file: &'a str,
    line: u64,
    reason: String,
    differences: Vec<PageDifference<'a>>,
    more: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    printed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<usize>,
}

#[derive(Serialize)]
struct PageDifference<'a> {
    at: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

impl<'a> PageFailure<'a> {
    fn new(failure: &'a Failure, cluster: Option<usize>) -> Self {
        let differences = failure
            .differences
            .iter()
            .map(|difference| PageDifference {
                at: &difference.pointer,
                path: &difference.path,
                old: difference.old_json(),
                now: difference.new_json(),
                note: difference.note.as_deref(),
            })
            .collect();
        let (recorded, now) = outcomes(failure);
        Self {
            name: &failure.name,
            model: &failure.model,
            label: failure.label.as_deref(),
            kind: failure.kind,
            file: &failure.file,
            line: failure.line,
            reason: escape::plain(&failure.reason),
            differences,
            more: failure.left_out,
            recorded,
            now,
            printed: escape::plain(&failure.printed),
            env: failure.env.as_ref().map(JsonText::to_string),
            input: failure.input.as_ref().map(JsonText::to_string),
            cluster,
        }
    }
}

/// Both outcomes as JSON text, without the key `output` if both have it.
fn outcomes(failure: &Failure) -> (Option<String>, Option<String>) {
    let (recorded, now) = (failure.recorded.as_ref(), failure.now.as_ref());
    let inner = |key: &str| Some((recorded?.only_member(key)?, now?.only_member(key)?));
    match inner("output").or_else(|| inner("outputs")) {
        Some((recorded, now)) => (Some(recorded.to_string()), Some(now.to_string())),
        None => (recorded.map(JsonText::to_string), now.map(JsonText::to_string)),
    }
}

/// Selects the first failures of each cluster, as many as there is room for.
struct FailureQuota {
    /// The number of failures still to take from each cluster.
    of_cluster: Vec<u64>,
    left: u64,
}

impl FailureQuota {
    /// `size` is the size of the report's file.
    fn new(report: &Report, size: u64) -> Self {
        let failed = report.summary.failed.max(1);
        let room = MOST.min(BYTES as u64 / (size / failed).max(1));
        let sizes: Vec<u64> = report.clusters.iter().map(|cluster| cluster.cases).collect();
        if failed <= room {
            return Self { of_cluster: sizes, left: failed };
        }
        let taken = |quota: u64| sizes.iter().map(|size| quota.min(*size)).sum::<u64>();
        let (mut quota, mut too_much) = (0, room + 1);
        while too_much - quota > 1 {
            let middle = u64::midpoint(quota, too_much);
            if taken(middle) <= room { quota = middle } else { too_much = middle }
        }
        Self { of_cluster: sizes.iter().map(|_| quota).collect(), left: room }
    }

    /// Whether there is room for a failure of this cluster. Takes the room if so.
    fn takes(&mut self, cluster: Option<usize>) -> bool {
        if self.left == 0 || cluster.is_some_and(|at| self.of_cluster[at] == 0) {
            return false;
        }
        self.left -= 1;
        if let Some(at) = cluster {
            self.of_cluster[at] -= 1;
        }
        true
    }
}

/// The hash of a script or a style, for the page's content security policy.
pub(crate) fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, Sample};
    use super::*;

    fn page(sample: &Sample) -> String {
        let mut bytes = Vec::new();
        let file = Path::new("a.html");
        write(sample.finished(), file, &mut OutputFile::new(&mut bytes, file)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn data_of(page: &str) -> Value {
        let start = "<script type=\"application/json\" id=\"data\">";
        let (_, rest) = page.split_once(start).unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    }

    #[test]
    fn the_page_has_every_failure_and_the_cluster_it_is_in() {
        let page = page(&samples::mixed());
        assert!(page.contains("<title>4 of 8 cases failed</title>"));
        let data = data_of(&page);
        assert_eq!(data["failures"].as_array().unwrap().len(), 4);
        assert_eq!(data["flaky"][0]["kind"], "flaky");
        assert_eq!(data["leftOut"], 0);
        assert_eq!(data["clusters"][0]["place"], "/energy");
        let first = &data["failures"][0];
        assert_eq!((&first["name"], &first["cluster"]), (&json!("m::f::a"), &json!(0)));
        assert_eq!(first["recorded"], "{\"energy\":100}");
        for failure in data["failures"].as_array().unwrap() {
            assert!(failure["cluster"].is_number(), "{failure}");
        }
    }

    #[test]
    fn clusters_and_cases_are_readable_without_the_script() {
        let page = page(&samples::mixed());
        let (before, _) = page.split_once("<script").unwrap();
        for text in
            ["<h3><code>/energy</code></h3>", "<h3><code>m::f::a</code></h3>", "accept --cluster"]
        {
            assert!(before.contains(text), "{text}");
        }
        assert!(!before.contains("%OVERVIEW"));
    }

    #[test]
    fn the_page_fetches_nothing_and_runs_only_its_own_script() {
        let page = page(&samples::mixed());
        for found in ["http://", "https://", "src=", "@import", "url(", "%STYLE", "%DATA"] {
            assert!(!page.contains(found), "{found}");
        }
        let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1;
        assert!(policy.starts_with("default-src 'none';"));
        for (tag, end) in [("<style>", "</style>"), ("</script>\n<script>", "</script>")] {
            let text = page.split_once(tag).unwrap().1.split_once(end).unwrap().0;
            assert!(policy.contains(&format!("'sha256-{}'", hash(text))), "{tag}");
        }
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("eval("));
    }

    #[test]
    fn what_a_model_says_can_t_leave_the_data() {
        let page = page(&samples::hostile());
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        let data = data_of(&page);
        assert!(data["failures"][0]["printed"].as_str().unwrap().contains("</script><img src=x"));
        let mut report = samples::hostile().report;
        report.tool = "</script><b>".to_owned();
        assert_eq!(escape::html("<a>&%"), "&lt;a&gt;&amp;&#37;");
        assert_eq!(
            escape::json_in_html(&json!(report.tool).to_string()),
            "\"\\u003c/script>\\u003cb>\""
        );
    }

    #[test]
    fn of_too_many_failures_the_first_of_each_cluster_are_there() {
        let sample = samples::many(10_500, 3);
        let data = data_of(&page(&sample));
        let failures = data["failures"].as_array().unwrap();
        assert!(failures.len() <= 10_003 && failures.len() > 9_900, "{}", failures.len());
        assert_eq!(data["leftOut"], 10_500 - failures.len());
        for cluster in 0..3 {
            assert!(failures.iter().any(|failure| failure["cluster"] == cluster));
        }
    }
}
