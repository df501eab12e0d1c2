//! `cargo athena report`

use std::fmt::Write as _;
use std::path::PathBuf;

use athena_protocol::{CaseName, Exit, Failure};

use crate::cli;
use crate::console::{print, print_status};
use crate::display::{labelled, one_line, plural};
use crate::error::{Error, Result};
use crate::gaps;
use crate::options::{OutputOptions, matches_any};
use crate::report::terminal::{self, Examples};
use crate::report::{self, ReportOutputs, diff, merge};
use crate::style::Style;
use crate::workspace::{absolute, artifacts_folder, metadata};

/// Shows the last run's report, or merges several reports.
pub(crate) fn run(verb: cli::ReportCommand, output: &OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    match verb.verb {
        cli::ReportVerb::Show(args) => show(&args, style),
        cli::ReportVerb::Merge(args) => merge_reports(&args, style),
    }
}

/// Prints every matching failure in full.
fn show(verb: &cli::Show, style: Style) -> Result<Exit> {
    let path = match &verb.file {
        Some(file) => file.clone(),
        None => last_report(&verb.location)?,
    };
    let Some((report, failures)) = report::read(&path)? else {
        return Err(Error::nothing(format!("no report exists: {} is missing", path.display()))
            .help("create one: cargo athena test"));
    };
    let mut found = 0;
    let mut misspelt: Vec<&str> = verb.filters.iter().map(String::as_str).collect();
    for failure in failures {
        let failure = failure?;
        misspelt.retain(|filter| !CaseName::is_selected(&failure.name, filter, verb.exact));
        if verb.filters.is_empty() || matches_any(&verb.filters, verb.exact, &failure.name) {
            found += 1;
            print(&failure_text(&failure, style))?;
        }
    }
    for trouble in &report.troubles {
        print(&format!("{} {}\n", style.error("error:"), one_line(trouble, usize::MAX)))?;
    }
    let mut exit = Exit::Success;
    if report.summary.failed > 0 && !misspelt.is_empty() {
        let error = Error::nothing(format!(
            "none of {} contains {} in its name",
            plural(report.summary.failed, "failure"),
            misspelt.join(" or ")
        ));
        if found == 0 {
            return Err(error);
        }
        error.print(style);
        exit = Exit::Nothing;
    }
    if report.summary.failed > 1 && verb.filters.is_empty() {
        print(&format!("{}\n", terminal::clusters(&report, Examples::None, style)))?;
    }
    gaps::print_notes(&report.gaps, style);
    print(&format!("{}\n", terminal::verdict(&report, style)))?;
    Ok(exit)
}

/// A failure in full: its name, its diff, its environment and its input.
pub(super) fn failure_text(failure: &Failure, style: Style) -> String {
    let mut out = format!(
        "{}  {}\n",
        style.strong(&one_line(&labelled(&failure.name, failure.label.as_deref()), usize::MAX)),
        style.dim(&format!("{}:{}", failure.file, failure.line))
    );
    for line in diff::failure_lines(failure) {
        let text = format!("{}{}", line.sign, one_line(&line.text, usize::MAX));
        let text = match line.sign {
            '-' => style.removed(&text),
            '+' => style.added(&text),
            _ => text,
        };
        let _ = writeln!(out, "  {}", text.trim_end());
    }
    if failure.left_out > 0 {
        let _ = writeln!(out, "  .. and {}", plural(failure.left_out, "more place"));
    }
    for (what, value) in [("environment", &failure.env), ("input", &failure.input)] {
        let Some(value) = value else { continue };
        let _ = writeln!(out, "  {}", style.dim(&format!("{what}:")));
        for line in diff::pretty(value).lines() {
            let _ = writeln!(out, "    {}", one_line(line, usize::MAX));
        }
    }
    out.push('\n');
    out
}

/// Merges the reports of partitions.
fn merge_reports(verb: &cli::Merge, style: Style) -> Result<Exit> {
    let outputs = ReportOutputs::new(&verb.formats)?;
    let path = match &verb.output {
        Some(file) => absolute(file)?,
        None => last_report(&verb.location)?,
    };
    let mut plan = outputs.plan();
    plan.writes("--output", &path);
    for file in &verb.files {
        plan.reads("the report", file);
    }
    plan.protects(&verb.location.root()?.join("fixtures"));
    plan.check().map_err(|error| {
        Error::file_error(error).help("name the file of the merged report: --output FILE")
    })?;
    let (report, missing) = merge::merge(&verb.files, &path)?;
    outputs.write(&report, &path, &verb.location.root()?)?;
    let many = report.summary.failed > 0;
    if many {
        print(&format!("{}\n", terminal::clusters(&report, Examples::Diff, style)))?;
    }
    gaps::print_notes(&report.gaps, style);
    print(&format!("{}\n", terminal::verdict(&report, style)))?;
    if !missing.is_empty() {
        let parts = report.merged.first().map_or(0, |part| part.parts);
        let missing: Vec<String> = missing.iter().map(u64::to_string).collect();
        print_status(&format!(
            "{} these of {} are missing: {}",
            style.error("error:"),
            plural(parts, "part"),
            missing.join(", ")
        ));
        return Ok(Exit::Failure);
    }
    let is_well = report.troubles.is_empty()
        && report.summary.failed + report.summary.schemas_failed + report.summary.skipped == 0;
    Ok(if report.summary.broken > 0 {
        Exit::Usage
    } else if is_well {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn last_report(location: &cli::ReportLocation) -> Result<PathBuf> {
    let metadata = metadata(&location.manifest)?;
    let target = match &location.target_dir {
        Some(folder) => absolute(folder)?,
        None => metadata.target_directory.into(),
    };
    Ok(report::file(&artifacts_folder(metadata.workspace_root.as_std_path(), &target)))
}

impl cli::ReportLocation {
    fn root(&self) -> Result<PathBuf> {
        Ok(metadata(&self.manifest)?.workspace_root.into())
    }
}
