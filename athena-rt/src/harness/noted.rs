//! Outcomes that were noted, compared case by case by the types of this program.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use athena_protocol::{Compare, Entry, Names, Observation};

use super::note::{CaseFailure, FailureKind};
use super::told;
use crate::error::{Error, Result};
use crate::fixture::case::{Case, Recorded};
use crate::fixture::differences::differences;
use crate::fixture::store;
use crate::registry::Registry;
use crate::structure::{Shape, Shapes};

/// Compares, and writes what it found. Cases that have no outcome on one side are left out, and so
/// are those of models that are not linked.
///
/// # Errors
///
/// A file that can't be read or written, or is none of notes.
pub(crate) fn compare(registry: &Registry, request: &Compare) -> Result<()> {
    let old = request.old.as_deref().map(outcomes).transpose()?;
    let failed = |error: std::io::Error| Error::io("write", &request.report, &error);
    let mut out = BufWriter::new(File::create(&request.report).map_err(failed)?);
    let mut shapes: HashMap<String, (Shape, Shapes)> = HashMap::new();
    let mut recordings = Recordings::default();
    for observation in observations(&request.new)? {
        let observation = observation?;
        let Some(entry) = registry.get(&observation.model) else { continue };
        let Some(after) = &observation.outcome else { continue };
        let many = entry.model.source().many;
        let before = match &old {
            Some(old) => old.get(&observation.name).map(|text| of(text, many)).transpose()?,
            None => recordings.get(&observation, many)?,
        };
        let Some(before) = before else { continue };
        let after = of(after, many)?;
        let (shape, known) = shapes.entry(observation.model.clone()).or_insert_with(|| {
            let mut shapes = Shapes::default();
            (entry.model.output(&mut shapes), shapes)
        });
        let found = differences(shape, known, &before, &after);
        let told = if found.is_empty() {
            let case = observation.name[observation.model.len() + 2..].to_owned();
            Entry::Passed(Names { model: observation.model, cases: vec![case] })
        } else {
            let why = CaseFailure {
                kind: FailureKind::Differs,
                text: String::new(),
                reason: String::new(),
                told: Some(Box::new(told::differs(&found, &before, &after))),
            };
            let line = usize::try_from(observation.line).unwrap_or(usize::MAX);
            let path = Path::new(&observation.file);
            Entry::Failed(why.at(observation.name, &observation.model, path, line))
        };
        let text = serde_json::to_string(&told).map_err(|error| failed(error.into()))?;
        writeln!(out, "{text}").map_err(failed)?;
    }
    out.flush().map_err(failed)
}

fn of(text: &str, many: bool) -> Result<Recorded> {
    Recorded::from_text(text, many)
        .map_err(|error| Error::usage(format!("not an outcome: {error}")))
}

/// The outcome of each case that has one.
fn outcomes(path: &Path) -> Result<HashMap<String, String>> {
    let mut outcomes = HashMap::new();
    for observation in observations(path)? {
        let observation = observation?;
        if let Some(outcome) = observation.outcome {
            outcomes.insert(observation.name, outcome);
        }
    }
    Ok(outcomes)
}

fn observations(path: &Path) -> Result<impl Iterator<Item = Result<Observation>>> {
    let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
    let path = path.to_owned();
    Ok(BufReader::new(file).lines().filter_map(move |line| {
        let line = match line {
            Ok(line) => line,
            Err(error) => return Some(Err(Error::io("read", &path, &error))),
        };
        match serde_json::from_str(&line) {
            Ok(Entry::Observed(observation)) => Some(Ok(observation)),
            Ok(_) => None,
            Err(error) => {
                Some(Err(Error::usage(format!("{}: not a note: {error}", path.display()))))
            }
        }
    }))
}

/// What cases have recorded. Those of one suite follow one another: its file is read once.
#[derive(Default)]
struct Recordings {
    file: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Recordings {
    fn get(&mut self, observation: &Observation, many: bool) -> Result<Option<Recorded>> {
        if self.file != observation.file {
            self.file.clone_from(&observation.file);
            self.text = store::read(Path::new(&self.file))?.unwrap_or_default();
            let after = self.text.match_indices('\n').map(|(at, _)| at + 1);
            self.lines = std::iter::once(0).chain(after).collect();
        }
        let text = if Path::new(&self.file).extension().is_some_and(|kind| kind == "jsonl") {
            let at = usize::try_from(observation.line).unwrap_or(usize::MAX);
            let Some(&start) = self.lines.get(at.saturating_sub(1)) else { return Ok(None) };
            self.text[start..].lines().next().unwrap_or_default()
        } else {
            &self.text
        };
        Ok(Case::parse(text, &observation.model).ok().map(|case| case.recorded(many)))
    }
}
