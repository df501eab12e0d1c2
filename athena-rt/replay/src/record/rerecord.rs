//! Records cases again from their own input and environment.

use std::path::{Path, PathBuf};

use athena_protocol::{CaseName, RecordSummary, Rerecord};

use super::accepted::Accepted;
use super::evaluate::Call;
use super::failed_calls::one_of;
use super::{count, refuse_in_ci, run_verified, schema, write};
use crate::harness::refuse_unmatched;
use crate::vacuous;
use athena_cases::case::{Case, NewCase, conflict};
use athena_cases::index::Index;
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{mask_secrets, strip_secrets};
use athena_core::error::{Error, Result, file_error};
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_protocol::json::text;

/// A file of cases, and those of it that are recorded again.
struct RerecordedFile<'a> {
    entry: &'a Entry,
    path: PathBuf,
    /// The text of the file.
    old: String,
    /// One for a case file; for a suite, one per line that is recorded again.
    cases: Vec<RerecordedCase>,
    is_suite: bool,
}

struct RerecordedCase {
    /// The name as a filter sees it.
    full_name: String,
    /// The name in a suite.
    name: String,
    /// Where the case is in the file: its line, and the bytes.
    line: usize,
    start: usize,
    end: usize,
    call: Call,
}

/// Runs cases on their recorded input, and records the new outcomes.
pub fn rerecord(context: &Context<'_>, request: &Rerecord) -> Result<RecordSummary> {
    refuse_in_ci(request.force)?;
    let accepted = request.accepted.as_deref().map(Accepted::read).transpose()?;
    let wanted = Wanted { filters: &request.filters, accepted: accepted.as_ref() };
    let index = Index::read(context.fixtures, None);
    // A broken file elsewhere does not prevent accepting a case.
    if let Some(broken) = index.broken.first().filter(|_| accepted.is_none()) {
        return Err(
            Error::usage(broken.to_string()).help("fix the file first; nothing was changed")
        );
    }
    let files = select(context, request, &index, &wanted)?;
    let calls: Vec<Call> =
        files.iter().flat_map(|file| file.cases.iter().map(|case| case.call.clone())).collect();
    let packages = files.iter().map(|entry_file| entry_file.entry.model.source().package);
    let locks = schema::open(context, packages, &request.schemas, request.accept_breaking)?;
    let outcomes = run_verified(context, &calls, request.timeout_ms)?.map_err(|errors| {
        let cases = display::plural(calls.len(), "case");
        let message = format!("{} of {cases} can't be recorded again:", errors.len());
        one_of(&errors, calls.len(), &message)
    })?;
    if let Some(accepted) = &accepted {
        let mut check = accepted.check();
        let cases = files
            .iter()
            .flat_map(|entry_file| entry_file.cases.iter().map(move |case| (entry_file, case)));
        for ((entry_file, case), outcome) in cases.zip(&outcomes) {
            let place = format!("{}:{}", display::display_path(&entry_file.path), case.line);
            let old = &entry_file.old[case.start..case.end];
            check.case(entry_file.entry, &case.full_name, &place, old, outcome)?;
        }
    }
    let mut outcomes = outcomes.into_iter();
    let mut summary = RecordSummary::default();
    let mut transaction = store::begin(context.fixtures)?;
    let mut changed = Vec::new();
    for entry_file in &files {
        let mut new = String::with_capacity(entry_file.old.len());
        let mut kept_until = 0;
        for (case, result) in entry_file.cases.iter().zip(outcomes.by_ref()) {
            let recorded = &entry_file.old[case.start..case.end];
            let notes = Case::parse_input(recorded, &entry_file.entry.id)
                .map(|case| case.notes_of_rerecorded())
                .unwrap_or_default();
            let recording = NewCase {
                model: entry_file.entry.id.clone(),
                env: strip_secrets(&entry_file.entry.model.variables(), &case.call.variables),
                input: text::compact(&case.call.input),
                result,
                generated: generated(recorded, &entry_file.entry.id),
                notes,
            };
            let text = if entry_file.is_suite {
                recording.to_line(&case.name)?
            } else {
                recording.to_file()?
            };
            new.push_str(&entry_file.old[kept_until..case.start]);
            kept_until = case.end;
            let written = store::Written::new(Some(recorded), &text);
            count(&mut summary, written);
            new.push_str(&text);
            if written == store::Written::Updated && accepted.is_none() {
                changed.push((entry_file, case, text));
            }
        }
        new.push_str(&entry_file.old[kept_until..]);
        transaction.write(&entry_file.path, Some(&entry_file.old), &new);
    }
    let locks = schema::write(&mut transaction, &locks);
    match &request.changes {
        None => store::commit(transaction)?,
        Some(path) => transaction.save(path).map_err(file_error)?,
    }
    for (file, case, text) in changed {
        let (old, written) = (&file.old[case.start..case.end], store::Written::Updated);
        let name = &case.full_name;
        write::report_written(context, written, name, &file.path, Some(old), &text, "");
    }
    schema::report_written(context, &locks);
    if !context.quiet && accepted.is_none() {
        print_totals(&summary, &files);
    }
    Ok(summary)
}

