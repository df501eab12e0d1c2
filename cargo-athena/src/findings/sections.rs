//! Findings under headings, as `doctor` prints them and the page shows them.

use std::collections::BTreeSet;

use athena_protocol::{ExaminedModel, Finding};

use super::doctor_report::{DoctorReport, counted, counts};
use super::rows::{LabelledRow, display_text, duplicates, join_names, unseen, vacuous};
use crate::display::plural;
use crate::finding_kind::FindingKind;

/// The findings under one heading: those of a model, or of one kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FindingSection {
    pub(crate) heading: String,
    /// The number of the model's cases. `None` for a heading that is not a model.
    pub(crate) cases: Option<u64>,
    pub(crate) groups: Vec<FindingGroup>,
}

/// Findings of one kind, and what to do about them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FindingGroup {
    /// Labels and texts. Labels are empty where the heading says the kind.
    pub(crate) rows: Vec<LabelledRow>,
    /// Once per kind in a report.
    pub(crate) help: Option<String>,
}

/// The sections of a report: what is broken, orphaned and uncovered, each model, unused environments.
pub(crate) fn sections(report: &DoctorReport) -> Vec<FindingSection> {
    let mut sections = Sections { all: Vec::new(), helped: BTreeSet::new() };
    sections.broken(&report.findings);
    sections.ignored(&report.ignored);
    sections.orphans(&report.findings);
    sections.uncovered(&report.findings);
    for model in &report.models {
        sections.model(model, &report.findings);
    }
    sections.unused(&report.findings, &report.models);
    sections.all
}

/// `2 models, 40 cases: 1 duplicate, 3 unseen`
pub(crate) fn summary(report: &DoctorReport) -> String {
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

struct Sections {
    all: Vec<FindingSection>,
    /// The kinds whose help is in an earlier group.
    helped: BTreeSet<FindingKind>,
}

impl Sections {
    /// Adds a section of one kind, unless it has no rows.
    fn add(&mut self, heading: &str, rows: Vec<String>, help: Option<(FindingKind, String)>) {
        if rows.is_empty() {
            return;
        }
        let rows = rows.into_iter().map(|text| ("", text)).collect();
        let help = help.and_then(|(kind, help)| self.help(kind, help));
        let groups = vec![FindingGroup { rows, help }];
        self.all.push(FindingSection { heading: heading.to_owned(), cases: None, groups });
    }

    fn help(&mut self, kind: FindingKind, help: String) -> Option<String> {
        self.helped.insert(kind).then_some(help)
    }

    fn broken(&mut self, findings: &[Finding]) {
        let rows = findings.iter().filter_map(|finding| match finding {
            Finding::Broken { file, line: 0, reason } => {
                Some(format!("{}: {}", display_text(file), display_text(reason)))
            }
            Finding::Broken { file, line, reason } => {
                Some(format!("{}:{line}: {}", display_text(file), display_text(reason)))
            }
            _ => None,
        });
        self.add("broken", rows.collect(), None);
    }

    fn ignored(&mut self, files: &[String]) {
        let rows = files.iter().map(|file| display_text(file)).collect();
        let heading = "ignored: files beside cases that end neither in .json nor in .jsonl";
        self.add(heading, rows, None);
    }

    fn orphans(&mut self, findings: &[Finding]) {
        let bare: Vec<&str> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Uncovered { model } => Some(model.as_str()),
                _ => None,
            })
            .collect();
        let mut help = None;
        let mut rows = Vec::new();
        for finding in findings {
            let Finding::Orphans { model, cases, folder } = finding else { continue };
            rows.push(format!(
                "{}  {} in {}",
                display_text(model),
                plural(*cases, "case"),
                display_text(folder)
            ));
            help.get_or_insert_with(|| {
                let (old, new) = (display_text(model), nearest(model, &bare).unwrap_or("NEW"));
                let help = format!(
                    "if it was renamed: cargo athena mv {old} {new}; otherwise delete the folder"
                );
                (FindingKind::Orphans, help)
            });
        }
        self.add("orphans: cases whose model is gone", rows, help);
    }

    fn uncovered(&mut self, findings: &[Finding]) {
        let models: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Uncovered { model } => Some(display_text(model)),
                _ => None,
            })
            .collect();
        let help = models.first().map(|first| format!("cargo athena record {first}"));
        let help = help.map(|help| (FindingKind::Uncovered, help));
        self.add("uncovered: models without cases", models, help);
    }

    fn model(&mut self, model: &ExaminedModel, findings: &[Finding]) {
        let id = &model.model;
        let its: Vec<&Finding> =
            findings.iter().filter(|finding| is_finding_of(finding, id)).collect();
        let undeclared = its.iter().filter_map(|finding| match finding {
            Finding::Undeclared { variable, cases, example, .. } => {
                let cases = plural(*cases, "case");
                let (variable, example) = (display_text(variable), display_text(example));
                Some(("undeclared", format!("{variable} in {cases}, as in {example}")))
            }
            _ => None,
        });
        let unset: Vec<String> = its
            .iter()
            .filter_map(|finding| match finding {
                Finding::Unset { variable, .. } => Some(display_text(variable)),
                _ => None,
            })
            .collect();
        let first = unset.first().map_or("", String::as_str);
        let groups = [
            (
                FindingKind::Vacuous,
                vacuous(&its),
                "compare at least one field; a tolerance is small beside its values".to_owned(),
            ),
            (
                FindingKind::Undeclared,
                undeclared.collect(),
                format!("test refuses it; to remove it: cargo athena record {id} --rerecord"),
            ),
            (
                FindingKind::Duplicates,
                duplicates(&its),
                "keep one case of each row and delete the others".to_owned(),
            ),
            (
                FindingKind::Unset,
                if unset.is_empty() { Vec::new() } else { vec![("unset", join_names(&unset))] },
                format!("record a case that sets it: cargo athena record {id} -e {first}=VALUE"),
            ),
            (
                FindingKind::Unseen,
                unseen(&its),
                format!(
                    "put a message that has it into message.json and record it: cargo athena record {id}"
                ),
            ),
        ];
        let groups: Vec<FindingGroup> = groups
            .into_iter()
            .filter(|(_, rows, _)| !rows.is_empty())
            .map(|(kind, rows, help)| FindingGroup { rows, help: self.help(kind, help) })
            .collect();
        if !groups.is_empty() {
            let heading = display_text(id);
            self.all.push(FindingSection { heading, cases: Some(model.cases), groups });
        }
    }

    fn unused(&mut self, findings: &[Finding], models: &[ExaminedModel]) {
        let rows: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Unused { environment, file } => {
                    Some(format!("{}  {}", display_text(environment), display_text(file)))
                }
                _ => None,
            })
            .collect();
        let model = models
            .first()
            .map(|first| format!("{} ", display_text(&first.model)))
            .unwrap_or_default();
        let help = findings.last().and_then(|last| match last {
            Finding::Unused { environment, .. } => Some(format!(
                "record a case under it: cargo athena record {model}--environment {}; or delete the file",
                display_text(environment)
            )),
            _ => None,
        });
        let help = help.map(|help| (FindingKind::Unused, help));
        self.add("unused: environments that no case is recorded under", rows, help);
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
