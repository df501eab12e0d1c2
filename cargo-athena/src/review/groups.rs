//! The clusters of a review: those of the report, with the cases that are still to be decided on.

use std::collections::BTreeMap;

use crate::pending::PendingCase;

/// Cases of one cluster. Each case is in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaseGroup {
    /// The index of the cluster in the report.
    pub(super) cluster: usize,
    /// Indices of the cases, sorted by name.
    pub(super) cases: Vec<usize>,
    /// Whether there are outcomes to accept.
    pub(super) acceptable: bool,
}

/// Groups cases by their cluster. Groups that can be accepted come first, the largest of them first.
pub(super) fn group_cases(cases: &[PendingCase]) -> Vec<CaseGroup> {
    let mut groups: BTreeMap<usize, CaseGroup> = BTreeMap::new();
    for (at, PendingCase { cluster, acceptable, .. }) in cases.iter().enumerate() {
        let group = CaseGroup { cluster: *cluster, cases: Vec::new(), acceptable: *acceptable };
        groups.entry(*cluster).or_insert(group).cases.push(at);
    }
    let mut groups: Vec<CaseGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| (!group.acceptable, std::cmp::Reverse(group.cases.len())));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FailurePosition;

    fn case(cluster: usize, acceptable: bool) -> PendingCase {
        let position = FailurePosition::default();
        PendingCase {
            name: String::new(),
            label: None,
            fingerprint: String::new(),
            acceptable,
            cluster,
            position,
        }
    }

    #[test]
    fn what_can_not_be_accepted_is_last_and_the_largest_cluster_first() {
        let cases = [case(0, false), case(1, true), case(0, false), case(2, true), case(2, true)];
        let groups = group_cases(&cases);
        let shown: Vec<_> = groups.iter().map(|one| (one.cluster, &one.cases[..])).collect();
        assert_eq!(shown, [(2, &[3, 4][..]), (1, &[1]), (0, &[0, 2])]);
    }
}