/// The files with the cases that a request asks for.
///
/// # Errors
///
/// Something that it asks for does not exist, or a file can't be read.
fn select<'a>(
    context: &'a Context<'_>,
    request: &Rerecord,
    index: &Index,
    wanted: &Wanted<'_>,
) -> Result<Vec<RerecordedFile<'a>>> {
    let mut files = Vec::new();
    for entry in context.registry.entries() {
        let is_ours = request.models.is_empty() || request.models.contains(&entry.id);
        let Some(folder) = index.folders.get(&entry.id).filter(|_| is_ours) else { continue };
        for stem in &folder.cases {
            let path = stem.case_file(&folder.path);
            files.extend(file(entry, path, stem.as_str(), wanted)?);
        }
        for stem in &folder.suites {
            let path = stem.suite_file(&folder.path);
            files.extend(suite(entry, path, stem.as_str(), wanted)?);
        }
    }
    if let Some(accepted) = wanted.accepted {
        let found = files.iter().flat_map(|entry_file| &entry_file.cases);
        accepted.all_in(found.map(|case| case.full_name.as_str()))?;
    }
    // `cargo athena` asks several programs, each with a part of the cases.
    if request.is_whole && request.filters.len() > 1 {
        let names = || files.iter().flat_map(|it| it.cases.iter().map(|case| &case.full_name));
        let unmatched = CaseName::unmatched(&request.filters, false, names());
        refuse_unmatched(&unmatched, false, names().cloned())?;
    }
    if files.is_empty() {
        return Err(Error::nothing(request.nothing_selected()));
    }
    Ok(files)
}

/// Why a case was generated, from its text.
fn generated(text: &str, model: &str) -> Option<String> {
    // The rare case is worth reading it again.
    if !text.contains("\"generated\"") {
        return None;
    }
    Case::parse_input(text, model).ok()?.generated.map(std::borrow::Cow::into_owned)
}

fn print_totals(summary: &RecordSummary, files: &[RerecordedFile<'_>]) {
    print_stderr(&format!("{} changed, {} as before", summary.updated, summary.unchanged));
    vacuous::print_notes(files.iter().map(|one| one.entry));
}

/// Selects the cases to record again.
struct Wanted<'a> {
    filters: &'a [String],
    accepted: Option<&'a Accepted>,
}

impl Wanted<'_> {
    fn matches(&self, name: &str) -> bool {
        if let Some(accepted) = self.accepted {
            return accepted.has(name);
        }
        let is_in = |filter: &String| CaseName::is_selected(name, filter, false);
        self.filters.is_empty() || self.filters.iter().any(is_in)
    }
}

fn file<'a>(
    entry: &'a Entry,
    path: PathBuf,
    stem: &str,
    wanted: &Wanted<'_>,
) -> Result<Option<RerecordedFile<'a>>> {
    let full_name = format!("{}::{stem}", entry.id);
    if !wanted.matches(&full_name) {
        return Ok(None);
    }
    let old = store::read(&path)?.unwrap_or_default();
    let call = call(entry, &old, &path, 1, &full_name)?;
    let case = RerecordedCase {
        full_name,
        name: stem.to_owned(),
        line: 1,
        start: 0,
        end: old.len(),
        call,
    };
    Ok(Some(RerecordedFile { entry, path, old, cases: vec![case], is_suite: false }))
}

fn suite<'a>(
    entry: &'a Entry,
    path: PathBuf,
    stem: &str,
    wanted: &Wanted<'_>,
) -> Result<Option<RerecordedFile<'a>>> {
    let full = format!("{}::{stem}", entry.id);
    if wanted.accepted.is_some_and(|accepted| !accepted.has_any_of(&full)) {
        return Ok(None);
    }
    let old = store::read(&path)?.unwrap_or_default();
    let lines = SuiteIndex::scan(&path, &old)?;
    // Markers may stand around any line: it is not known which side is right.
    if let Some(line) = conflict(&old) {
        let place = display::display_path(&path);
        return Err(Error::usage(format!("{place}:{line}: the file has conflict markers"))
            .help("resolve the merge first; nothing was changed"));
    }
    // A broken line does not prevent accepting another line.
    if let Some((line, reason)) = lines.broken.first().filter(|_| wanted.accepted.is_none()) {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(&path))));
    }
    let mut cases = Vec::new();
    for line in lines.iter() {
        let full_name = format!("{full}/{}", line.name);
        if !wanted.matches(&full_name) {
            continue;
        }
        let start = usize::try_from(line.offset).unwrap_or(usize::MAX);
        let end = start + line.length;
        let call = call(entry, &old[start..end], &path, line.number, &full_name)?;
        let (line, name) = (line.number, line.name.to_owned());
        cases.push(RerecordedCase { full_name, name, line, start, end, call });
    }
    Ok((!cases.is_empty()).then_some(RerecordedFile { entry, path, old, cases, is_suite: true }))
}

fn call(entry: &Entry, text: &str, path: &Path, first: usize, name: &str) -> Result<Call> {
    let wrong = |line: usize, reason: String| {
        Error::usage(format!("{}:{}: {reason}", display::display_path(path), first + line - 1))
    };
    let case = Case::parse(text, &entry.id).map_err(|(line, reason)| wrong(line, reason))?;
    let variables = case.variables().map_err(|reason| wrong(case.line_of_env(text), reason))?;
    let variables = mask_secrets(&entry.model.variables(), &variables);
    Ok(Call::new(&entry.id, variables, case.input.get().to_owned(), name.to_owned()))
}
