//! The numbers of sites and mutants: each crate keeps its range from build to build, so that crates
//! that are not built again keep theirs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use athena_protocol::MAX_SITES;
use serde::{Deserialize, Serialize};

use crate::mutants::rewrite::FirstIds;

/// The smallest range.
const SMALLEST: u32 = 256;

/// The ranges of all crates, by name and hash.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ranges(BTreeMap<String, IdRange>);

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct IdRange {
    sites: (u32, u32),
    mutants: (u32, u32),
}

/// The first numbers of a crate. `None` if none are left.
///
/// # Errors
///
/// The file of the ranges can't be read or written.
pub(super) fn first_ids(
    home: &Path,
    unit: &str,
    sites: u32,
    mutants: u32,
) -> io::Result<Option<FirstIds>> {
    fs::create_dir_all(home)?;
    let lock = File::create(home.join("ranges.lock"))?;
    lock.lock()?;
    let path = home.join("ranges.json");
    let mut ranges: Ranges = match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ranges::default(),
        Err(error) => return Err(error),
    };
    let fits = |range: &&IdRange| {
        range.sites.1 - range.sites.0 >= sites && range.mutants.1 - range.mutants.0 >= mutants
    };
    let known = ranges.0.get(unit).filter(fits).copied();
    let range = if let Some(range) = known {
        range
    } else {
        let end = |of: fn(&IdRange) -> u32| ranges.0.values().map(of).max();
        let size = |count: u32| (count.saturating_mul(2)).next_power_of_two().max(SMALLEST);
        let first_site = end(|range| range.sites.1).unwrap_or(0);
        let first_mutant = end(|range| range.mutants.1).unwrap_or(1);
        let range = IdRange {
            sites: (first_site, first_site.saturating_add(size(sites))),
            mutants: (first_mutant, first_mutant.saturating_add(size(mutants))),
        };
        if range.sites.1 > MAX_SITES {
            return Ok(None);
        }
        ranges.0.insert(unit.to_owned(), range);
        let part = home.join("ranges.part");
        fs::write(&part, serde_json::to_vec(&ranges)?)?;
        fs::rename(&part, &path)?;
        range
    };
    Ok(Some(FirstIds { site: range.sites.0, mutant: range.mutants.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_keeps_its_range_until_it_does_not_fit() {
        let home = tempfile::tempdir().unwrap();
        let ids = |unit: &str, sites| first_ids(home.path(), unit, sites, 10).unwrap();
        let one = ids("one-1", 100).unwrap();
        assert_eq!(one, FirstIds { site: 0, mutant: 1 });
        let two = ids("two-1", 10).unwrap();
        assert_eq!(two, FirstIds { site: 256, mutant: 257 });
        assert_eq!(ids("one-1", 256), Some(one));
        let moved = ids("one-1", 300).unwrap();
        assert_eq!(moved.site, 512);
        assert_eq!(ids("large-1", MAX_SITES), None);
    }
}
