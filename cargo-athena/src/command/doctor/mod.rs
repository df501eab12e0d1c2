//! `cargo athena doctor`

mod text;

use athena_protocol::{CaseName, Exit, Finding};

use super::deny;
use crate::catalog::{Catalog, list};
use crate::cli::{self, Format};
use crate::console::{print, print_status};
use crate::error::{Error, Result};
use crate::finding_kind::FindingKind;
use crate::findings::{DoctorReport, Examination, counted, counts, examine};
use crate::gaps::{self, ids_with_cases};
use crate::last_strength::LastStrength;
use crate::options::OutputOptions;
use crate::session::Session;
use crate::style::Style;

/// Has every runner examine the cases of the models it owns, and prints the findings.
pub(crate) fn run(verb: cli::Doctor, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let session = Session::open(verb.build, output)?;
    deny::judgeable(&verb.deny, &session)?;
    let catalog = session.catalog(false)?;
    let known: Vec<String> =
        catalog.ids().into_iter().chain(ids_with_cases(session.fixtures())).collect();
    let misspelt = CaseName::unmatched(&verb.filters, false, &known);
    if !misspelt.is_empty() {
        return Err(unmatched(&misspelt, &catalog));
    }
    let Examination { report, errors, exit: failed } = examine(&session, &catalog, &verb.filters);
    for error in errors {
        error.print(style);
    }
    if report.models.is_empty() && report.findings.is_empty() && failed == Exit::Success {
        let filters: Vec<&str> = verb.filters.iter().map(String::as_str).collect();
        return Err(unmatched(&filters, &catalog));
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
    if !session.is_quiet() {
        gaps::print_notes(&report.gaps, style);
        print_strength(&report, &session, style);
    }
    let missing = deny::missing(&verb.deny, &report.gaps, style);
    Ok(Exit::worst([failed, broken, missing, denied(&verb.deny, &report.findings, style)]))
}

/// Links to what the cases would not notice.
fn print_strength(report: &DoctorReport, session: &Session, style: Style) {
    let last = LastStrength::read(&session.workspace.artifacts);
    for one in &last.packages {
        let line = format!("{}, see {}", one.to_line(), one.page.display());
        print_status(&format!("{} {line}", style.note("strength:")));
    }
    if let Some(what) = last.change() {
        print_status(&format!(
            "{} {what} changed since then; measure again: cargo athena strength",
            style.note("strength:")
        ));
    }
    if last.packages.is_empty() && report.models.iter().any(|model| model.cases > 0) {
        print_status(&format!(
            "{} find the changes to the code that no case notices: cargo athena strength",
            style.note("help:")
        ));
    }
}

fn unmatched(filters: &[&str], catalog: &Catalog) -> Error {
    let filters: Vec<_> = filters.iter().map(|filter| format!("`{filter}`")).collect();
    Error::nothing(format!("no model's id contains {}", filters.join(" or ")))
        .help(format!("the models are {}", list(&catalog.ids())))
        .help("filters select models, not cases")
}

/// Reports the denied kinds that were found.
fn denied(denied: &[FindingKind], findings: &[Finding], style: Style) -> Exit {
    let counts = counts(findings);
    let found: Vec<String> = counts
        .iter()
        .filter(|(kind, _)| deny::denies(denied, **kind))
        .map(|(kind, count)| counted(*kind, *count))
        .collect();
    if found.is_empty() {
        return Exit::Success;
    }
    let error = Error::failure(format!("found what --deny forbids: {}", found.join(", ")));
    error.print(style);
    error.exit()
}
