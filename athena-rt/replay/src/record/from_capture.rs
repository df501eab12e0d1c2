//! Records suites from messages captured in production. Each message runs again, as in `record`.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use athena_protocol::files::Transaction;
use athena_protocol::{Exit, ModelId, Record, RecordSummary};

use super::evaluate::Call;
use super::merge::merge;
use super::new_lines::NewLines;
use super::{refuse_in_ci, run_each_verified, schema, temporary_folder, write};
use crate::diff;
use crate::differences::differences;
use crate::vacuous;
use athena_cases::capture_file::{CaptureIndex, LineSpan};
use athena_cases::case::{Case, CaseNotes, CaseOutcome, NewCase};
use athena_cases::index::Index;
use athena_cases::layout::{self, Stem};
use athena_cases::line_reader::LineReader;
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{Variable, mask_secrets, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_core::style::Style;
use athena_protocol::json::text;
use athena_structure as structure;
use athena_structure::description::TypeDescription;

/// The number of messages per run.
const CHUNK: usize = 5_000;

/// The number of messages without an outcome that are reported individually.
const MAX_REPORTED: usize = 5;

/// Runs captured messages, and records the outcomes as one suite per model.
///
/// # Errors
///
/// The file can't be read or is empty; a schema change is breaking; the second process dies. An
/// unknown model, or a message without a deterministic outcome, is reported, and the others are
/// recorded.
pub fn from_capture(
    context: &Context<'_>,
    request: &Record,
    file: &Path,
) -> Result<(RecordSummary, Exit)> {
    refuse_in_ci(request.force)?;
    let suite = suite_name(request, file)?;
    refuse_in_fixtures(context, file)?;
    let mut places = CaptureIndex::scan(file)?;
    if !request.model.is_empty() {
        let id = &context.registry.find(&request.model)?.id;
        places.models.retain(|model, _| model == id);
    }
    if places.models.is_empty() {
        return Err(Error::nothing(format!(
            "{}: the file has no message",
            display::display_path(file)
        )));
    }
    let models = std::mem::take(&mut places.models);
    let found = models.iter().filter_map(|(id, lines)| Some((context.registry.get(id)?, lines)));
    let packages = found.clone().map(|(entry, _)| entry.model.source().package);
    let locks = schema::open(context, packages, &request.schemas, request.accept_breaking)?;
    let mut exit = Exit::Success;
    let folder = temporary_folder()?;
    let mut suites = Vec::new();
    for (at, (entry, lines)) in found.enumerate() {
        let timeout_ms = request.timeout_ms;
        let new = NewLines::create(&folder.path().join(format!("new-{at}")))?;
        let mut suite = Suite { timeout_ms, ..Suite::open(context, entry, (&suite, new), file) };
        for lines in lines.chunks(CHUNK) {
            suite.run(&mut places, lines)?;
        }
        if suite.refused > 0 {
            exit = Exit::Failure;
        }
        suites.push(suite);
    }
    let mut summary = RecordSummary::default();
    let mut transaction = store::begin(context.fixtures)?;
    let mut created = Vec::new();
    for (at, suite) in suites.iter_mut().enumerate() {
        let merged = folder.path().join(format!("merged-{at}"));
        created.push(suite.write(&mut transaction, &merged)?);
    }
    let locks = schema::write(&mut transaction, &locks);
    store::commit(transaction)?;
    for (suite, created) in suites.iter().zip(created) {
        summary.created += created;
        suite.report(created)?;
    }
    for (id, lines) in models.iter().filter(|(id, _)| context.registry.get(id).is_none()) {
        print_stderr(&format!(
            "no model is called {id}: skipped {}",
            display::plural(lines.len(), "message")
        ));
        exit = Exit::Failure;
    }
    schema::report_written(context, &locks);
    if !context.quiet {
        vacuous::print_notes(models.keys().filter_map(|id| context.registry.get(id)));
    }
    Ok((summary, exit))
}

fn suite_name(request: &Record, file: &Path) -> Result<String> {
    let name = match &request.suite {
        Some(name) => name.clone(),
        None => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let help = |error: Error| {
        if request.suite.is_some() { error } else { error.help("choose a name with --suite NAME") }
    };
    layout::check(&name, "suite name").map_err(help)?;
    Ok(name)
}

/// A file in that folder would count as recorded.
fn refuse_in_fixtures(context: &Context<'_>, file: &Path) -> Result<()> {
    let whole = |path: &Path| path.canonicalize().ok();
    match (whole(file), whole(context.fixtures)) {
        (Some(file), Some(fixtures)) if file.starts_with(&fixtures) => Err(Error::usage(format!(
            "{} is among the recorded cases",
            display::display_path(&file)
        ))
        .help(
            "capture into a file elsewhere: a captured message is not a case until it is recorded",
        )),
        _ => Ok(()),
    }
}

/// A suite that is being recorded, and the counts to report.
struct Suite<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    name: &'a str,
    file: &'a Path,
    timeout_ms: Option<u64>,
    variables: Vec<Variable>,
    input: TypeDescription,
    output: TypeDescription,
    /// The hashes of recorded cases, by environment and input.
    known: HashSet<String>,
    /// The new cases, until they are written.
    new: Option<NewLines>,
    duplicates: usize,
    refused: usize,
    differ: usize,
    /// The first difference.
    example: Option<String>,
}

/// A message to run, and its outcome in production.
struct Captured {
    call: Call,
    env: BTreeMap<String, String>,
    outcome: Option<CaseOutcome>,
}

impl<'a> Suite<'a> {
    fn open(
        context: &'a Context<'a>,
        entry: &'a Entry,
        (name, new): (&'a str, NewLines),
        file: &'a Path,
    ) -> Self {
        Self {
            context,
            entry,
            name,
            file,
            timeout_ms: None,
            variables: entry.model.variables(),
            input: entry.model.input_type(),
            output: entry.model.output_type(),
            known: recorded(context, entry),
            new: Some(new),
            duplicates: 0,
            refused: 0,
            differ: 0,
            example: None,
        }
    }

    /// Runs the messages that are not recorded yet.
    fn run(&mut self, places: &mut CaptureIndex, lines: &[LineSpan]) -> Result<()> {
        let mut captured = Vec::new();
        for line in lines {
            let failed = |error: std::io::Error| Error::io("read", self.file, &error);
            let text = places.text(*line).map_err(failed)?;
            let origin = format!("{}:{}", display::display_path(self.file), line.number);
            match self.read(&text, &origin) {
                Ok(one) => {
                    let name = self.recording(&one, CaseOutcome::empty()).hashed_name()?;
                    if self.known.insert(name) {
                        captured.push(one);
                    } else {
                        self.duplicates += 1;
                    }
                }
                Err(reason) => self.refuse(&Error::usage(format!("{origin}: {reason}"))),
            }
        }
        let calls: Vec<Call> = captured.iter().map(|one| one.call.clone()).collect();
        let outcomes = run_each_verified(self.context, &calls, self.timeout_ms, None)?;
        for (one, outcome) in captured.iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => {
                    self.compare(one, &outcome);
                    let recording = self.recording(one, outcome);
                    let name = recording.hashed_name()?;
                    self.new.as_mut().map_or(Ok(()), |new| new.add(&name, &recording))?;
                }
                Err(error) => self.refuse(&error),
            }
        }
        Ok(())
    }

    fn read(&self, text: &str, origin: &str) -> Result<Captured, String> {
        let case = Case::parse_input(text, &self.entry.id).map_err(|(_, reason)| reason)?;
        let variables = mask_secrets(&self.variables, &case.variables()?);
        let input = text::compact(case.input.get());
        // The file may come from another source than capture, with secrets.
        let input = structure::redact(&input, &self.input).unwrap_or(input);
        let outcome = case.has_outcome().then(|| case.recorded(self.entry.model.source().many));
        Ok(Captured {
            env: strip_secrets(&self.variables, &variables),
            call: Call::new(&self.entry.id, variables, input, origin.to_owned()),
            outcome,
        })
    }

    fn recording(&self, captured: &Captured, result: CaseOutcome) -> NewCase {
        let model = self.entry.id.clone();
        NewCase {
            model,
            env: captured.env.clone(),
            input: captured.call.input.clone(),
            result,
            generated: None,
            notes: CaseNotes::default(),
        }
    }

    /// The outcome in production may depend on what a recorded run does not see.
    fn compare(&mut self, captured: &Captured, now: &CaseOutcome) {
        let Some(then) = &captured.outcome else { return };
        let found = differences(&self.output, then, now);
        if found.is_empty() {
            return;
        }
        self.differ += 1;
        if self.example.is_none() {
            let paths = diff::paths(&found, Style(self.context.color));
            self.example = Some(format!("{}\n{}", captured.call.origin, paths.trim_end()));
        }
    }

    fn refuse(&mut self, error: &Error) {
        self.refused += 1;
        if self.refused <= MAX_REPORTED {
            print_stderr(&format!("{error}"));
        }
    }

    fn path(&self) -> Result<PathBuf> {
        let folder = layout::folder(self.context.fixtures, &self.entry.id);
        Ok(Stem::new(self.name, None)?.suite_file(&folder))
    }

    /// Adds the suite to what is written. Returns the number of new cases. `merged` is the path of a temporary file.
    fn write(&mut self, transaction: &mut Transaction, merged: &Path) -> Result<u64> {
        let Some(new) = self.new.take().filter(|new| !new.is_empty()) else { return Ok(0) };
        // What was recorded before is not among them.
        let policy = write::ReplacePolicy {
            output: self.entry.model.output_type(),
            overwrite: true,
            paint: Style(self.context.color),
        };
        let rules = (self.entry, &policy);
        let merged = merge(transaction, &self.path()?, new.finish()?, rules, merged)?;
        Ok(merged.summary.created)
    }

    /// Reports the counts.
    fn report(&self, created: u64) -> Result<()> {
        let id = &self.entry.id;
        if self.refused > MAX_REPORTED {
            print_stderr(&format!("{id}: .. and {} more", self.refused - MAX_REPORTED));
        }
        if self.context.quiet {
            return Ok(());
        }
        let path = self.path()?;
        let mut counts = vec![format!("{created} recorded")];
        if self.duplicates > 0 {
            counts.push(format!("{} recorded before", self.duplicates));
        }
        if self.refused > 0 {
            counts.push(format!("{} refused", self.refused));
        }
        print_stderr(&format!(
            "{id}::{}: {} ({})",
            self.name,
            counts.join(", "),
            display::display_path(&path)
        ));
        if let Some(example) = &self.example {
            print_stderr(&format!(
                "{id}: {} had another outcome in production, for example {example}",
                display::plural(self.differ, "message")
            ));
        }
        Ok(())
    }
}

