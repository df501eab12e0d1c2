//! Merges the reports of partitions.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Partition};

use super::{ModelCounts, Report, ReportInput, Selection, add_summary, assemble, read};
use crate::error::{Error, Result};
use crate::scratch::temporary_folder;

/// Merges reports into one file. Returns the report and the missing parts.
///
/// # Errors
///
/// A report can't be read, is not of a partition, is given twice, or is of another run than the
/// first: other models, other filters or another partitioning.
pub(crate) fn merge(files: &[PathBuf], output: &Path) -> Result<(Report, Vec<u64>)> {
    check_sources(files)?;
    let folder = temporary_folder()?;
    let mut merged: Option<Report> = None;
    let mut notes = Vec::new();
    let mut known = None;
    for (at, file) in files.iter().enumerate() {
        let (report, failures) =
            read(file)?.ok_or_else(|| Error::usage(format!("{} is not there", file.display())))?;
        let part = part_of(&report, file)?;
        match &mut merged {
            None => merged = Some(begin(&report, part)),
            Some(merged) => join(merged, &report, part, file)?,
        }
        match (known, divided(&report)) {
            (Some(known), Some(its)) if known != its => {
                return Err(refused(
                    file,
                    &format!(
                        "its run had {its} cases, the runs before it {known}: the recordings differ"
                    ),
                ));
            }
            (known_before, its) => known = known_before.or(its),
        }
        let path = folder.path().join(format!("{at}.jsonl"));
        let failed = |error: std::io::Error| Error::unwritable(&path, error);
        let mut out = BufWriter::new(File::create(&path).map_err(failed)?);
        let mut note = |entry: Entry| {
            let text = serde_json::to_string(&entry).map_err(|error| failed(error.into()))?;
            writeln!(out, "{text}").map_err(failed)
        };
        for failure in failures {
            note(Entry::Failed(failure?))?;
        }
        report.flaky.into_iter().map(Entry::Flaky).try_for_each(&mut note)?;
        report.passed.into_iter().map(Entry::Passed).try_for_each(&mut note)?;
        report.skipped.into_iter().map(Entry::Skipped).try_for_each(&mut note)?;
        report.schemas.into_iter().map(Entry::Schema).try_for_each(&mut note)?;
        report.troubles.into_iter().map(Entry::Trouble).try_for_each(&mut note)?;
        out.flush().map_err(failed)?;
        notes.push(path);
    }
    let Some(mut merged) = merged else { return Err(Error::usage("no report was given")) };
    let parts = merged.merged.first().map_or(0, |first| first.parts);
    let has = |part: &u64| merged.merged.iter().any(|known| known.part == *part);
    let missing: Vec<u64> = (1..=parts).filter(|part| !has(part)).collect();
    merged.merged.sort_by_key(|part| part.part);
    merged.selection.narrowed |= !missing.is_empty();
    let run = ReportInput { report: merged, parts: &notes, amended: false, root: Path::new("") };
    Ok((assemble(run, output)?, missing))
}

/// Refuses the report that was made from other code than most.
fn check_sources(files: &[PathBuf]) -> Result<()> {
    let mut known: Vec<(String, &Path)> = Vec::new();
    for file in files {
        if let Some((report, _)) = read(file)? {
            known.push((report.sources, file));
        }
    }
    // Of two that differ, the later one is named.
    let count = |one: &str| known.iter().filter(|(sources, _)| sources == one).count();
    let most = known.iter().rev().max_by_key(|(sources, _)| count(sources));
    let Some((common, _)) = most else { return Ok(()) };
    match known.iter().find(|(sources, _)| sources != common) {
        Some((_, file)) => Err(Error::usage(format!(
            "{} was made from other code than the other reports",
            file.display()
        ))
        .help("replay every part on the same commit")),
        None => Ok(()),
    }
}

fn refused(file: &Path, why: &str) -> Error {
    Error::usage(format!("{} can't be merged with the reports before it", file.display()))
        .cause(why)
}

/// The number of cases that were partitioned. `None` if the run did not finish.
fn divided(report: &Report) -> Option<u64> {
    let is_whole = report.troubles.is_empty() && !report.selection.narrowed;
    is_whole.then_some(report.summary.cases + report.summary.in_other_parts)
}

fn part_of(report: &Report, file: &Path) -> Result<Partition> {
    report.selection.partition.ok_or_else(|| {
        Error::usage(format!("{} is not the report of a partition", file.display())).help(
            "create the reports with `cargo athena test --partition hash:1/4 --report json=part-1.json`",
        )
    })
}

/// A report without cases, with the counts of the first partition.
fn begin(first: &Report, part: Partition) -> Report {
    let models = first.models.iter().map(|model| ModelCounts {
        passed: 0,
        failed: 0,
        skipped: 0,
        flaky: 0,
        micros: 0,
        ..model.clone()
    });
    let mut summary = first.summary.clone();
    summary.in_other_parts = 0;
    Report {
        version: first.version,
        tool: first.tool.clone(),
        code: first.code.clone(),
        sources: first.sources.clone(),
        selection: Selection { partition: None, ..first.selection.clone() },
        merged: vec![part],
        summary,
        gaps: first.gaps.clone(),
        models: models.collect(),
        ..Report::default()
    }
}

fn join(merged: &mut Report, report: &Report, part: Partition, file: &Path) -> Result<()> {
    let refuse = |why: &str| Err(refused(file, why));
    let first = merged.merged[0];
    if (part.hash, part.parts) != (first.hash, first.parts) {
        return refuse("its cases were partitioned differently");
    }
    if merged.merged.iter().any(|known| known.part == part.part) {
        return refuse(&format!("part {} of {} was already given", part.part, part.parts));
    }
    let selection = Selection { partition: None, ..report.selection.clone() };
    if selection != merged.selection || report.tool != merged.tool {
        return refuse("it was made by another command");
    }
    // A model that no longer exists is only in partitions with a case of it.
    let ids = |report: &Report| -> Vec<(String, u32)> {
        let there = report.models.iter().filter(|model| !model.file.is_empty());
        there.map(|model| (model.id.clone(), model.line)).collect()
    };
    if ids(report) != ids(merged) {
        return refuse("it has other models: it was made from other code");
    }
    merged.merged.push(part);
    for gap in &report.gaps {
        if !merged.gaps.contains(gap) {
            merged.gaps.push(gap.clone());
        }
    }
    let total = &mut merged.summary;
    add_summary(total, report.summary.clone());
    total.in_other_parts = 0;
    for list in [&mut total.models_without_cases, &mut total.schema_notes, &mut total.vacuous] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(())
}
