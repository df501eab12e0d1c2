//! The files of outcomes and rejects. They are written under temporary names and renamed when the
//! job is done. The [`ReorderBuffer`] says which batch is written next.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::journal::{JournalSpan, RESUME_HELP, sync_folder};
use super::wire::EncodedOutcomes;
use athena_core::error::{Error, Result};
use athena_engine::local::StreamSummary;
use athena_engine::rejects::Rejects;
use athena_protocol::files::{keep_attributes, resolve};

/// The number of batches that may be done or in flight ahead of the first that is not done. Each
/// takes a few numbers of memory, since its outcomes are in the journal.
const WINDOW: u64 = 1 << 18;

pub(super) struct Results {
    model: String,
    path: PathBuf,
    out: BufWriter<File>,
    rejects: Option<PathBuf>,
    reject_writer: Rejects,
    streamed: StreamSummary,
}

impl Results {
    pub(super) fn create(model: &str, path: &Path, rejects: Option<&Path>) -> Result<Self> {
        // A symbolic link stays: the file it leads to is replaced.
        let (path, rejects) = (resolve(path), rejects.map(resolve));
        let partial = partial_path(&path);
        let out = File::create(&partial).map_err(|error| Error::io("write", &partial, &error))?;
        let partial_rejects = rejects.as_deref().map(partial_path);
        Ok(Self {
            model: model.to_owned(),
            path,
            out: BufWriter::with_capacity(1 << 20, out),
            rejects,
            reject_writer: Rejects::open(partial_rejects.as_deref())?,
            streamed: StreamSummary::default(),
        })
    }

    /// Appends the outcomes of a batch. `is_new` is false for a batch of an earlier attempt.
    pub(super) fn add(&mut self, outcomes: &[u8], is_new: bool) -> Result<()> {
        let unreadable = || Error::failure("the journal has unreadable outcomes");
        let outcomes = EncodedOutcomes::read(outcomes).ok_or_else(unreadable)?;
        let rejects = outcomes.rejects().ok_or_else(unreadable)?;
        self.streamed.messages += outcomes.messages;
        self.streamed.rejected += rejects.len() as u64;
        // The earlier attempt has printed its rejects, if they go to stderr.
        if is_new || self.rejects.is_some() {
            for reject in &rejects {
                self.reject_writer.add(&self.model, reject)?;
            }
        }
        let written = self.out.write_all(outcomes.out);
        written.map_err(|error| self.write_error(&error))
    }

    /// The numbers of messages and rejects so far.
    pub(super) fn streamed(&self) -> StreamSummary {
        self.streamed
    }

    /// Completes the files and gives them their final names.
    pub(super) fn finish(mut self) -> Result<StreamSummary> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .map_err(|error| self.write_error(&error))?;
        self.reject_writer.flush()?;
        if let Some(path) = &self.rejects {
            rename(path)?;
        }
        rename(&self.path)?;
        Ok(self.streamed)
    }

    fn write_error(&self, error: &io::Error) -> Error {
        Error::failure(format!("can't write {}: {error}", partial_path(&self.path).display()))
            .help(RESUME_HELP)
    }
}

/// The name of a file until the job is done.
pub(super) fn partial_path(path: &Path) -> PathBuf {
    path.with_added_extension("partial")
}

fn rename(path: &Path) -> Result<()> {
    let partial = partial_path(path);
    if let (Ok(old), Ok(new)) = (std::fs::metadata(path), File::open(&partial)) {
        keep_attributes(&old, &new).map_err(|error| Error::io("write", path, &error))?;
    }
    std::fs::rename(&partial, path).map_err(|error| Error::io("write", path, &error))?;
    sync_folder(path);
    Ok(())
}

/// The batches that are done and not yet written, to be written in the order of the input, or as they
/// are done.
#[derive(Debug)]
pub(super) struct ReorderBuffer {
    is_ordered: bool,
    /// By number, or by the order in which they were done.
    done: BTreeMap<u64, JournalSpan>,
    /// The key of the batch that is written next.
    next: u64,
    /// The number of batches that were added.
    count: u64,
}

impl ReorderBuffer {
    pub(super) fn new(is_ordered: bool) -> Self {
        Self { is_ordered, done: BTreeMap::new(), next: 0, count: 0 }
    }

    /// Whether the batch with this number may be sent to a worker.
    pub(super) fn has_room(&self, number: u64) -> bool {
        !self.is_ordered || number < self.next + WINDOW
    }

    /// Adds a batch that is done.
    pub(super) fn add(&mut self, number: u64, span: JournalSpan) {
        let key = if self.is_ordered { number } else { self.count };
        self.done.insert(key, span);
        self.count += 1;
    }

    /// Removes the batch that is written next. Returns `None` if it is not done, or if its end in the
    /// journal is beyond `durable`, the length that is on disk.
    pub(super) fn next(&mut self, durable: u64) -> Option<JournalSpan> {
        let first = self.done.first_entry()?;
        if *first.key() != self.next || first.get().end() > durable {
            return None;
        }
        self.next += 1;
        Some(first.remove())
    }

    /// Whether every added batch was removed.
    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(at: u64) -> JournalSpan {
        JournalSpan { offset: at * 10, length: 10 }
    }

    #[test]
    fn batches_are_written_in_order_once_they_are_durable() {
        let mut reorder = ReorderBuffer::new(true);
        reorder.add(1, span(0));
        assert_eq!(reorder.next(u64::MAX), None);
        reorder.add(0, span(1));
        assert_eq!(reorder.next(19), None);
        assert_eq!(reorder.next(20), Some(span(1)));
        assert_eq!(reorder.next(20), Some(span(0)));
        assert_eq!(reorder.next(20), None);
        assert!(reorder.is_empty());
    }

    #[test]
    fn unordered_batches_are_written_as_they_are_done() {
        let mut reorder = ReorderBuffer::new(false);
        reorder.add(7, span(0));
        reorder.add(3, span(1));
        assert_eq!(reorder.next(15), Some(span(0)));
        assert_eq!(reorder.next(15), None);
        assert!(reorder.has_room(u64::MAX));
    }

    #[test]
    fn a_batch_too_far_ahead_waits_for_the_first() {
        let mut reorder = ReorderBuffer::new(true);
        assert!(reorder.has_room(WINDOW - 1) && !reorder.has_room(WINDOW));
        reorder.add(0, span(0));
        reorder.next(u64::MAX);
        assert!(reorder.has_room(WINDOW));
    }
}
