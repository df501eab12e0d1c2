//! Forms clusters from failures, one failure at a time.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use athena_protocol::{Difference, Failure, FailureKind};

use super::change::OpenPlace;
use super::reason::common as common_reason;
use super::{Cluster, id, is_acceptable, places};

/// The most sets of places of a model. If there are more, cases are grouped by their most frequent place.
const SETS: usize = 12;

/// The most distinct changes of one value into another that are stored.
const TRANSITIONS: usize = 100_000;

/// The most places of a cluster whose cases share the first one only.
const PLACES: usize = 64;

/// Groups failures one by one.
#[derive(Debug)]
pub(crate) struct Clusters {
    models: BTreeMap<ModelKey, BTreeMap<BTreeSet<String>, OpenCluster>>,
    /// The number of changes of values that may still be stored.
    room: usize,
}

/// Model, kind of failure, whether there are outcomes to accept.
type ModelKey = (String, FailureKind, bool);

#[derive(Debug, Default)]
struct OpenCluster {
    cases: u64,
    /// In the order in which they were found.
    places: Vec<(String, OpenPlace)>,
    shares_first: bool,
    /// What the first lines of the reasons have in common.
    reason: String,
    /// The number of differences and the name of the example.
    example: Option<(usize, usize, String, Option<String>)>,
}

impl Default for Clusters {
    fn default() -> Self {
        Self { models: BTreeMap::new(), room: TRANSITIONS }
    }
}

impl Clusters {
    /// Adds a failure.
    pub(crate) fn add(&mut self, failure: &Failure) {
        let key = (failure.model.clone(), failure.kind, is_acceptable(failure));
        let set = places(failure).into_iter().map(Cow::into_owned).collect();
        let sets = self.models.entry(key).or_default();
        sets.entry(set).or_default().count(failure, &mut self.room);
    }

    /// The clusters, the largest first.
    pub(crate) fn finish(self) -> Vec<Cluster> {
        let mut clusters: Vec<Cluster> = Vec::new();
        for (key, sets) in self.models {
            let sets = if sets.len() > SETS { by_frequency(sets) } else { sets };
            let closed = sets.into_iter().map(|(set, open)| open.close(&key, &set));
            clusters.extend(closed);
        }
        let order = |one: &Cluster| {
            let first = one.places.first().map(|place| place.path.clone());
            (Reverse(one.cases), one.model.clone(), first, one.id.clone())
        };
        clusters.sort_by_cached_key(order);
        clusters
    }

    /// All failures as one cluster. `None` if there are none, or if they are of several models or kinds.
    pub(crate) fn finish_as_one(self) -> Option<Cluster> {
        let mut models = self.models.into_iter();
        let (Some((key, sets)), None) = (models.next(), models.next()) else { return None };
        let is_one = sets.len() == 1;
        let set =
            if is_one { sets.keys().next().cloned().unwrap_or_default() } else { common(&sets) };
        let open = sets.into_values().reduce(OpenCluster::merge)?;
        Some(OpenCluster { shares_first: !is_one, ..open }.close(&key, &set))
    }
}

/// The most frequent place of all failures.
fn common(sets: &BTreeMap<BTreeSet<String>, OpenCluster>) -> BTreeSet<String> {
    let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
    for (set, open) in sets {
        for place in set {
            *counts.entry(place).or_default() += open.cases;
        }
    }
    let most = counts.into_iter().max_by_key(|(place, count)| (*count, Reverse(*place)));
    most.map(|(place, _)| place.clone()).into_iter().collect()
}

