//! Finds the cluster of a failure.

use std::collections::{BTreeSet, HashMap};

use athena_protocol::{Failure, FailureKind};

use super::{Cluster, is_acceptable, places};

/// The clusters of a report by what their cases have in common.
#[derive(Debug)]
pub(crate) struct ClusterIndex<'a>(HashMap<(&'a str, FailureKind, bool), ModelClusters>);

#[derive(Debug, Default)]
struct ModelClusters {
    /// By all their places.
    whole: HashMap<BTreeSet<String>, usize>,
    /// By the place that the cases share, the largest first.
    shared: Vec<(String, usize)>,
}

impl<'a> ClusterIndex<'a> {
    pub(crate) fn new(clusters: &'a [Cluster]) -> Self {
        let mut index: HashMap<_, ModelClusters> = HashMap::new();
        for (at, cluster) in clusters.iter().enumerate() {
            let kind = cluster.kind.unwrap_or(FailureKind::Differs);
            let key = (cluster.model.as_str(), kind, cluster.acceptable);
            let model = index.entry(key).or_default();
            if let [first, _, ..] = &cluster.places[..]
                && cluster.shares_first
            {
                model.shared.push((first.path.clone(), at));
            } else {
                let places: BTreeSet<String> = if cluster.places.is_empty() {
                    // A report of an earlier version has no pattern.
                    let has_pattern = !cluster.pattern.is_empty();
                    let pattern = if has_pattern { &cluster.pattern } else { &cluster.reason };
                    BTreeSet::from([pattern.clone()])
                } else {
                    cluster.places.iter().map(|place| place.path.clone()).collect()
                };
                // A cluster of one place may be the first place of other cases.
                if let [only] = &cluster.places[..] {
                    model.shared.push((only.path.clone(), at));
                }
                model.whole.insert(places, at);
            }
        }
        Self(index)
    }

    /// The index of a failure's cluster. `None` if the report does not have the failure.
    pub(crate) fn cluster_of(&self, failure: &Failure) -> Option<usize> {
        let key = (failure.model.as_str(), failure.kind, is_acceptable(failure));
        let model = self.0.get(&key)?;
        let places: BTreeSet<String> =
            places(failure).into_iter().map(std::borrow::Cow::into_owned).collect();
        let shared = || model.shared.iter().find(|(place, _)| places.contains(place));
        model.whole.get(&places).copied().or_else(|| shared().map(|(_, at)| *at))
    }
}
