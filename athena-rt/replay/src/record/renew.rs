//! Renews recorded cases from their own input and environment.

use std::path::{Path, PathBuf};

use athena_protocol::{RecordSummary, Rerecord};

use super::accepted::Accepted;
use super::evaluate::Call;
use super::{count, refuse_in_ci, schema, twice, write};
use athena_cases::case::{Case, Recording};
use athena_cases::index::Index;
use athena_cases::suite::Lines;
use athena_cases::{store, text};
use athena_core::context::Context;
use athena_core::display;
use athena_core::environment::{mask_secrets, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_core::stdio::say;

/// A file of cases, and those of it that are renewed.
struct Renewal<'a> {
    entry: &'a Entry,
    path: PathBuf,
    /// What the file holds now.
    old: String,
    /// For a case file one, for a suite one a line that is renewed.
    cases: Vec<RenewedCase>,
    is_suite: bool,
}

struct RenewedCase {
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

/// Runs cases on what they were recorded with, and keeps what comes out.
pub fn renew(context: &Context<'_>, request: &Rerecord) -> Result<RecordSummary> {
    refuse_in_ci(request.force)?;
    let accepted = request.accepted.as_deref().map(Accepted::read).transpose()?;
    let wanted = Wanted { filters: &request.filters, accepted: accepted.as_ref() };
    let index = Index::read(context.fixtures, None);
    // What is broken elsewhere keeps no accepted case from its outcome.
    if let Some(broken) = index.broken.first().filter(|_| accepted.is_none()) {
        return Err(Error::usage(broken.to_string()).help("mend it first: nothing was changed"));
    }
    let mut renewals = Vec::new();
    for entry in context.registry.entries() {
        let is_ours = request.models.is_empty() || request.models.contains(&entry.id);
        let Some(folder) = index.folders.get(&entry.id).filter(|_| is_ours) else { continue };
        for stem in &folder.cases {
            let path = stem.case_file(&folder.path);
            renewals.extend(file(entry, path, stem.as_str(), &wanted)?);
        }
        for stem in &folder.suites {
            let path = stem.suite_file(&folder.path);
            renewals.extend(suite(entry, path, stem.as_str(), &wanted)?);
        }
    }
    if let Some(accepted) = &accepted {
        let found = renewals.iter().flat_map(|renewal| &renewal.cases);
        accepted.all_in(found.map(|case| case.full_name.as_str()))?;
    }
    if renewals.is_empty() {
        return Err(Error::nothing(match &request.filters[..] {
            [] => "no case is recorded yet".to_owned(),
            filters => format!("no recorded case matches: {}", filters.join(", ")),
        }));
    }
    let calls: Vec<Call> = renewals
        .iter()
        .flat_map(|renewal| renewal.cases.iter().map(|case| case.call.clone()))
        .collect();
    let packages = renewals.iter().map(|renewal| renewal.entry.model.source().package);
    let locks = schema::open(context, packages, &request.schemas, request.accept_breaking)?;
    let outcomes = twice(context, &calls)?;
    if let Some(accepted) = &accepted {
        let mut check = accepted.check();
        let cases = renewals
            .iter()
            .flat_map(|renewal| renewal.cases.iter().map(move |case| (renewal, case)));
        for ((renewal, case), outcome) in cases.zip(&outcomes) {
            let place = format!("{}:{}", display::display_path(&renewal.path), case.line);
            let old = &renewal.old[case.start..case.end];
            check.case(renewal.entry, &case.full_name, &place, old, outcome)?;
        }
    }
    let mut outcomes = outcomes.into_iter();
    let mut summary = RecordSummary::default();
    let mut replaced: Vec<(&Renewal<'_>, String)> = Vec::new();
    for renewal in &renewals {
        let mut new = String::with_capacity(renewal.old.len());
        let mut kept_until = 0;
        for (case, result) in renewal.cases.iter().zip(outcomes.by_ref()) {
            let recording = Recording {
                model: renewal.entry.id.clone(),
                env: strip_secrets(&renewal.entry.model.variables(), &case.call.variables),
                input: text::compact(&case.call.input),
                result,
            };
            let text = if renewal.is_suite {
                recording.to_line(&case.name)?
            } else {
                recording.to_file()?
            };
            new.push_str(&renewal.old[kept_until..case.start]);
            kept_until = case.end;
            let old = &renewal.old[case.start..case.end];
            let written =
                if text == old { store::Written::Unchanged } else { store::Written::Updated };
            count(&mut summary, written);
            if written == store::Written::Updated && accepted.is_none() {
                write::tell(context, written, &case.full_name, &renewal.path, Some(old), &text);
            }
            new.push_str(&text);
        }
        new.push_str(&renewal.old[kept_until..]);
        if let Err(error) = replace(&renewal.path, &renewal.old, &new) {
            // What is accepted is kept whole or not at all; else each was told as it was written.
            for (before, new) in replaced.iter().filter(|_| accepted.is_some()) {
                replace(&before.path, new, &before.old)?;
            }
            return Err(error);
        }
        replaced.push((renewal, new));
    }
    schema::write(context, &locks)?;
    if !context.quiet && accepted.is_none() {
        say(&format!("{} changed, {} as before", summary.updated, summary.unchanged));
    }
    Ok(summary)
}

/// Writes a file that must still hold what it held.
fn replace(path: &Path, old: &str, new: &str) -> Result<()> {
    let _lock = path.parent().map(store::lock).transpose()?;
    if store::read(path)?.as_deref() != Some(old) {
        return Err(Error::usage(format!(
            "{} was written by another process at the same time",
            display::display_path(path)
        ))
        .help("run the command again to renew what it holds now"));
    }
    store::write(path, Some(old), new).map(|_| ())
}

/// Which cases are renewed.
struct Wanted<'a> {
    filters: &'a [String],
    accepted: Option<&'a Accepted>,
}

impl Wanted<'_> {
    fn takes(&self, name: &str) -> bool {
        if let Some(accepted) = self.accepted {
            return accepted.has(name);
        }
        let is_in = |filter: &String| name.contains(filter.as_str());
        self.filters.is_empty() || self.filters.iter().any(is_in)
    }
}

