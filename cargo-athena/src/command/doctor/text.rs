//! Formats findings as text.

use std::collections::BTreeSet;

use athena_protocol::{ExaminedModel, Finding};

use super::findings::{DoctorReport, counted, counts};
use super::rows::{LabelledRow, display_text, duplicates, join_names, unseen, vacuous};

use crate::display::plural;
use crate::finding_kind::FindingKind;
use crate::style::Style;

/// The most rows under a heading.
const MOST_ROWS: usize = 10;

/// Formats the findings by model, with one help line per kind and the counts at the end.
pub(super) fn text(report: &DoctorReport, style: Style, quiet: bool) -> String {
    let mut page = FindingsText { out: String::new(), style, quiet, helped: BTreeSet::new() };
    page.broken(&report.findings);
    page.orphans(&report.findings);
    page.uncovered(&report.findings);
    for model in &report.models {
        page.model(model, &report.findings);
    }
    page.unused(&report.findings);
    page.out.push_str(&style.strong(&summary(report)));
    page.out.push('\n');
    page.out
}

struct FindingsText {
    out: String,
    style: Style,
    quiet: bool,
    helped: BTreeSet<FindingKind>,
}

impl FindingsText {
    fn section(&mut self, heading: &str, rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        self.line(&self.style.strong(heading));
        for row in rows.iter().take(MOST_ROWS) {
            self.line(&format!("  {row}"));
        }
        self.more(rows.len().saturating_sub(MOST_ROWS));
    }

