//! What cargo says of the package whose tests run.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde::Deserialize;

/// A target of the package.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    name: String,
    kind: Vec<String>,
    /// Whether plain `cargo test` builds and runs it.
    test: bool,
}

impl Target {
    /// Whether `athena_rt::main!` can stand in it.
    pub(super) fn may_be_runner(&self) -> bool {
        self.is(&["bin", "example"]) || (self.is(&["test"]) && self.name == "athena")
    }

    /// Whether it is the test target that replays the models of the package's library.
    pub(super) fn is_harness(&self) -> bool {
        self.test && self.is(&["test"]) && self.name == "athena"
    }

    fn is(&self, kinds: &[&str]) -> bool {
        self.kind.iter().any(|kind| kinds.contains(&kind.as_str()))
    }
}

/// The targets of the package that cargo runs. Empty if cargo has not started this program, or can't
/// tell. Cargo is asked once per process.
pub(super) fn targets() -> &'static [Target] {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(read_targets)
}

fn read_targets() -> Vec<Target> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        manifest_path: PathBuf,
        targets: Vec<Target>,
    }
    let (Some(cargo), Some(package)) =
        (std::env::var_os("CARGO"), std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from))
    else {
        return Vec::new();
    };
    let manifest = package.join("Cargo.toml");
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .current_dir(&package)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let metadata = output.ok().and_then(|output| serde_json::from_slice(&output.stdout).ok());
    let packages = metadata.map_or(Vec::new(), |Metadata { packages }| packages);
    packages
        .into_iter()
        .find(|package| package.manifest_path == manifest)
        .map_or(Vec::new(), |package| package.targets)
}
