//! Records inputs that were generated, each under its own name in one suite.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use athena_protocol::{Exit, GeneratedCase, GeneratedSuite, Record, RecordSummary};

use super::evaluate::Call;
use super::verified::run_each_repeatedly;
use super::{refuse_in_ci, schema, temporary_folder};
use crate::differences::differences;
use athena_cases::case::{Case, CaseNotes, CaseOutcome, NewCase};
use athena_cases::environments;
use athena_cases::layout::{self, Stem};
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{Variables, mask_secrets, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_protocol::json::text;

/// The number of cases without an outcome that are reported individually.
const MAX_REPORTED: usize = 5;

/// Runs generated inputs as in `record` and adds them to their suite. One without a deterministic outcome is
/// reported and left out. A case that was recorded by hand is never changed or removed.
///
/// # Errors
///
/// The file or the suite can't be read; a schema change is breaking; CI is set.
pub fn record_generated(
    context: &Context<'_>,
    request: &Record,
    file: &Path,
) -> Result<(RecordSummary, Exit)> {
    refuse_in_ci(request.force)?;
    let bytes = std::fs::read(file).map_err(|error| Error::io("read", file, &error))?;
    let asked: GeneratedSuite = serde_json::from_slice(&bytes)
        .map_err(|error| Error::usage(format!("{} can't be read: {error}", file.display())))?;
    let entry = context.registry.find(&request.model)?;
    let name = request.suite.as_deref().unwrap_or("generated");
    let chosen = environments::resolve(entry, context.fixtures, &request.environments)?;
    let environment = chosen.first().and_then(|chosen| chosen.name.as_deref());
    let folder = layout::folder(context.fixtures, &entry.id);
    let path = Stem::new_suite(name, environment)?.suite_file(&folder);
    let declared = entry.model.variables();
    let calls: Vec<Call> = asked
        .cases
        .iter()
        .map(|case| {
            // A secret that must be set has its placeholder, as in the search.
            let variables = mask_secrets(&declared, &Variables::from_iter(case.env.clone()));
            let origin = format!("the generated input {}", case.name);
            Call::new(&entry.id, variables, case.input.clone(), origin)
        })
        .collect();
    let package = entry.model.source().package;
    let locks = schema::open(context, [package], &request.schemas, request.accept_breaking)?;
    // What a model writes with an input that nobody has chosen goes into no folder of the user's.
    let folder = temporary_folder()?;
    let outcomes = run_each_repeatedly(context, &calls, request.timeout_ms, Some(folder.path()))?;
    let old = store::read(&path)?;
    let SuiteChanges { mut lines, rejected } =
        suite_changes(&path, old.as_deref().unwrap_or_default(), &entry.id, &asked)?;
    if let Some(name) = asked.rejected.iter().find(|name| !rejected.contains_key(*name)) {
        return Err(Error::usage(format!("no generated case of {} is named {name}", entry.id))
            .help(format!(
                "their names are in {}; nothing was changed",
                display::display_path(&path)
            )));
    }
    let mut summary = RecordSummary::default();
    let mut refused = 0;
    for ((case, call), outcome) in asked.cases.iter().zip(&calls).zip(outcomes) {
        match outcome.and_then(|now| as_searched(entry, case, now)) {
            Ok(result) => {
                let recording = NewCase {
                    model: entry.id.clone(),
                    env: strip_secrets(&declared, &call.variables),
                    input: call.input.clone(),
                    result,
                    notes: CaseNotes::default(),
                    generated: Some(case.reason.clone()),
                };
                lines.push(recording.to_line(&case.name)?);
                summary.created += 1;
            }
            Err(error) => {
                refused += 1;
                if refused <= MAX_REPORTED {
                    print_stderr(&format!("{error}"));
                }
            }
        }
    }
    if refused > MAX_REPORTED {
        print_stderr(&format!(".. and {} more", refused - MAX_REPORTED));
    }
    let exit = if refused > 0 { Exit::Failure } else { Exit::Success };
    if summary.created == 0 && asked.removed.is_empty() && rejected.is_empty() {
        return Ok((summary, exit));
    }
    let mut transaction = store::begin(context.fixtures)?;
    match (lines.is_empty(), &old) {
        (true, Some(old)) => transaction.remove(&path, old),
        (true, None) => {}
        (false, _) => {
            let mut new = lines.join("\n");
            new.push('\n');
            transaction.write(&path, old.as_deref(), &new);
        }
    }
    if !rejected.is_empty() {
        let path = path.with_extension(layout::REJECTED);
        let old = store::read(&path)?;
        let hashes = rejected.values().map(|hash| format!("{hash}\n"));
        let new: String = old.iter().cloned().chain(hashes).collect();
        transaction.write(&path, old.as_deref(), &new);
    }
    let locks = schema::write(&mut transaction, &locks);
    store::commit(transaction)?;
    schema::report_written(context, &locks);
    if !context.quiet {
        let removed = match asked.removed.len() + rejected.len() {
            0 => String::new(),
            count => format!(", {} removed", display::plural(count, "case")),
        };
        print_stderr(&format!(
            "{}: {}{removed} in {}",
            entry.id,
            display::plural(summary.created, "new case"),
            display::display_path(&path)
        ));
    }
    Ok((summary, exit))
}

/// The outcome, unless the search has seen another one.
fn as_searched(entry: &Entry, case: &GeneratedCase, now: CaseOutcome) -> Result<CaseOutcome> {
    let searched = case.outcome.as_deref();
    let searched =
        searched.and_then(|text| CaseOutcome::from_text(text, entry.model.source().many).ok());
    let described = entry.model.output_type();
    if searched.is_none_or(|searched| differences(&described, &searched, &now).is_empty()) {
        return Ok(now);
    }
    Err(Error::failure(format!(
        "the generated input {} has another outcome than in the search: it depends on earlier calls, or on chance",
        case.name
    ))
    .help("a case needs an outcome that its input and its variables alone decide"))
}

/// The lines of a suite that stay, and the hashes of rejected cases, by name.
#[derive(Default)]
struct SuiteChanges {
    lines: Vec<String>,
    rejected: BTreeMap<String, String>,
}

fn suite_changes(
    path: &Path,
    text: &str,
    model: &str,
    asked: &GeneratedSuite,
) -> Result<SuiteChanges> {
    if text.is_empty() {
        return Ok(SuiteChanges::default());
    }
    let known = SuiteIndex::scan(path, text)?;
    if let Some((line, reason)) = known.broken.first() {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(path)))
            .help("fix the suite first; nothing was changed"));
    }
    let new: HashSet<&str> = asked.cases.iter().map(|case| case.name.as_str()).collect();
    let mut kept = SuiteChanges::default();
    for line in known.iter() {
        let start = usize::try_from(line.offset).unwrap_or(usize::MAX);
        let text = &text[start..start + line.length];
        let is_generated =
            || Case::parse_input(text, model).is_ok_and(|case| case.generated.is_some());
        if asked.removed.iter().any(|name| name == line.name) && is_generated() {
            continue;
        }
        if new.contains(line.name) {
            return Err(Error::usage(format!(
                "{}:{}: the suite has a case named {} already",
                display::display_path(path),
                line.number,
                line.name
            ))
            .help("generate again; nothing was changed"));
        }
        match hash(text, model).filter(|_| asked.rejected.iter().any(|name| name == line.name)) {
            Some(hash) => drop(kept.rejected.insert(line.name.to_owned(), hash)),
            None => kept.lines.push(text.to_owned()),
        }
    }
    Ok(kept)
}

/// The hash of a generated case, by its environment and input.
fn hash(text: &str, model: &str) -> Option<String> {
    let case = Case::parse_input(text, model).ok().filter(|case| case.generated.is_some())?;
    let call = NewCase {
        model: model.to_owned(),
        env: case.variables().ok()?.into_iter().collect(),
        input: text::compact(case.input.get()),
        result: CaseOutcome::empty(),
        generated: None,
        notes: CaseNotes::default(),
    };
    call.hashed_name().ok()
}