    fn broken(&mut self, findings: &[Finding]) {
        let rows: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Broken { file, line: 0, reason } => {
                    Some(format!("{}: {}", display_text(file), display_text(reason)))
                }
                Finding::Broken { file, line, reason } => {
                    Some(format!("{}:{line}: {}", display_text(file), display_text(reason)))
                }
                _ => None,
            })
            .collect();
        self.section("broken", &rows);
        self.gap(!rows.is_empty());
    }

    fn orphans(&mut self, findings: &[Finding]) {
        let bare: Vec<&str> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Uncovered { model } => Some(model.as_str()),
                _ => None,
            })
            .collect();
        let mut first = None;
        let mut rows = Vec::new();
        for finding in findings {
            let Finding::Orphans { model, cases, folder } = finding else { continue };
            rows.push(format!(
                "{}  {} in {}",
                display_text(model),
                plural(*cases, "case"),
                display_text(folder)
            ));
            first.get_or_insert_with(|| (model, nearest(model, &bare)));
        }
        self.section("orphans: cases whose model is gone", &rows);
        if let Some((old, new)) = first {
            let new = new.unwrap_or("NEW");
            self.help(
                FindingKind::Orphans,
                &format!(
                    "if it was renamed: cargo athena mv {} {new}; otherwise delete the folder",
                    display_text(old)
                ),
            );
        }
        self.gap(!rows.is_empty());
    }

    fn uncovered(&mut self, findings: &[Finding]) {
        let models: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Uncovered { model } => Some(display_text(model)),
                _ => None,
            })
            .collect();
        self.section("uncovered: models without cases", &models);
        if let Some(first) = models.first() {
            self.help(FindingKind::Uncovered, &format!("cargo athena record {first}"));
        }
        self.gap(!models.is_empty());
    }

    fn model(&mut self, model: &ExaminedModel, findings: &[Finding]) {
        let id = &model.model;
        let its: Vec<&Finding> =
            findings.iter().filter(|finding| is_finding_of(finding, id)).collect();
        if its.is_empty() {
            return;
        }
        let cases = self.style.dim(&plural(model.cases, "case"));
        self.line(&format!("{}  {cases}", self.style.strong(&display_text(id))));
        self.rows(&vacuous(&its));
        let help = "compare at least one field; a tolerance is small beside its values";
        self.help_if(&its, FindingKind::Vacuous, help);
        let undeclared = its.iter().filter_map(|finding| match finding {
            Finding::Undeclared { variable, cases, example, .. } => Some(format!(
                "{} in {}, as in {}",
                display_text(variable),
                plural(*cases, "case"),
                display_text(example)
            )),
            _ => None,
        });
        self.rows(&undeclared.map(|text| ("undeclared", text)).collect::<Vec<_>>());
        let help = format!("replay ignores it; to remove it: cargo athena record --rerecord {id}");
        self.help_if(&its, FindingKind::Undeclared, &help);
        self.rows(&duplicates(&its));
        let help = "keep one case of each row and delete the others";
        self.help_if(&its, FindingKind::Duplicates, help);
        let unset: Vec<String> = its
            .iter()
            .filter_map(|finding| match finding {
                Finding::Unset { variable, .. } => Some(display_text(variable)),
                _ => None,
            })
            .collect();
        if let Some(first) = unset.first() {
            self.rows(&[("unset", join_names(&unset))]);
            let help = format!(
                "record a case that sets it: cargo athena record {id} -e {first}=.. --message FILE"
            );
            self.help(FindingKind::Unset, &help);
        }
        self.rows(&unseen(&its));
        let help = format!("record a case that has it: cargo athena record {id} --message FILE");
        self.help_if(&its, FindingKind::Unseen, &help);
        self.gap(true);
    }

    fn unused(&mut self, findings: &[Finding]) {
        let rows: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Unused { environment, file } => {
                    Some(format!("{}  {}", display_text(environment), display_text(file)))
                }
                _ => None,
            })
            .collect();
        self.section("unused: environments that no case is recorded under", &rows);
        if let Some(Finding::Unused { environment, .. }) = findings.last() {
            let help = format!(
                "record a case under it: cargo athena record MODEL --environment {}; or delete the file",
                display_text(environment)
            );
            self.help(FindingKind::Unused, &help);
        }
        self.gap(!rows.is_empty());
    }

    /// Rows of a model. A repeated label is printed once.
    fn rows(&mut self, rows: &[LabelledRow]) {
        let mut last = "";
        for (label, text) in rows.iter().take(MOST_ROWS) {
            let label = if *label == last { "" } else { label };
            last = if label.is_empty() { last } else { label };
            self.line(&format!("  {label:<10}  {text}"));
        }
        self.more(rows.len().saturating_sub(MOST_ROWS));
    }

    fn more(&mut self, more: usize) {
        if more > 0 {
            self.line(&format!("  and {more} more; --format json lists all"));
        }
    }

    fn help_if(&mut self, its: &[&Finding], kind: FindingKind, help: &str) {
        if its.iter().any(|finding| FindingKind::from_finding(finding) == Some(kind)) {
            self.help(kind, help);
        }
    }

    /// Prints a help line, once per kind.
    fn help(&mut self, kind: FindingKind, help: &str) {
        if !self.quiet && self.helped.insert(kind) {
            self.line(&format!("  {} {help}", self.style.note("help:")));
        }
    }

    fn gap(&mut self, wanted: bool) {
        if wanted {
            self.out.push('\n');
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }
}

fn is_finding_of(finding: &Finding, id: &str) -> bool {
    match finding {
        Finding::Vacuous { model, .. }
        | Finding::Undeclared { model, .. }
        | Finding::Duplicates { model, .. }
        | Finding::Unset { model, .. }
        | Finding::Unseen { model, .. } => model == id,
        _ => false,
    }
}

/// The uncovered model that an orphaned model was probably renamed to.
fn nearest<'a>(gone: &str, bare: &[&'a str]) -> Option<&'a str> {
    let closeness = |id: &&str| strsim::jaro_winkler(gone, id);
    bare.iter()
        .copied()
        .filter(|id| closeness(id) > 0.8)
        .max_by(|a, b| closeness(a).total_cmp(&closeness(b)))
}

fn summary(report: &DoctorReport) -> String {
    let cases: u64 = report.models.iter().map(|model| model.cases).sum();
    let broken = report.findings.iter().filter(|one| matches!(one, Finding::Broken { .. })).count();
    let mut found = Vec::new();
    if broken > 0 {
        found.push(format!("{broken} broken"));
    }
    let counts = counts(&report.findings);
    found.extend(counts.iter().map(|(kind, count)| counted(*kind, *count)));
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    let models = report.models.len() as u64;
    format!("{}, {}: {found}", plural(models, "model"), plural(cases, "case"))
}
