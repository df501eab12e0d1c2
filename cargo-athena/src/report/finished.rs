//! A finished report for the writers of other formats. Its failures are streamed from the file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use athena_protocol::{Failure, FailureKind};

use super::{Cluster, Report, StoredFailures, places, read, without_numbers};
use crate::error::{Error, Result};

/// A report and its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FinishedReport<'a> {
    pub(crate) report: &'a Report,
    pub(crate) path: &'a Path,
}

impl FinishedReport<'_> {
    /// Reads the failures one by one.
    pub(super) fn failures(&self) -> Result<StoredFailures> {
        match read(self.path)? {
            Some((_, failures)) => Ok(failures),
            None => Err(Error::usage(format!("the report {} is gone", self.path.display()))),
        }
    }

    /// The examples of the first clusters, by name. The file is searched only if the report was
    /// read back.
    pub(super) fn examples(&self, most: usize) -> Result<HashMap<&str, Failure>> {
        let clusters = &self.report.clusters[..most.min(self.report.clusters.len())];
        let known = |cluster: &Cluster| cluster.exemplar.as_deref().cloned();
        let mut examples: HashMap<&str, Failure> = clusters
            .iter()
            .filter_map(|cluster| Some((cluster.example.as_str(), known(cluster)?)))
            .collect();
        let wanted: HashSet<&str> = clusters
            .iter()
            .filter(|cluster| !examples.contains_key(cluster.example.as_str()))
            .map(|cluster| cluster.example.as_str())
            .collect();
        if wanted.is_empty() {
            return Ok(examples);
        }
        for failure in self.failures()? {
            let failure = failure?;
            if let Some(name) = wanted.get(failure.name.as_str()) {
                examples.insert(name, failure);
            }
        }
        Ok(examples)
    }

    /// An index of the clusters.
    pub(super) fn clusters(&self) -> ClusterIndex<'_> {
        let kind = |cluster: &Cluster| cluster.kind.unwrap_or(FailureKind::Differs);
        let mut index: HashMap<_, HashMap<_, _>> = HashMap::new();
        for (at, cluster) in self.report.clusters.iter().enumerate() {
            let place = match cluster.reason.as_str() {
                "" => cluster.path.clone(),
                reason => without_numbers(reason),
            };
            let places = index.entry((cluster.model.as_str(), kind(cluster))).or_default();
            places.insert(place, at);
        }
        ClusterIndex(index)
    }
}

/// Finds the clusters of a failure.
pub(super) struct ClusterIndex<'a>(HashMap<(&'a str, FailureKind), HashMap<String, usize>>);

impl ClusterIndex<'_> {
    /// The indices of a failure's clusters.
    pub(super) fn clusters_of(&self, failure: &Failure) -> Vec<usize> {
        let Some(known) = self.0.get(&(failure.model.as_str(), failure.kind)) else {
            return Vec::new();
        };
        places(failure).iter().filter_map(|place| known.get(place.as_ref()).copied()).collect()
    }
}
