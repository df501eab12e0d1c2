//! A hash of what was built, by content: the files of the workspace's packages and their lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use sha2::{Digest as _, Sha256};

use crate::build_inputs::BuildRecord;
use crate::display::hex;

/// A hash that is computed while the runners replay: it reads every source file.
#[derive(Debug)]
pub(crate) struct SourceHash(JoinHandle<String>);

impl SourceHash {
    /// Starts to hash the inputs of a build in the workspace `root`, except those in `target`.
    pub(crate) fn start(build: BuildRecord, root: PathBuf, target: PathBuf) -> Self {
        Self(thread::spawn(move || hash(&build, &root, &target)))
    }

    /// Waits for the hash, which is the same wherever the workspace lies.
    pub(crate) fn finish(self) -> String {
        self.0.join().unwrap_or_default()
    }
}

fn hash(build: &BuildRecord, root: &Path, target: &Path) -> String {
    let inputs = build.inputs(root, target);
    hash_files(root, inputs.into_keys().chain([root.join("Cargo.lock")]))
}

/// A hash of files and their names in a folder. What is not a file is left out.
pub(crate) fn hash_files(root: &Path, paths: impl Iterator<Item = PathBuf>) -> String {
    let mut hasher = Sha256::new();
    for path in paths.filter(|path| path.is_file()) {
        let name = path.strip_prefix(root).ok().or(path.file_name().map(Path::new));
        hasher.update(name.unwrap_or(&path).as_os_str().as_encoded_bytes());
        hasher.update(fs::read(&path).map(Sha256::digest).unwrap_or_default());
    }
    hex(&hasher.finalize()[..8])
}
