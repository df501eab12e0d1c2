//! A finished report for the writers of other formats. Its failures are streamed from the file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use athena_protocol::Failure;

use super::read::read_failures;
use super::{Cluster, Report, StoredFailures};
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
        read_failures(self.path)?
            .ok_or_else(|| Error::usage(format!("the report {} is gone", self.path.display())))
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
}