/// The hashes of a model's recorded cases. Cases of a broken file are missing; replay reports the
/// file.
fn recorded(context: &Context<'_>, entry: &Entry) -> HashSet<String> {
    let root = ModelId::new(&entry.id).package();
    let folder = Index::read(context.fixtures, Some(&[root])).folders.remove(&entry.id);
    let Some(folder) = folder else { return HashSet::new() };
    let mut known = HashSet::new();
    let mut learn = |text: &str| {
        let Ok(case) = Case::parse_input(text, &entry.id) else { return };
        let Ok(variables) = case.variables() else { return };
        let recording = NewCase {
            model: entry.id.clone(),
            env: variables.into_iter().collect(),
            input: text::compact(case.input.get()),
            result: CaseOutcome::empty(),
            generated: None,
            notes: CaseNotes::default(),
        };
        known.extend(recording.hashed_name());
    };
    let read = |path: &Path| store::read(path).ok().flatten().unwrap_or_default();
    for stem in &folder.cases {
        learn(&read(&stem.case_file(&folder.path)));
    }
    for stem in &folder.suites {
        let path = stem.suite_file(&folder.path);
        let (Ok(lines), Ok(mut reader)) = (SuiteIndex::read(&path), LineReader::open(&path)) else {
            continue;
        };
        for line in lines.iter() {
            learn(&reader.read(line.offset, line.length).unwrap_or_default());
        }
    }
    known
}
