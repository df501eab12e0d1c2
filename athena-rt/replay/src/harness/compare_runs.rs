//! Compares the outcomes of two runs, case by case, along the types of this program.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use athena_protocol::{Compare, Entry, MOST_DIFFERENCES, Names};

use super::failure_detail;
use super::messages::{CaseFailure, FailureKind};
use super::observed::{ObservedLine, OldOutcomes, Recordings, each_observed};
use crate::align::OutcomeValues;
use crate::differences::parsed_differences;
use athena_cases::case::CaseOutcome;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_protocol::Difference;
use athena_structure::description::TypeDescription;

/// The maximum number of names in one line.
const NAMES: usize = 1_000;

/// Compares and writes the differences. Cases without an outcome on one side are skipped, and so
/// are those of models that are not linked.
///
/// # Errors
///
/// A file can't be read or written, or has other contents.
pub fn compare(registry: &Registry, request: &Compare) -> Result<()> {
    let mut old = request.old.as_deref().map(OldOutcomes::read).transpose()?;
    let mut out = ComparisonWriter::new(&request.report)?;
    let mut types: HashMap<String, TypeDescription> = HashMap::new();
    let mut recordings = Recordings::default();
    each_observed(&request.new, |new, _| {
        let Some(entry) = registry.get(&new.model) else { return Ok(()) };
        let Some(after) = new.outcome else { return Ok(()) };
        let many = entry.model.source().many;
        let before = match &mut old {
            Some(old) => match old.get(&new.name)? {
                // Most outcomes have equal texts.
                Some(text) if *text == *after.get() => return out.unchanged(&new),
                known => known.map(|text| parse_outcome(&text, many)).transpose()?,
            },
            None => recordings.get(&new, many)?,
        };
        let Some(before) = before else { return Ok(()) };
        let after = parse_outcome(after.get(), many)?;
        if before == after {
            return out.unchanged(&new);
        }
        let output =
            types.entry(new.model.to_string()).or_insert_with(|| entry.model.output_type());
        let values = OutcomeValues::parse(&before, &after);
        let mut found = parsed_differences(output, (&before, &after), values.as_ref());
        if let Some(masked) = request.masked.get(&*new.model) {
            found.retain(|difference| !masked.iter().any(|mask| covers(mask, &difference.path)));
        }
        if found.is_empty() {
            return out.unchanged(&new);
        }
        let found = each_path_first(found);
        let detail =
            failure_detail::failure_detail(output, found, (&before, &after), values).to_text();
        let (text, reason) = (String::new(), String::new());
        let why = CaseFailure { kind: FailureKind::Differs, text, reason, detail };
        let line = usize::try_from(new.line).unwrap_or(usize::MAX);
        let path = Path::new(&*new.file);
        out.put(&Entry::Failed(why.at(new.name.to_string(), &new.model, path, line)))
    })?;
    out.close()
}

/// Writes the results.
struct ComparisonWriter<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    /// Cases with equal outcomes: many share one line.
    same: Names,
}

impl<'a> ComparisonWriter<'a> {
    fn new(path: &'a Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| Error::io("write", path, &error))?;
        Ok(Self { path, file: BufWriter::new(file), same: Names::default() })
    }

    fn unchanged(&mut self, case: &ObservedLine<'_>) -> Result<()> {
        if self.same.model != case.model || self.same.cases.len() == NAMES {
            self.flush()?;
            (*case.model).clone_into(&mut self.same.model);
        }
        let case = case.name.get(case.model.len() + 2..).unwrap_or_default();
        self.same.cases.push(case.to_owned());
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let same = std::mem::take(&mut self.same);
        if same.cases.is_empty() { Ok(()) } else { self.put(&Entry::Passed(same)) }
    }

    fn put(&mut self, entry: &Entry) -> Result<()> {
        let written = serde_json::to_writer(&mut self.file, entry).map_err(std::io::Error::from);
        written
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| Error::io("write", self.path, &error))
    }

    fn close(mut self) -> Result<()> {
        self.flush()?;
        self.file.flush().map_err(|error| Error::io("write", self.path, &error))
    }
}

/// Whether a difference at this path is masked.
fn covers(mask: &str, path: &str) -> bool {
    match path.strip_prefix(mask) {
        Some(rest) => rest.is_empty() || (!mask.is_empty() && rest.starts_with('/')),
        None => false,
    }
}

/// Where there are more differences than a report names, one of each path comes first: none is
/// left out altogether because of a long list before it.
fn each_path_first(found: Vec<Difference>) -> Vec<Difference> {
    if found.len() <= MOST_DIFFERENCES {
        return found;
    }
    let mut seen = HashSet::new();
    let (mut firsts, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|difference| seen.insert(difference.path.clone()));
    firsts.extend(others);
    firsts
}

/// An outcome from its JSON text, which is a text in a line of results.
fn parse_outcome(line: &str, many: bool) -> Result<CaseOutcome> {
    serde_json::from_str::<String>(line)
        .and_then(|text| CaseOutcome::from_text(&text, many))
        .map_err(|error| Error::usage(format!("not an outcome: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_covers_its_path_and_what_is_below_it_and_no_other() {
        assert!(covers("/at", "/at") && covers("/at", "/at/seconds"));
        assert!(!covers("/at", "/attempts") && !covers("/at", "/x/at") && !covers("/at", ""));
        assert!(covers("", "") && !covers("", "/at"));
    }

    #[test]
    fn no_path_is_left_out_because_of_a_long_list_before_it() {
        let difference = |path: &str| Difference {
            pointer: path.to_owned(),
            path: path.to_owned(),
            ..Difference::default()
        };
        let mut found: Vec<_> = (0..MOST_DIFFERENCES).map(|_| difference("/list/*")).collect();
        found.push(difference("/total"));
        let sorted = each_path_first(found);
        assert_eq!((sorted[0].path.as_str(), sorted[1].path.as_str()), ("/list/*", "/total"));
        assert_eq!(sorted.len(), MOST_DIFFERENCES + 1);
    }
}
