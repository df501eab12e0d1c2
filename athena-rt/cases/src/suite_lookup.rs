//! Finds the lines of a suite by name.

use super::hash::fnv;
use super::suite::SuiteIndex;

/// The lines of a suite by the hash of their name: twelve bytes each, as a suite may have a million.
#[derive(Debug)]
pub struct SuiteLookup<'a> {
    index: &'a SuiteIndex,
    hashes: Vec<u64>,
    /// The position in the index for each hash.
    positions: Vec<u32>,
}

impl<'a> SuiteLookup<'a> {
    pub fn new(index: &'a SuiteIndex) -> Self {
        let hash = |position: &u32| fnv(index.get(*position as usize).name.bytes());
        let count = u32::try_from(index.len()).unwrap_or(u32::MAX);
        let mut positions: Vec<u32> = (0..count).collect();
        positions.sort_by_cached_key(hash);
        let hashes = positions.iter().map(hash).collect();
        Self { index, hashes, positions }
    }

    /// The position of a case in the index.
    pub fn find(&self, name: &str) -> Option<usize> {
        let hash = fnv(name.bytes());
        let first = self.hashes.partition_point(|known| *known < hash);
        let same = self.hashes[first..].iter().take_while(|known| **known == hash);
        let positions = &self.positions[first..first + same.count()];
        let found = positions.iter().find(|&&at| self.index.get(at as usize).name == name);
        found.map(|&at| at as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_line_is_found_by_its_name_and_no_other() {
        let lines = (0..1_000).map(|at| format!("{{\"model\":\"m::f\",\"case\":\"c{at}\"}}\n"));
        let text: String = lines.collect();
        let index = SuiteIndex::scan(Path::new("s.jsonl"), &text).expect("small");
        let lookup = SuiteLookup::new(&index);
        for at in 0..1_000 {
            assert_eq!(lookup.find(&format!("c{at}")), Some(at));
        }
        assert_eq!((lookup.find("c1000"), lookup.find("")), (None, None));
        let none = SuiteIndex::default();
        assert_eq!(SuiteLookup::new(&none).find("c1"), None);
    }
}