fn file<'a>(
    entry: &'a Entry,
    path: PathBuf,
    stem: &str,
    wanted: &Wanted<'_>,
) -> Result<Option<Renewal<'a>>> {
    let full_name = format!("{}::{stem}", entry.id);
    if !wanted.takes(&full_name) {
        return Ok(None);
    }
    let old = store::read(&path)?.unwrap_or_default();
    let call = call(entry, &old, &path, 1, &full_name)?;
    let case =
        RenewedCase { full_name, name: stem.to_owned(), line: 1, start: 0, end: old.len(), call };
    Ok(Some(Renewal { entry, path, old, cases: vec![case], is_suite: false }))
}

fn suite<'a>(
    entry: &'a Entry,
    path: PathBuf,
    stem: &str,
    wanted: &Wanted<'_>,
) -> Result<Option<Renewal<'a>>> {
    let full = format!("{}::{stem}", entry.id);
    if wanted.accepted.is_some_and(|accepted| !accepted.has_any_of(&full)) {
        return Ok(None);
    }
    let old = store::read(&path)?.unwrap_or_default();
    let lines = Lines::scan(&path, &old)?;
    // Beside an accepted case a broken line stays as it is.
    if let Some((line, reason)) = lines.broken.first().filter(|_| wanted.accepted.is_none()) {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(&path))));
    }
    let mut cases = Vec::new();
    for line in lines.iter() {
        let full_name = format!("{full}/{}", line.name);
        if !wanted.takes(&full_name) {
            continue;
        }
        let start = usize::try_from(line.offset).unwrap_or(usize::MAX);
        let end = start + line.length;
        let call = call(entry, &old[start..end], &path, line.number, &full_name)?;
        let (line, name) = (line.number, line.name.to_owned());
        cases.push(RenewedCase { full_name, name, line, start, end, call });
    }
    Ok((!cases.is_empty()).then_some(Renewal { entry, path, old, cases, is_suite: true }))
}

fn call(entry: &Entry, text: &str, path: &Path, first: usize, name: &str) -> Result<Call> {
    let wrong = |line: usize, reason: String| {
        Error::usage(format!("{}:{}: {reason}", display::display_path(path), first + line - 1))
    };
    let case = Case::parse(text, &entry.id).map_err(|(line, reason)| wrong(line, reason))?;
    let variables = case.variables().map_err(|reason| wrong(1, reason))?;
    Ok(Call {
        model: entry.id.clone(),
        variables: mask_secrets(&entry.model.variables(), &variables),
        input: case.input.get().to_owned(),
        origin: name.to_owned(),
    })
}
