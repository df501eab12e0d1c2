//! Which envelopes were seen, for brokers that know no ids.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// The ids that were seen, as hashes of 128 bits: 16 bytes of memory each, or a little more.
#[derive(Default)]
pub(crate) struct SeenIds {
    hashers: [RandomState; 2],
    seen: HashSet<[u64; 2]>,
}

impl SeenIds {
    /// Whether an id was not seen before.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        self.seen.insert(self.hashers.each_ref().map(|hasher| hasher.hash_one(id)))
    }
}
