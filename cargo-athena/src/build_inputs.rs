//! The files that a build read, from what the compiler and the build scripts wrote down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Artifact, BuildScript};

/// Files and folders, with the folders of the packages that read them. A path without a package
/// concerns all.
pub(crate) type BuildInputs = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// What a build of path packages consists of.
#[derive(Clone, Debug, Default)]
pub(crate) struct BuildRecord {
    /// The artifacts of packages that are on this machine's disk, not from a registry.
    pub(crate) artifacts: Vec<Artifact>,
    /// What the build scripts of all packages said.
    pub(crate) scripts: Vec<BuildScript>,
}

impl BuildRecord {
    /// The files that were read, except those in the target folder. `root` is the workspace's.
    pub(crate) fn inputs(&self, root: &Path, target: &Path) -> BuildInputs {
        let mut inputs = BuildInputs::new();
        for artifact in &self.artifacts {
            let package = folder(artifact);
            let mut add = |path: PathBuf| {
                if !path.starts_with(target) {
                    inputs.entry(path).or_default().insert(package.clone());
                }
            };
            add(artifact.manifest_path.clone().into());
            let files = artifact.filenames.iter().flat_map(|file| dep_files(file.as_std_path()));
            // Those of a library and of its metadata are the same.
            for file in files.collect::<BTreeSet<_>>() {
                let Ok(text) = fs::read_to_string(&file) else { continue };
                for path in dependencies(&text) {
                    // The compiler is started in the root of the workspace, or of a package
                    // outside of it.
                    let inside = root.join(&path);
                    add(if inside.exists() { inside } else { package.join(&path) });
                }
            }
        }
        for script in &self.scripts {
            let mut artifacts = self.artifacts.iter();
            let of_script = artifacts.find(|artifact| artifact.package_id == script.package_id);
            let Some(package) = of_script.map(folder) else { continue };
            let output = script.out_dir.as_std_path().with_file_name("output");
            let Ok(output) = fs::read_to_string(output) else { continue };
            for path in rerun_if_changed(&output) {
                let path = package.join(path);
                if !path.starts_with(target) {
                    inputs.entry(path).or_default().insert(package.clone());
                }
            }
        }
        inputs
    }
}

/// Whether cargo takes the package of this id from a folder.
pub(crate) fn is_path_package(artifact: &Artifact) -> bool {
    artifact.package_id.repr.contains("path+file:")
}

fn folder(artifact: &Artifact) -> PathBuf {
    artifact.manifest_path.parent().map(Into::into).unwrap_or_default()
}

/// The files beside an artifact in which its dependencies stand.
fn dep_files(artifact: &Path) -> Vec<PathBuf> {
    let stem = artifact.file_stem().unwrap_or_default().to_string_lossy();
    if stem == "build-script-build" || stem.starts_with("build-script-") {
        // Only the compiler's own file is named after the crate and a hash.
        let folder = artifact.parent().and_then(|folder| fs::read_dir(folder).ok());
        let files = folder.into_iter().flatten().flatten().map(|entry| entry.path());
        return files.filter(|path| path.extension().is_some_and(|it| it == "d")).collect();
    }
    // The compiler writes `deps/name-1.d` for `deps/libname-1.rlib`, cargo `libname.d` for
    // `libname.rlib`.
    let names = [Some(stem.as_ref()), stem.strip_prefix("lib")];
    let names = names.into_iter().flatten();
    names.map(|name| artifact.with_file_name(format!("{name}.d"))).collect()
}

/// The dependencies in a file in the format of make.
pub(crate) fn dependencies(text: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, line)) = line.split_once(": ") else { continue };
        let mut path = String::new();
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' if letters.peek() == Some(&' ') => path.extend(letters.next()),
                ' ' => {
                    found.insert(PathBuf::from(std::mem::take(&mut path)));
                }
                other => path.push(other),
            }
        }
        found.insert(PathBuf::from(path));
    }
    found.remove(Path::new(""));
    found
}

/// The paths whose change a build script wants to be started for.
pub(crate) fn rerun_if_changed(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter_map(|line| {
        let line = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:"))?;
        line.strip_prefix("rerun-if-changed=").map(str::trim).filter(|path| !path.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_read_is_read_from_its_own_files() {
        let text = "t/deps/a-1.d: src/lib.rs /o/with\\ space.rs\n\nsrc/lib.rs:\n# env-dep:A=b: c\n";
        let expected = ["/o/with space.rs", "src/lib.rs"].map(PathBuf::from);
        assert_eq!(dependencies(text).into_iter().collect::<Vec<_>>(), expected);
        // Names with spaces are one word.
        let spaced = ["a/b.rs", "c d.txt"].map(PathBuf::from);
        let read: Vec<_> = dependencies("x: a/b.rs c\\ d.txt\n").into_iter().collect();
        assert_eq!(read, spaced);
        let files = dep_files(Path::new("/t/deps/liba-1.rlib"));
        assert!(files.contains(&"/t/deps/a-1.d".into()), "{files:?}");
        let output =
            "cargo:rerun-if-changed=data\ncargo::rerun-if-changed=/x y\ncargo:rustc-cfg=a\n";
        assert_eq!(rerun_if_changed(output).collect::<Vec<_>>(), ["data", "/x y"]);
    }

    #[test]
    fn inputs_are_those_of_artifacts_and_scripts_outside_the_target_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (path, text) in [
            ("w/target/debug/deps/a-1.d", "x: src/lib.rs data/inner.txt DIR/w/target/gen.rs\n"),
            ("w/target/debug/build/a-2/output", "cargo:rerun-if-changed=proto\n"),
            ("w/src/lib.rs", ""),
            ("w/a/data/inner.txt", ""),
        ] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text.replace("DIR", folder.path().to_str().unwrap())).unwrap();
        }
        let artifact = serde_json::from_value(serde_json::json!({
            "package_id": "path+file:///w/a#0.1.0", "manifest_path": at("w/a/Cargo.toml"),
            "target": { "name": "a", "kind": ["lib"], "src_path": "/w/a/src/lib.rs" },
            "profile": { "opt_level": "0", "debug_assertions": true, "overflow_checks": true, "test": false },
            "features": [], "filenames": [at("w/target/debug/deps/liba-1.rlib")],
            "executable": null, "fresh": true,
        }));
        let script = serde_json::from_value(serde_json::json!({
            "package_id": "path+file:///w/a#0.1.0", "linked_libs": [], "linked_paths": [],
            "cfgs": [], "env": [], "out_dir": at("w/target/debug/build/a-2/out"),
        }));
        let record =
            BuildRecord { artifacts: vec![artifact.unwrap()], scripts: vec![script.unwrap()] };
        let found: Vec<_> = record.inputs(&at("w"), &at("w/target")).into_keys().collect();
        let expected = ["w/a/Cargo.toml", "w/a/data/inner.txt", "w/a/proto", "w/src/lib.rs"];
        assert_eq!(found, expected.map(at));
    }
}
