//! Groups pending cases that are decided together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use athena_protocol::FailureKind;

use crate::error::Result;
use crate::pending::PendingCase;
use crate::report::{FailureArchive, places};

/// The most groups of a model before its cases are grouped by one place each.
const MOST: usize = 12;

/// Cases of one model that fail in the same places. Each case is in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaseGroup {
    /// The model's id.
    pub(super) model: String,
    /// Indices of the cases, sorted by name.
    pub(super) cases: Vec<usize>,
    /// Whether there are outcomes to accept.
    pub(super) acceptable: bool,
}

/// Model, whether it can be accepted, kind, places.
type GroupKey = (String, bool, FailureKind, BTreeSet<String>);

/// Groups cases by model and by the set of places in which they differ. If a model has too many
/// such sets, its cases are grouped by their most frequent place. Groups that can be accepted come
/// first, the largest of them first.
pub(super) fn group_cases(
    cases: &[PendingCase],
    archive: &mut FailureArchive,
) -> Result<Vec<CaseGroup>> {
    let mut sets: BTreeMap<GroupKey, Vec<usize>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        let failure = archive.get(case.position)?;
        let places = places(&failure).into_iter().map(std::borrow::Cow::into_owned).collect();
        let key = (failure.model, case.acceptable, failure.kind, places);
        sets.entry(key).or_default().push(at);
    }
    Ok(group(sets))
}

fn group(sets: BTreeMap<GroupKey, Vec<usize>>) -> Vec<CaseGroup> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut frequencies: HashMap<(String, String), usize> = HashMap::new();
    for ((model, _, _, places), cases) in &sets {
        *counts.entry(model.clone()).or_default() += 1;
        for place in places {
            *frequencies.entry((model.clone(), place.clone())).or_default() += cases.len();
        }
    }
    let mut merged: BTreeMap<GroupKey, Vec<usize>> = BTreeMap::new();
    for ((model, acceptable, kind, mut places), cases) in sets {
        if counts.get(&model).is_some_and(|count| *count > MOST) {
            let frequency =
                |place: &String| frequencies.get(&(model.clone(), place.clone())).copied();
            let most = places
                .iter()
                .max_by(|one, other| {
                    frequency(one).cmp(&frequency(other)).then_with(|| other.cmp(one))
                })
                .cloned();
            places = most.into_iter().collect();
        }
        merged.entry((model, acceptable, kind, places)).or_default().extend(cases);
    }
    let mut groups: Vec<CaseGroup> = merged
        .into_iter()
        .map(|((model, acceptable, _, _), mut cases)| {
            cases.sort_unstable();
            CaseGroup { model, cases, acceptable }
        })
        .collect();
    groups.sort_by_key(|group| (!group.acceptable, std::cmp::Reverse(group.cases.len())));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(of: &[(&str, &[&str], usize)]) -> BTreeMap<GroupKey, Vec<usize>> {
        let mut next = 0;
        let mut sets = BTreeMap::new();
        for (model, places, count) in of {
            let places = places.iter().map(|&place| place.to_owned()).collect();
            let key = ((*model).to_owned(), true, FailureKind::Differs, places);
            sets.insert(key, (next..next + count).collect());
            next += count;
        }
        sets
    }

    #[test]
    fn each_set_of_places_is_a_group_and_the_largest_comes_first() {
        let groups = group(sets(&[("m", &["/a"], 1), ("m", &["/a", "/b"], 3), ("n", &["/a"], 2)]));
        let sizes: Vec<_> =
            groups.iter().map(|group| (group.model.as_str(), group.cases.len())).collect();
        assert_eq!(sizes, [("m", 3), ("n", 2), ("m", 1)]);
    }

    #[test]
    fn a_model_with_too_many_sets_is_grouped_by_the_most_frequent_place() {
        let names: Vec<String> = (0..20).map(|at| format!("/p{at:02}")).collect();
        let pairs: Vec<[&str; 2]> = names.iter().map(|name| ["/all", name.as_str()]).collect();
        let mut given: Vec<(&str, &[&str], usize)> =
            pairs.iter().map(|pair| ("m", &pair[..], 2)).collect();
        given.push(("m", &["/alone"], 1));
        given.push(("n", &["/a"], 1));
        let groups = group(sets(&given));
        let sizes: Vec<_> = groups.iter().map(|group| group.cases.len()).collect();
        assert_eq!(sizes, [40, 1, 1]);
        let mut all: Vec<usize> = groups.into_iter().flat_map(|group| group.cases).collect();
        all.sort_unstable();
        assert_eq!(all, (0..42).collect::<Vec<_>>(), "each case is in one group");
    }

    #[test]
    fn what_can_not_be_accepted_is_apart_and_last() {
        let mut given = sets(&[("m", &["/a"], 1)]);
        let panics = BTreeSet::from(["the model panicked".to_owned()]);
        given.insert(("m".to_owned(), false, FailureKind::Failed, panics), vec![1, 2, 3]);
        let groups = group(given);
        assert!(groups[0].acceptable && !groups[1].acceptable);
    }
}
