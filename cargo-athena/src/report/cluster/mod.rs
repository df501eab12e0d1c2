//! Groups failures by what changed, so that each cause is read once and decided on once.
//!
//! A cluster is the cases of one model that fail in the same way: outcomes that differ at the same set
//! of paths, or one reason. Each failing case is in exactly one cluster, so the numbers of all clusters
//! add up to the number of failures, and a cluster can be accepted as a whole. A model with very many
//! sets of paths is grouped by its most frequent paths instead.
//!
//! [`group`] forms the clusters of a run. They are stored in the report, and whoever needs the cluster
//! of a failure looks it up with [`ClusterIndex`]: `review`, `accept --cluster` and all forms of the
//! report have the same clusters.

mod change;
mod group;
mod index;
mod reason;

use std::borrow::Cow;
use std::collections::BTreeSet;

use athena_protocol::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

#[cfg(test)]
pub(crate) use self::change::Transition;
pub(crate) use self::change::{ChangedPlace, NumberChange};
pub(crate) use self::group::Clusters;
pub(crate) use self::index::ClusterIndex;
use self::reason::pattern;
use crate::display::{hex, labelled, plural};

/// The most paths in a title.
const TITLE: usize = 2;

/// Failing cases with the same change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cluster {
    /// The cluster's name in `--cluster`: the same in every run in which the same places differ.
    pub(crate) id: String,
    pub(crate) model: String,
    /// The kind of failure. `None` for a difference.
    pub(crate) kind: Option<FailureKind>,
    /// Whether the cases have outcomes that can be accepted.
    pub(crate) acceptable: bool,
    /// The places of the differences, in the order in which the type declares them. Empty if there is
    /// a reason.
    pub(crate) places: Vec<ChangedPlace>,
    /// Whether the cases share the first place only, and the other places are those of some of them.
    pub(crate) shares_first: bool,
    /// The reason of a failure that is not a difference, with `#` for words in which cases differ.
    pub(crate) reason: String,
    /// What the reasons of all its cases are, without their values. Empty if there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) pattern: String,
    /// The number of cases.
    pub(crate) cases: u64,
    /// The name of one of the cases: the one that differs in the fewest places.
    pub(crate) example: String,
    /// The label of that case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    #[serde(skip)]
    pub(crate) exemplar: Option<Box<Failure>>,
}

impl Cluster {
    /// What changed: `/energy`, `/energy, /level and 2 more places`, `(all of it)`, `panicked: ..`.
    pub(crate) fn title(&self) -> String {
        if self.places.is_empty() {
            return self.reason.clone();
        }
        let most = if self.shares_first { 1 } else { TITLE };
        let names: Vec<&str> = self.places.iter().take(most).map(ChangedPlace::name).collect();
        let more = self.places.len().saturating_sub(most);
        match more {
            0 => names.join(", "),
            _ if self.shares_first => format!("{} and other places", names.join(", ")),
            more => format!("{} and {}", names.join(", "), plural(more, "more place")),
        }
    }

    /// By how much, if one place differs.
    pub(crate) fn by(&self) -> String {
        match &self.places[..] {
            [place] => place.by(),
            _ => String::new(),
        }
    }

    /// The example without its model's id, with its label.
    pub(crate) fn example(&self) -> String {
        let rest = self.example.strip_prefix(&self.model);
        let name = rest.and_then(|rest| rest.strip_prefix("::")).unwrap_or(&self.example);
        labelled(name, self.label.as_deref())
    }

    /// What the command does: `accept it`, `accept all 40`.
    pub(crate) fn accepts(&self) -> String {
        match self.cases {
            1 => "accept it".to_owned(),
            cases => format!("accept all {cases}"),
        }
    }

    /// The command that accepts the new outcomes of all cases. `None` if there are none.
    pub(crate) fn accept_command(&self) -> Option<String> {
        self.acceptable.then(|| format!("cargo athena accept --cluster {}", self.id))
    }
}

/// The places of a failure: the paths that differ, otherwise its reason.
pub(crate) fn places(failure: &Failure) -> BTreeSet<Cow<'_, str>> {
    if failure.differences.is_empty() {
        return BTreeSet::from([Cow::Owned(pattern(failure))]);
    }
    failure.differences.iter().map(|difference| difference.path.as_str().into()).collect()
}

/// Whether a failure has an outcome that can be accepted.
pub(crate) fn is_acceptable(failure: &Failure) -> bool {
    failure.kind == FailureKind::Differs && !failure.digest.is_empty()
}

/// The name of a cluster.
fn id<'p>(model: &str, kind: FailureKind, places: impl Iterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{model}\0{kind:?}"));
    for place in places {
        hasher.update(format!("\0{place}"));
    }
    hex(&hasher.finalize()[..4])
}

#[cfg(test)]
mod tests;
