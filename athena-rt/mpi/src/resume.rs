//! Starts a job, or resumes one from its journal.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use athena_protocol::Mpi;

use super::chunker::{BatchSpan, Input};
use super::job_identity::JobFingerprint;
use super::journal::{self, Journal, JournalSpan, Record};
use super::results::{ReorderBuffer, Results};
use super::wire::{JobConfig, message_count};
use athena_core::error::{Error, Result};

/// A new or resumed job.
pub(super) struct JobState {
    pub(super) journal: Journal,
    pub(super) results: Results,
    pub(super) reorder: ReorderBuffer,
    /// Batches that were created and are not done.
    pub(super) unfinished: VecDeque<BatchSpan>,
    /// The number of bytes of the input that are done.
    pub(super) done_bytes: u64,
    /// The number of messages that were done before, if the job is resumed.
    pub(super) done_messages: Option<u64>,
}

/// Starts a job with a new journal, or resumes the job of the existing one.
///
/// # Errors
///
/// The journal exists and is that of another job, or `--resume` is not set. A file can't be read or
/// written.
pub(super) fn open_job(
    request: &Mpi,
    config: &JobConfig,
    input: &mut Input,
    path: &Path,
) -> Result<JobState> {
    let fingerprint = JobFingerprint::new(
        &config.model,
        input.file(),
        input.size(),
        (request.input_format, request.output_format),
        request.unordered,
        &config.variables,
    )
    .map_err(|error| Error::io("read", &request.messages, &error))?;
    let results = || Results::create(&config.model, &request.out, request.rejects.as_deref());
    while path.exists() {
        if !request.resume {
            return Err(journal::exists_error(path));
        }
        let reorder = ReorderBuffer::new(!request.unordered);
        let check =
            |journal: &JobFingerprint| fingerprint.check(journal, request.allow_other_build, path);
        if let Some(state) = resume(check, results, reorder, input, path)? {
            return Ok(state);
        }
    }
    let header = serde_json::to_vec(&fingerprint)
        .map_err(|error| Error::failure(format!("can't write the journal: {error}")))?;
    // The journal is created first: of jobs that start at once one has it, and only that one may
    // truncate the files of results.
    let journal = Journal::create(path, &header)?;
    let results = match results() {
        Ok(results) => results,
        Err(error) => {
            journal.remove()?;
            return Err(error);
        }
    };
    let reorder = ReorderBuffer::new(!request.unordered);
    Ok(JobState {
        journal,
        results,
        reorder,
        unfinished: VecDeque::new(),
        done_bytes: 0,
        done_messages: None,
    })
}

/// Returns `None` if the journal is gone or empty.
fn resume(
    check: impl Fn(&JobFingerprint) -> Result<()>,
    results: impl FnOnce() -> Result<Results>,
    mut reorder: ReorderBuffer,
    input: &mut Input,
    path: &Path,
) -> Result<Option<JobState>> {
    let mut create_results = Some(results);
    let mut results: Option<Results> = None;
    let mut unfinished: BTreeMap<u64, BatchSpan> = BTreeMap::new();
    let mut last: Option<BatchSpan> = None;
    let mut outcomes = Vec::new();
    let mut messages = 0;
    let journal_error = |what: &str| Error::usage(format!("{} {what}", path.display()));
    let journal = Journal::resume(path, |journal, record| {
        match record {
            Record::Header(header) => {
                let fingerprint: JobFingerprint = serde_json::from_slice(header)
                    .map_err(|_| journal_error("was written by another version"))?;
                check(&fingerprint)?;
                results = create_results.take().map(|create| create()).transpose()?;
            }
            Record::Batch(batch) => {
                unfinished.insert(batch.number, batch);
                last = Some(batch);
            }
            Record::Done(number, span) => {
                if unfinished.remove(&number).is_none() {
                    return Err(journal_error("has a finished batch that was never created"));
                }
                journal.read(JournalSpan { length: 8, ..span }, &mut outcomes)?;
                messages += message_count(&outcomes);
                reorder.add(number, span);
            }
        }
        while let Some(span) = reorder.next(u64::MAX) {
            journal.read(span, &mut outcomes)?;
            let results =
                results.as_mut().ok_or_else(|| journal_error("does not start with its job"))?;
            results.add(&outcomes, false)?;
        }
        Ok(())
    })?;
    let Some(journal) = journal else { return Ok(None) };
    let results = results.ok_or_else(|| journal_error("does not start with its job"))?;
    let mut done_bytes = 0;
    if let Some(last) = last {
        input.seek_past(&last)?;
        let unfinished_bytes: u64 = unfinished.values().map(|batch| batch.length).sum();
        done_bytes = last.offset + last.length - unfinished_bytes;
    }
    Ok(Some(JobState {
        journal,
        results,
        reorder,
        unfinished: unfinished.into_values().collect(),
        done_bytes,
        done_messages: Some(messages),
    }))
}
