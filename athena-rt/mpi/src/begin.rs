//! A job that begins, or goes on where another attempt has ended.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use athena_protocol::Mpi;

use super::cut::{Input, Place};
use super::journal::{self, Journal, Record};
use super::order::{Kept, Order};
use super::results::Results;
use super::same::Same;
use super::wire::{Orders, messages_of};
use athena_core::error::{Error, Result};

/// A job that was begun, now or in an attempt before.
pub(super) struct Begun {
    pub(super) journal: Journal,
    pub(super) results: Results,
    pub(super) order: Order,
    /// Batches that were cut and are not done.
    pub(super) again: VecDeque<Place>,
    /// How many bytes of the input are done.
    pub(super) bytes: u64,
    /// How many messages were done before, where the job goes on.
    pub(super) before: Option<u64>,
}

/// Begins a job with a journal there, or goes on with the one that is there.
///
/// # Errors
///
/// There is one, and it is of another job or nobody asked to go on; a file can't be read or written.
pub(super) fn begin(
    request: &Mpi,
    orders: &Orders,
    input: &mut Input,
    path: &Path,
) -> Result<Begun> {
    let same = Same::new(
        &orders.model,
        input.file(),
        input.size(),
        (request.input_format, request.output_format),
        request.unordered,
        &orders.variables,
    )
    .map_err(|error| Error::io("read", &request.messages, &error))?;
    let results = || Results::create(&orders.model, &request.out, request.rejects.as_deref());
    while path.exists() {
        if !request.resume {
            return Err(journal::left(path));
        }
        let order = Order::new(!request.unordered);
        let check = |begun: &Same| check(&same, begun, request.allow_other_build, path);
        if let Some(begun) = resume(check, results, order, input, path)? {
            return Ok(begun);
        }
    }
    let header = serde_json::to_vec(&same)
        .map_err(|error| Error::failure(format!("can't write the journal: {error}")))?;
    // The journal is made last: what is wrong before leaves none behind.
    let results = results()?;
    let journal = Journal::create(path, &header)?;
    let order = Order::new(!request.unordered);
    Ok(Begun { journal, results, order, again: VecDeque::new(), bytes: 0, before: None })
}

/// None where there is nothing to go on with.
fn resume(
    check: impl Fn(&Same) -> Result<()>,
    results: impl FnOnce() -> Result<Results>,
    mut order: Order,
    input: &mut Input,
    path: &Path,
) -> Result<Option<Begun>> {
    let mut results_made = Some(results);
    let mut results: Option<Results> = None;
    let mut open: BTreeMap<u64, Place> = BTreeMap::new();
    let mut last: Option<Place> = None;
    let mut ran = Vec::new();
    let mut messages = 0;
    let broken = |what: &str| Error::usage(format!("{} {what}", path.display()));
    let journal = Journal::resume(path, |journal, record| {
        match record {
            Record::Header(header) => {
                let begun: Same = serde_json::from_slice(header)
                    .map_err(|_| broken("was written by another version"))?;
                check(&begun)?;
                results = results_made.take().map(|make| make()).transpose()?;
            }
            Record::Cut(place) => {
                open.insert(place.number, place);
                last = Some(place);
            }
            Record::Done(number, kept) => {
                if open.remove(&number).is_none() {
                    return Err(broken("has a batch done that was never cut"));
                }
                journal.read(Kept { length: 8, ..kept }, &mut ran)?;
                messages += messages_of(&ran);
                order.done(number, kept);
            }
        }
        while let Some(kept) = order.next(u64::MAX) {
            journal.read(kept, &mut ran)?;
            let results =
                results.as_mut().ok_or_else(|| broken("does not say what job it is of"))?;
            results.add(&ran, false)?;
        }
        Ok(())
    })?;
    let Some(journal) = journal else { return Ok(None) };
    let results = results.ok_or_else(|| broken("does not say what job it is of"))?;
    let mut bytes = 0;
    if let Some(last) = last {
        input.skip(&last)?;
        bytes = last.offset + last.length - open.values().map(|place| place.length).sum::<u64>();
    }
    Ok(Some(Begun {
        journal,
        results,
        order,
        again: open.into_values().collect(),
        bytes,
        before: Some(messages),
    }))
}

/// Whether a job may go on with what another has begun.
fn check(same: &Same, begun: &Same, allow_other_build: bool, path: &Path) -> Result<()> {
    let differences = same.differences(begun);
    if !differences.is_empty() {
        return Err(Error::usage(format!(
            "{} is the journal of another job: {}",
            path.display(),
            differences.join("; ")
        ))
        .help("run what was begun, or remove the file to begin anew"));
    }
    if !allow_other_build && !same.is_build_of(begun) {
        return Err(Error::usage(format!(
            "{} is the journal of another build of this program, whose outcomes may differ",
            path.display()
        ))
        .help(
            "remove the file to begin anew; --allow-other-build goes on, and keeps what is done",
        ));
    }
    Ok(())
}
