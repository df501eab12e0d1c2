//! Forms clusters from failures, one failure at a time.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use athena_protocol::{Failure, FailureKind};

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
    models: BTreeMap<ModelKey, OpenSets>,
    clusters: Vec<OpenCluster>,
    /// The clusters of failures like those that have come before.
    known: HashMap<u64, Known>,
    hasher: RandomState,
    /// The number of changes of values that may still be stored.
    room: usize,
}

/// Model, kind of failure, whether there are outcomes to accept.
type ModelKey = (String, FailureKind, bool);

/// The sets of places of a model, with their clusters by index.
type OpenSets = BTreeMap<BTreeSet<String>, usize>;

/// What failures of a cluster have in common: model, kind and the paths of their differences, in order.
#[derive(Debug)]
struct Known {
    key: ModelKey,
    paths: Vec<String>,
    cluster: usize,
    /// For each place of the cluster that has differences, those of them, in the order of the places.
    by_place: Vec<(usize, Vec<usize>)>,
}

impl Known {
    fn is_like(&self, failure: &Failure) -> bool {
        let (model, kind, acceptable) = &self.key;
        *model == failure.model
            && *kind == failure.kind
            && *acceptable == is_acceptable(failure)
            && self.paths.len() == failure.differences.len()
            && self.paths.iter().zip(&failure.differences).all(|(path, one)| *path == one.path)
    }
}

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
        Self {
            models: BTreeMap::new(),
            clusters: Vec::new(),
            known: HashMap::new(),
            hasher: RandomState::new(),
            room: TRANSITIONS,
        }
    }
}

impl Clusters {
    /// Adds a failure.
    pub(crate) fn add(&mut self, failure: &Failure) {
        if failure.differences.is_empty() {
            let cluster = self.find(failure);
            self.clusters[cluster].count(failure, &[], &mut self.room);
            return;
        }
        // A hundred thousand failures mostly are of a few kinds, of which each is looked up once.
        let mut hasher = self.hasher.build_hasher();
        failure.model.hash(&mut hasher);
        failure.differences.iter().for_each(|one| one.path.hash(&mut hasher));
        let hash = hasher.finish();
        if !self.known.get(&hash).is_some_and(|known| known.is_like(failure)) {
            let known = self.look_up(failure);
            self.known.insert(hash, known);
        }
        if let Some(Known { cluster, by_place, .. }) = self.known.get(&hash) {
            self.clusters[*cluster].count(failure, by_place, &mut self.room);
        }
    }

    fn look_up(&mut self, failure: &Failure) -> Known {
        let cluster = self.find(failure);
        let places = &mut self.clusters[cluster].places;
        let mut by_place: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, difference) in failure.differences.iter().enumerate() {
            let known = places.iter().position(|(path, _)| *path == difference.path);
            let place = known.unwrap_or_else(|| {
                places.push((difference.path.clone(), OpenPlace::default()));
                places.len() - 1
            });
            by_place.entry(place).or_default().push(at);
        }
        Known {
            key: (failure.model.clone(), failure.kind, is_acceptable(failure)),
            paths: failure.differences.iter().map(|one| one.path.clone()).collect(),
            cluster,
            by_place: by_place.into_iter().collect(),
        }
    }

    /// The cluster of a failure.
    fn find(&mut self, failure: &Failure) -> usize {
        let key = (failure.model.clone(), failure.kind, is_acceptable(failure));
        let set = places(failure).into_iter().map(Cow::into_owned).collect();
        *self.models.entry(key).or_default().entry(set).or_insert_with(|| {
            self.clusters.push(OpenCluster::default());
            self.clusters.len() - 1
        })
    }

    /// The clusters of each model, by their sets of places.
    fn into_sets(
        self,
    ) -> impl Iterator<Item = (ModelKey, BTreeMap<BTreeSet<String>, OpenCluster>)> {
        let mut clusters = self.clusters;
        self.models.into_iter().map(move |(key, sets)| {
            let open = sets.into_iter().map(|(set, at)| (set, std::mem::take(&mut clusters[at])));
            (key, open.collect())
        })
    }

    /// The clusters, the largest first.
    pub(crate) fn finish(self) -> Vec<Cluster> {
        let mut clusters: Vec<Cluster> = Vec::new();
        for (key, sets) in self.into_sets() {
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
        let mut models = self.into_sets();
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
    /// Counts a failure, with its differences at each place by index.
    fn count(&mut self, failure: &Failure, by_place: &[(usize, Vec<usize>)], room: &mut usize) {
        let first_line = failure.reason.lines().next().unwrap_or_default();
        if self.cases == 0 {
            first_line.clone_into(&mut self.reason);
        } else if self.reason != first_line {
            self.reason = common_reason(&self.reason, first_line);
        }
        self.cases += 1;
        for (place, differences) in by_place {
            let (_, open) = &mut self.places[*place];
            open.count(differences.iter().map(|&at| &failure.differences[at]), room);
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
