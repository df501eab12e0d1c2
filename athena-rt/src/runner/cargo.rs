//! What cargo says of the packages whose tests run.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde::Deserialize;

/// A package of the workspace.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

/// A target of a package.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
    /// Whether plain `cargo test` builds and runs it.
    test: bool,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

impl Target {
    /// Whether `athena_rt::main!` can stand in it.
    pub(super) fn may_be_runner(&self) -> bool {
        self.is(&["bin", "example"]) || (self.is(&["test"]) && self.name == "athena")
    }

    /// The target and the reason if plain `cargo test` does not run it, or may not.
    pub(super) fn left_out(&self) -> Option<String> {
        let reason = if !self.test {
            "set `test = true` for it in Cargo.toml".to_owned()
        } else if self.required_features.is_empty() {
            return None;
        } else {
            format!("it needs --features {}", self.required_features.join(","))
        };
        let kind = self.kind.first().map_or("target", String::as_str);
        Some(format!("{kind} `{}` ({reason})", self.name))
    }

    /// Whether plain `cargo test` replays the models of a library through this target, beyond doubt.
    ///
    /// The manifest can't tell: cargo does not say whether a target has a `main` of its own. So the
    /// file must be as simple as `cargo athena init` writes it. A case that two programs replay costs
    /// time; one that none replays is a false success.
    fn replays(&self, library: &str) -> bool {
        self.test
            && self.required_features.is_empty()
            && self.is(&["test"])
            && self.name == "athena"
            && std::fs::read_to_string(&self.src_path).is_ok_and(|text| names(&text, library))
    }

    fn is(&self, kinds: &[&str]) -> bool {
        self.kind.iter().any(|kind| kinds.contains(&kind.as_str()))
    }
}

/// Whether a source file without conditions calls `athena_rt::main!` with the name of a library.
fn names(source: &str, library: &str) -> bool {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = lines.flat_map(|line| ["\n", line.trim()]).collect();
    if ["cfg", "/*", "fn main", "macro_rules", "\""].iter().any(|word| code.contains(word)) {
        return false;
    }
    code.split("\nathena_rt::main!(").skip(1).any(|rest| {
        let libraries = rest.split(')').next().unwrap_or_default();
        libraries.split(',').any(|its| its.trim() == library)
    })
}

/// The targets of the package that cargo runs. Empty if cargo has not started this program, or can't
/// tell.
pub(super) fn targets() -> &'static [Target] {
    let manifest = manifest();
    let package =
        packages().iter().find(|package| Some(&package.manifest_path) == manifest.as_ref());
    package.map_or(&[], |package| &package.targets)
}

/// Whether plain `cargo test` replays the models of a library through the test target of one of
/// these packages of the workspace.
pub(super) fn is_replayed_by_test_target(library: &str, of_packages: &[&str]) -> bool {
    packages()
        .iter()
        .filter(|package| of_packages.contains(&package.name.as_str()))
        .flat_map(|package| &package.targets)
        .any(|target| target.replays(library))
}

/// The manifest of the package that cargo runs.
fn manifest() -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?).join("Cargo.toml"))
}

/// The packages of the workspace. Cargo is asked once per process.
fn packages() -> &'static [Package] {
    static PACKAGES: OnceLock<Vec<Package>> = OnceLock::new();
    PACKAGES.get_or_init(|| read_packages().unwrap_or_default())
}

fn read_packages() -> Option<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let manifest = manifest()?;
    let output = Command::new(std::env::var_os("CARGO")?)
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .current_dir(manifest.parent()?)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let Metadata { packages } = serde_json::from_slice(&output.stdout).ok()?;
    Some(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_call_with_the_library_is_beyond_doubt() {
        for source in [
            "athena_rt::main!(seed);",
            "//! Replays.\n\nathena_rt::main!(other, seed);\n",
            "use seed as _;\nathena_rt::main!(\n    other,\n    seed,\n);\n",
        ] {
            assert!(names(source, "seed"), "{source}");
        }
        for source in [
            "",
            "athena_rt::main!();",
            "athena_rt::main!(seeds);",
            "// athena_rt::main!(seed);",
            "/*\nathena_rt::main!(seed);\n*/",
            "#[cfg(unix)]\nathena_rt::main!(seed);\n#[cfg(not(unix))]\nfn main() {}",
            "#[test]\nfn cases() { let _ = \"\nathena_rt::main!(seed)\"; }",
            "#[test]\nfn other() {}",
        ] {
            assert!(!names(source, "seed"), "{source}");
        }
    }
}
