//! The content of a file by its length and hash: a suite may be larger than memory should be.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::blocks::{buffered, each_block};

/// Two files with the same length and hash have the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    length: u64,
    /// FNV-1a, which is the same in every version.
    pub(super) hash: u64,
}

impl Content {
    /// Nothing so far.
    pub(super) const EMPTY: Self = Self { length: 0, hash: 0xcbf2_9ce4_8422_2325 };

    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut content = Self::EMPTY;
        content.extend(bytes);
        content
    }

    /// The content of a file. `None` if it does not exist.
    pub(super) fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut reader = match buffered(path) {
            Ok(reader) => reader,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut content = Self::EMPTY;
        each_block(&mut reader, u64::MAX, |block| {
            content.extend(block);
            Ok(())
        })?;
        Ok(Some(content))
    }

    pub(super) fn is_of_length(self, length: u64) -> bool {
        self.length == length
    }

    /// Adds what follows.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.hash = bytes.iter().fold(self.hash, |hash, byte| step(hash, *byte));
        self.length += bytes.len() as u64;
    }

    /// Adds the same to two contents, which takes as long as to one of them.
    pub(super) fn extend_both(one: &mut Self, other: &mut Self, bytes: &[u8]) {
        (one.hash, other.hash) = bytes.iter().fold((one.hash, other.hash), |(one, other), byte| {
            (step(one, *byte), step(other, *byte))
        });
        one.length += bytes.len() as u64;
        other.length += bytes.len() as u64;
    }
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}