/// Merges the sets that have the most frequent place in common, then those of the rest, and so on. So the
/// cluster of a failure is the largest one whose first place it has.
fn by_frequency(
    sets: BTreeMap<BTreeSet<String>, OpenCluster>,
) -> BTreeMap<BTreeSet<String>, OpenCluster> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    let mut with: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (set, open)) in sets.iter().enumerate() {
        for place in set {
            *counts.entry(place).or_default() += open.cases;
            with.entry(place).or_default().push(at);
        }
    }
    let keys: Vec<&BTreeSet<String>> = sets.keys().collect();
    let sizes: Vec<u64> = sets.values().map(|open| open.cases).collect();
    let mut leads: Vec<Option<String>> = vec![None; keys.len()];
    let mut queue: BinaryHeap<(u64, Reverse<&str>)> =
        counts.iter().map(|(place, count)| (*count, Reverse(*place))).collect();
    while let Some((count, Reverse(place))) = queue.pop() {
        let now = counts.get(place).copied().unwrap_or_default();
        if now == 0 {
            continue;
        }
        if now != count {
            // Some of its cases are in a larger cluster.
            queue.push((now, Reverse(place)));
            continue;
        }
        for &at in with.get(place).into_iter().flatten() {
            if leads[at].is_none() {
                leads[at] = Some(place.to_owned());
                for other in keys[at] {
                    if let Some(count) = counts.get_mut(other.as_str()) {
                        *count -= sizes[at];
                    }
                }
            }
        }
    }
    let mut merged: BTreeMap<BTreeSet<String>, OpenCluster> = BTreeMap::new();
    for (lead, (set, open)) in leads.into_iter().zip(sets) {
        let is_alone = set.len() == 1;
        let lead = lead.map_or(set, |lead| BTreeSet::from([lead]));
        let open = OpenCluster { shares_first: !is_alone, ..open };
        let known = merged.remove(&lead);
        let open = match known {
            Some(known) => known.merge(open),
            None => open,
        };
        merged.insert(lead, open);
    }
    merged
}

impl OpenCluster {
    fn count(&mut self, failure: &Failure, room: &mut usize) {
        let first_line = failure.reason.lines().next().unwrap_or_default();
        if self.cases == 0 {
            first_line.clone_into(&mut self.reason);
        } else if self.reason != first_line {
            self.reason = common_reason(&self.reason, first_line);
        }
        self.cases += 1;
        let mut seen: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
        for difference in &failure.differences {
            let path = difference.path.as_str();
            let known = seen.entry(path).or_default();
            if known.is_empty() && !self.places.iter().any(|(place, _)| place == path) {
                self.places.push((path.to_owned(), OpenPlace::default()));
            }
            known.push(difference);
        }
        for (path, open) in &mut self.places {
            if let Some(differences) = seen.get(path.as_str()) {
                open.count(differences.iter().copied(), room);
            }
        }
        let name = failure.name.as_str();
        let rank = (failure.differences.len(), name.len(), name, failure.label.as_deref());
        let is_better = self.example.as_ref().is_none_or(|(places, length, name, label)| {
            rank < (*places, *length, name.as_str(), label.as_deref())
        });
        if is_better {
            self.example = Some((rank.0, rank.1, name.to_owned(), failure.label.clone()));
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.cases += other.cases;
        self.reason = common_reason(&self.reason, &other.reason);
        self.shares_first |= other.shares_first;
        for (path, open) in other.places {
            match self.places.iter_mut().find(|(known, _)| *known == path) {
                Some((_, known)) => known.merge(open),
                None => self.places.push((path, open)),
            }
        }
        let examples = [self.example.take(), other.example];
        self.example = examples.into_iter().flatten().min();
        self
    }

    fn close(mut self, (model, kind, acceptable): &ModelKey, set: &BTreeSet<String>) -> Cluster {
        // The place that all cases have comes first, then the most frequent ones.
        if self.shares_first {
            let order = |(path, open): &(String, OpenPlace)| {
                (!set.contains(path), Reverse(open.cases), path.clone())
            };
            self.places.sort_by_cached_key(order);
            self.places.truncate(PLACES);
        }
        let (reason, pattern) = match &self.places[..] {
            [] => (self.reason, set.iter().next().cloned().unwrap_or_default()),
            _ => <(String, String)>::default(),
        };
        let shares_first = self.shares_first && self.places.len() > 1;
        let (example, label) =
            self.example.map(|(_, _, name, label)| (name, label)).unwrap_or_default();
        let lead = shares_first.then_some("and others");
        Cluster {
            id: id(model, *kind, set.iter().map(String::as_str).chain(lead)),
            model: model.clone(),
            kind: (*kind != FailureKind::Differs).then_some(*kind),
            acceptable: *acceptable,
            places: self.places.into_iter().map(|(path, open)| open.close(path)).collect(),
            shares_first,
            reason,
            pattern,
            cases: self.cases,
            example,
            label,
            exemplar: None,
        }
    }
}
