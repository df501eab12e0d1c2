//! Records cases again from their own input and environment.

use std::path::{Path, PathBuf};

use athena_protocol::files::{Edits, Rewrite, Rewritten};
use athena_protocol::{CaseName, RecordSummary, Rerecord};

use super::accepted::{Accepted, AcceptedCheck};
use super::changed_cases::ChangedCases;
use super::evaluate::Call;
use super::failed_calls::one_of;
use super::recording::count;
use super::rerecorded_file::{CaseReader, RerecordedCase, RerecordedFile};
use super::{refuse_in_ci, run_verified, schema, temporary_folder};
use crate::harness::refuse_unmatched;
use crate::vacuous;
use athena_cases::case::{Case, CaseOutcome, NewCase};
use athena_cases::index::Index;
use athena_cases::store::{self, Written};
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::strip_secrets;
use athena_core::error::{Error, Result, file_error};
use athena_core::stdio::print_stderr;
use athena_protocol::json::text;

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
    let packages = files.iter().map(|file| file.entry.model.source().package);
    let folder = temporary_folder()?;
    // Whoever makes the changes needs the edits.
    let edits = match &request.changes {
        Some(changes) => changes.with_extension("edits"),
        None => folder.path().join("edits"),
    };
    let mut rewrites = Rewrites::new(&edits)?;
    let mut changed = ChangedCases::new(!context.quiet && accepted.is_none());
    let mut check = accepted.as_ref().map(Accepted::check);
    let (mut summary, mut locks, mut errors) = (RecordSummary::default(), None, Vec::new());
    let mut reader = CaseReader::new(&files);
    loop {
        let cases = reader.next_batch()?;
        if cases.is_empty() {
            break;
        }
        let calls: Vec<Call> = cases.iter().map(RerecordedCase::call).collect::<Result<_>>()?;
        if locks.is_none() {
            let (schemas, breaking) = (&request.schemas, request.accept_breaking);
            locks = Some(schema::open(context, packages.clone(), schemas, breaking)?);
        }
        let outcomes = match run_verified(context, &calls, request.timeout_ms)? {
            Ok(outcomes) => outcomes,
            Err(failed) => {
                errors.extend(failed.errors);
                if failed.is_over {
                    break;
                }
                continue;
            }
        };
        if !errors.is_empty() {
            continue;
        }
        for ((case, call), result) in cases.iter().zip(&calls).zip(outcomes) {
            if let Some(check) = &mut check {
                is_as_shown(check, case, &result)?;
            }
            let text = recording(case, call, result)?;
            let written = Written::new(Some(&case.text), &text);
            count(&mut summary, written);
            if written == Written::Updated {
                rewrites.replace(case, &text)?;
                changed.add(case, &text)?;
            }
        }
    }
    if !errors.is_empty() {
        let calls = files.iter().map(RerecordedFile::len).sum();
        let cases = display::plural(calls, "case");
        let message = format!("{} of {cases} can't be recorded again:", errors.len());
        return Err(one_of(&errors, calls, &message));
    }
    let mut transaction = store::begin(context.fixtures)?;
    rewrites.finish()?.into_iter().for_each(|file| transaction.rewrite(file));
    let locks = locks.unwrap_or_default();
    let locks = schema::write(&mut transaction, &locks);
    match &request.changes {
        None => store::commit(transaction)?,
        Some(path) => transaction.save(path).map_err(file_error)?,
    }
    changed.report(context)?;
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
            let name = format!("{}::{stem}", entry.id);
            if wanted.matches(&name) {
                files.push(RerecordedFile::case(entry, stem.case_file(&folder.path), name));
            }
        }
        for stem in &folder.suites {
            let name = format!("{}::{stem}", entry.id);
            if wanted.accepted.is_none_or(|accepted| accepted.has_any_of(&name)) {
                let (path, tolerates) = (stem.suite_file(&folder.path), wanted.accepted.is_some());
                let is_wanted = |name: &str| wanted.matches(name);
                files.push(RerecordedFile::suite(entry, path, name, tolerates, is_wanted)?);
            }
        }
    }
    files.retain(|file| file.len() > 0);
    let names = || files.iter().flat_map(RerecordedFile::names);
    if let Some(accepted) = wanted.accepted {
        accepted.all_in(names())?;
    }
    // `cargo athena` asks several programs, each with a part of the cases.
    if request.is_whole && request.filters.len() > 1 {
        let unmatched = CaseName::unmatched(&request.filters, false, names());
        refuse_unmatched(&unmatched, false, names())?;
    }
    if files.is_empty() {
        return Err(Error::nothing(request.nothing_selected()));
    }
    Ok(files)
}

/// Fails if an outcome is not the one that was accepted.
fn is_as_shown<'f>(
    check: &mut AcceptedCheck<'f>,
    case: &RerecordedCase<'f>,
    now: &CaseOutcome,
) -> Result<()> {
    let place = format!("{}:{}", display::display_path(&case.file.path), case.line());
    check.case(case.file.entry, &case.full_name(), &place, &case.text, now)
}

/// The new text of a case.
fn recording(case: &RerecordedCase<'_>, call: &Call, result: CaseOutcome) -> Result<String> {
    let entry = case.file.entry;
    let old = Case::parse_input(&case.text, &entry.id).ok();
    let recording = NewCase {
        model: entry.id.clone(),
        env: strip_secrets(&entry.model.variables(), &call.variables),
        input: text::compact(&call.input),
        result,
        notes: old.as_ref().map(Case::notes_of_rerecorded).unwrap_or_default(),
        generated: old.and_then(|case| case.generated).map(std::borrow::Cow::into_owned),
    };
    match case.name_in_suite() {
        Some(name) => recording.to_line(name),
        None => recording.to_file(),
    }
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

/// The files with a case that changes.
struct Rewrites {
    edits: Edits,
    /// The file of the last case.
    open: Option<(PathBuf, Rewrite)>,
    done: Vec<Rewritten>,
}

impl Rewrites {
    /// The new texts are in the file `edits`.
    fn new(edits: &Path) -> Result<Self> {
        let edits = Edits::create(edits).map_err(file_error)?;
        Ok(Self { edits, open: None, done: Vec::new() })
    }

    fn replace(&mut self, case: &RerecordedCase<'_>, text: &str) -> Result<()> {
        let path = &case.file.path;
        if self.open.as_ref().is_none_or(|(open, _)| open != path) {
            self.close()?;
            self.open = Some((path.clone(), Rewrite::open(path).map_err(file_error)?));
        }
        match &mut self.open {
            Some((_, file)) => {
                file.replace(case.start, &case.text, text, &mut self.edits).map_err(file_error)
            }
            None => Ok(()),
        }
    }

    fn close(&mut self) -> Result<()> {
        if let Some((_, file)) = self.open.take() {
            self.done.push(file.finish(&mut self.edits).map_err(file_error)?);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Rewritten>> {
        self.close()?;
        Ok(self.done)
    }
}
