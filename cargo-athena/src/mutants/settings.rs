//! What `cargo athena strength` hands to itself as the compiler's wrapper.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The variable that names the file of the settings.
pub(crate) const SETTINGS_VARIABLE: &str = "ATHENA_REWRITE";

/// The start of the name under which the wrapper is called.
pub(crate) const WRAPPER_NAME: &str = "athena-rustc-";

/// The name of the file that says why nothing of a crate is switched, beside the one that describes the crate.
pub(crate) const FAILURE_FILE: &str = "failure.json";

/// Why nothing of a crate is switched: it is compiled as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RewriteFailure {
    pub(crate) reason: String,
}

/// The settings of the wrapper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrapperSettings {
    /// The folder for rewritten sources and the switch.
    pub(crate) home: PathBuf,
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// A folder that all packages are in.
    pub(crate) base: PathBuf,
    /// Folders that are not linked into a tree: what is built.
    pub(crate) hidden: Vec<PathBuf>,
    /// The packages to rewrite: the folder of each, and its name.
    pub(crate) packages: BTreeMap<PathBuf, String>,
    pub(crate) mutate_effects: bool,
    /// The user's wrapper of all packages (`RUSTC_WRAPPER`), which is called by this one: a cache such as
    /// sccache then sees what is compiled, and not this program in place of the compiler.
    pub(crate) outer: Option<PathBuf>,
    /// The user's wrapper of the workspace's packages, which is called by the one before.
    pub(crate) inner: Option<PathBuf>,
    /// The file that names the mutant to build in place of all.
    pub(crate) single: Option<PathBuf>,
}

impl WrapperSettings {
    /// The file that describes a rewritten crate.
    pub(crate) fn sites_file(&self, unit: &str) -> PathBuf {
        self.unit(unit).join("sites.json")
    }

    /// The file that says where a rewritten program was built.
    pub(crate) fn program_file(&self, unit: &str) -> PathBuf {
        self.unit(unit).join("program")
    }

    /// The file that says why nothing of a crate is switched.
    pub(crate) fn failure_file(&self, unit: &str) -> PathBuf {
        self.unit(unit).join(FAILURE_FILE)
    }

    /// The folder of a rewritten crate, by its name with cargo's hash.
    pub(crate) fn unit(&self, unit: &str) -> PathBuf {
        self.home.join("crates").join(unit)
    }

    /// A path in the way names of mutants have it: relative to the workspace, with `/`.
    pub(crate) fn display(&self, path: &Path) -> String {
        let shown = pathdiff::diff_paths(path, &self.root).unwrap_or_else(|| path.to_owned());
        shown.to_string_lossy().replace('\\', "/")
    }
}

/// The mutant that is really built, in `--verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SingleMutant {
    pub(crate) file: String,
    /// The code that is replaced, in bytes of the file.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) replacement: String,
}
