//! Cases that are the same call, found by hash: 16 bytes per case.

use athena_protocol::collect::sort_by;
use athena_protocol::{Finding, Group, MAX_DUPLICATE_GROUPS, MAX_DUPLICATE_NAMES};

/// The hash of a call, and its case: a source and an index in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallKey {
    pub(super) hash: u64,
    pub(super) source: u32,
    pub(super) index: u32,
}

/// The groups of cases that are the same call; `None` if all calls differ.
pub(super) fn find(
    model: &str,
    mut calls: Vec<CallKey>,
    name: impl Fn(CallKey) -> String,
) -> Option<Finding> {
    calls.sort_unstable();
    let mut groups: Vec<&[CallKey]> =
        calls.chunk_by(|a, b| a.hash == b.hash).filter(|group| group.len() > 1).collect();
    if groups.is_empty() {
        return None;
    }
    let surplus = groups.iter().map(|group| group.len() as u64 - 1).sum();
    let place = |group: &[CallKey]| (group[0].source, group[0].index);
    sort_by(&mut groups, |a, b| b.len().cmp(&a.len()).then(place(a).cmp(&place(b))));
    let named = groups.iter().take(MAX_DUPLICATE_GROUPS).map(|group| Group {
        cases: group.iter().take(MAX_DUPLICATE_NAMES).map(|call| name(*call)).collect(),
        left_out: group.len().saturating_sub(MAX_DUPLICATE_NAMES) as u64,
    });
    Some(Finding::Duplicates {
        model: model.to_owned(),
        left_out: groups.len().saturating_sub(MAX_DUPLICATE_GROUPS) as u64,
        groups: named.collect(),
        surplus,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(hashes: impl IntoIterator<Item = u64>) -> Vec<CallKey> {
        let call = |(index, hash)| CallKey { hash, source: 0, index };
        (0..).zip(hashes).map(call).collect()
    }

    #[test]
    fn cases_alike_are_named_in_groups_the_largest_first() {
        let name = |call: CallKey| call.index.to_string();
        assert_eq!(find("m", calls([3, 1, 2]), name), None);
        let found = find("m", calls([7, 5, 1, 5, 7, 7]), name);
        let group = |names: &[&str]| Group {
            cases: names.iter().map(|name| (*name).to_owned()).collect(),
            left_out: 0,
        };
        let groups = vec![group(&["0", "4", "5"]), group(&["1", "3"])];
        let wanted = Finding::Duplicates { model: "m".into(), groups, left_out: 0, surplus: 3 };
        assert_eq!(found, Some(wanted));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let twice = calls((0..200).map(|at| at / 2));
        let many = calls((0..200).map(|_| 1));
        let name = |call: CallKey| call.index.to_string();
        let Some(Finding::Duplicates { groups, left_out, surplus, .. }) = find("m", twice, name)
        else {
            panic!("none found")
        };
        assert_eq!((groups.len(), left_out, surplus), (50, 50, 100));
        let Some(Finding::Duplicates { groups, .. }) = find("m", many, name) else {
            panic!("none found")
        };
        assert_eq!((groups[0].cases.len(), groups[0].left_out), (10, 190));
    }
}
