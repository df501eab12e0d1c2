//! A change of a transaction.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::rewrite::Rewritten;
use super::stored::StoredContent;

/// A file that is written or removed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileChange {
    pub(super) path: PathBuf,
    /// The content that it must still have; none if it must not exist.
    pub(super) old: Option<Content>,
    /// None if it is removed.
    pub(super) new: Option<NewContent>,
    /// The file whose mode a new file has.
    pub(super) like: Option<PathBuf>,
}

/// What a file is to contain.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum NewContent {
    Text(String),
    Rewritten(Rewritten),
    Stored(StoredContent),
}

impl FileChange {
    /// What the file is to contain; none if it is removed.
    pub(super) fn content(&self) -> Option<Content> {
        self.new.as_ref().map(|new| match new {
            NewContent::Text(text) => Content::of(text.as_bytes()),
            NewContent::Rewritten(file) => file.new,
            NewContent::Stored(stored) => stored.content,
        })
    }
}
