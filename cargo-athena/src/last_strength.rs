//! The figures of the last `cargo athena strength` of a workspace, which other commands link to.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What one package's cases caught, and the page that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastStrength {
    pub(crate) package: String,
    pub(crate) caught: usize,
    /// All mutants of the package that were examined.
    pub(crate) mutants: usize,
    pub(crate) page: PathBuf,
}

impl LastStrength {
    /// The figures of each package; none if the command did not run yet.
    pub(crate) fn read(artifacts: &Path) -> Vec<Self> {
        let text = fs::read(file(artifacts)).unwrap_or_default();
        let all: Vec<Self> = serde_json::from_slice(&text).unwrap_or_default();
        all.into_iter().filter(|one| one.page.is_file()).collect()
    }

    /// `strsim: 333 of 358 mutants caught`
    pub(crate) fn to_line(&self) -> String {
        format!("{}: {} of {} mutants caught", self.package, self.caught, self.mutants)
    }

    /// The page of a package.
    pub(crate) fn page(artifacts: &Path, package: &str) -> PathBuf {
        artifacts.join("strength/pages").join(format!("{package}.html"))
    }
}

/// The file in which the figures are kept.
pub(crate) fn file(artifacts: &Path) -> PathBuf {
    artifacts.join("strength/last.json")
}
