//! `cargo athena doctor`

mod rows;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{Answer, Doctor, Examined, Exit, Finding, Orphans, Verb};
use serde::Serialize;

use super::deny;
use crate::catalog::{Catalog, list};
use crate::cli::{self, Format};
use crate::console::print;
use crate::error::{Error, Result};
use crate::exit::combined_exit;
use crate::finding_kind::Deny;
use crate::session::Session;
use crate::style::Style;

/// The version of what `--format json` prints. It grows when a reader could misread it.
const VERSION: u32 = 1;

/// All that was found, as `--format json` prints it.
#[derive(Debug, Serialize)]
struct Report {
    version: u32,
    /// The models that were looked at, sorted by id.
    models: Vec<Examined>,
    /// What is broken, gone or bare first; then a model at a time, most important first; then
    /// environments. Files are relative to the workspace.
    findings: Vec<Finding>,
}

/// Has every runner look at the cases of the models it owns, and prints what they find.
pub(crate) fn run(verb: cli::Doctor, output: cli::Output) -> Result<Exit> {
    let style = Style::of_both(output.color);
    let session = Session::open(verb.build, output)?;
    deny::judgeable(&verb.deny, &session)?;
    let catalog = session.catalog(false)?;
    let (report, failed) = examine(&session, &catalog, &verb.filters, style);
    if report.models.is_empty() && report.findings.is_empty() && failed == Exit::Success {
        return Err(unmatched(&verb.filters, &catalog));
    }
    match verb.format {
        Format::Text => print(&text::text(&report, style, session.is_quiet()))?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&report)
                .map_err(|error| Error::failure("the findings can't be written").cause(error))?;
            print(&format!("{text}\n"))?;
        }
    }
    let is_broken = |finding: &Finding| matches!(finding, Finding::Broken { .. });
    let broken = if report.findings.iter().any(is_broken) { Exit::Usage } else { Exit::Success };
    Ok(combined_exit([failed, broken, denied(&verb.deny, &report.findings, style)]))
}

/// What all runners found, and how those ended that could not look.
fn examine(
    session: &Session,
    catalog: &Catalog,
    filters: &[String],
    style: Style,
) -> (Report, Exit) {
    // Where targets were picked by hand, a model that isn't linked may well exist.
    let mut orphans = (!session.workspace.narrowed)
        .then(|| Orphans { known: catalog.ids(), packages: session.judged() });
    let mut environments = filters.is_empty();
    let mut report = Report { version: VERSION, models: vec![], findings: vec![] };
    let mut exits = vec![Exit::Success];
    for (at, runner) in catalog.runners.iter().enumerate() {
        let models = catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Doctor {
            models,
            filters: filters.to_vec(),
            orphans: orphans.take(),
            environments: std::mem::take(&mut environments),
        };
        match session.ask(runner, Verb::Doctor(request)) {
            Ok(reply) => {
                exits.push(Exit::of(reply.exit));
                if let Answer::Doctor(health) = reply.answer {
                    report.models.extend(health.models);
                    report.findings.extend(health.findings);
                }
            }
            Err(error) => {
                error.print(style);
                exits.push(error.exit());
            }
        }
    }
    report.tidy(&session.workspace.root);
    (report, combined_exit(exits))
}

impl Report {
    /// Puts what several runners said into one order; a file that two could not read is said once.
    fn tidy(&mut self, root: &Path) {
        self.models.sort_by(|a, b| a.model.cmp(&b.model));
        for finding in &mut self.findings {
            if let Finding::Broken { file, .. }
            | Finding::Unused { file, .. }
            | Finding::Orphans { folder: file, .. } = finding
                && let Ok(inside) = Path::new(file.as_str()).strip_prefix(root)
            {
                *file = inside.to_string_lossy().into_owned();
            }
        }
        self.findings.sort_by(|a, b| place(a).cmp(&place(b)));
        self.findings
            .dedup_by(|later, first| matches!(first, Finding::Broken { .. }) && later == first);
    }
}

/// What a finding is sorted by. Those of one model stay in the order of their runner.
fn place(finding: &Finding) -> (u8, &str, u64) {
    match finding {
        Finding::Broken { file, line, .. } => (0, file, *line),
        Finding::Orphans { model, .. } => (1, model, 0),
        Finding::Uncovered { model } => (2, model, 0),
        Finding::Undeclared { model, .. }
        | Finding::Duplicates { model, .. }
        | Finding::Unset { model, .. }
        | Finding::Unseen { model, .. } => (3, model, 0),
        Finding::Unused { environment, .. } => (4, environment, 0),
    }
}

fn unmatched(filters: &[String], catalog: &Catalog) -> Error {
    let filters: Vec<_> = filters.iter().map(|filter| format!("`{filter}`")).collect();
    Error::nothing(format!("no model's id contains {}", filters.join(" or ")))
        .help(format!("the models are {}", list(&catalog.ids())))
        .help("a model is judged by all of its cases: none is picked by its name")
}

/// Says which denied kinds were found.
fn denied(deny: &[Deny], findings: &[Finding], style: Style) -> Exit {
    let counts = counts(findings);
    let found: Vec<String> = counts
        .iter()
        .filter(|(kind, _)| deny.contains(kind))
        .map(|(kind, count)| counted(*kind, *count))
        .collect();
    if found.is_empty() {
        return Exit::Success;
    }
    let error = Error::failure(format!("denied, and found: {}", found.join(", ")));
    error.print(style);
    error.exit()
}

/// How much of each kind was found: of orphans the cases, of duplicates those that could go.
fn counts(findings: &[Finding]) -> BTreeMap<Deny, u64> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let count = match finding {
            Finding::Orphans { cases, .. } => *cases,
            Finding::Duplicates { surplus, .. } => *surplus,
            _ => 1,
        };
        if let Some(kind) = Deny::of(finding) {
            *counts.entry(kind).or_insert(0) += count;
        }
    }
    counts
}

/// `2 orphans`, `1 orphan`
fn counted(kind: Deny, count: u64) -> String {
    let name = kind.name();
    let name = if count == 1 { name.strip_suffix('s').unwrap_or(name) } else { name };
    format!("{count} {name}")
}
