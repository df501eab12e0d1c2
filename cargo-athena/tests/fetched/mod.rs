//! A package that depends on others, of which cargo fetches the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A package in the target folder.
pub(crate) struct FetchedPackage {
    pub(crate) folder: PathBuf,
    /// Whose dependencies are shared with the other packages that tests build.
    target: PathBuf,
}

impl FetchedPackage {
    /// Writes a package, in whose manifest `ATHENA` is the folder of athena-rt.
    pub(crate) fn new(name: &str, manifest: &str, files: &[(&str, &str)]) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.join(name);
        let _ = fs::remove_dir_all(&folder);
        let manifest = manifest.replace("ATHENA", root().join("athena-rt").to_str().unwrap());
        for (file, text) in files.iter().copied().chain([("Cargo.toml", &*manifest)]) {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder, target: target.join("projects") }
    }

    /// A program that runs in the package.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    }

    /// Has cargo fetch the packages that it depends on, and returns a function that finds their folders.
    pub(crate) fn fetch(&self) -> impl Fn(&str) -> PathBuf {
        let mut metadata = self.command(env!("CARGO"));
        let output = metadata.args(["metadata", "--format-version", "1"]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{metadata:?}: {}\n{errors}", output.status);
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        move |name| {
            let packages = metadata["packages"].as_array().unwrap();
            let package = packages.iter().find(|package| package["name"] == name).unwrap();
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            manifest.parent().unwrap().to_owned()
        }
    }
}

/// The root of this repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
