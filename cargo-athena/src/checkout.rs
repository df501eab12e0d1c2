//! Artifacts of another checkout in a shared target folder.
//!
//! Cargo leaves the folder of a workspace out of a package's hash. If two checkouts share a target
//! folder, what one of them built last passes for up to date in the other one, whose sources are
//! older. Its cases would then be replayed with the other one's code. So what a build calls up to
//! date must bear the path of this checkout, or be known from an earlier build of this checkout.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cargo_metadata::Artifact;
use serde::{Deserialize, Serialize};

use crate::build_inputs::BuildRecord;

/// The artifacts that are known to be built from this checkout.
#[derive(Debug)]
pub(crate) struct KnownArtifacts {
    file: PathBuf,
    stamps: BTreeMap<PathBuf, ArtifactStamp>,
}

/// What changes when an artifact is built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ArtifactStamp {
    nanoseconds: u128,
    length: u64,
}

impl KnownArtifacts {
    /// Reads what earlier builds have left in this checkout's folder. A file that is missing or
    /// broken means that nothing is known.
    pub(crate) fn read(folder: &Path) -> Self {
        let file = folder.join("artifacts.json");
        let stamps = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { file, stamps: stamps.unwrap_or_default() }
    }

    /// The ids of the packages in `root` of which another checkout has built something.
    pub(crate) fn foreign(&mut self, record: &BuildRecord, root: &Path) -> BTreeSet<String> {
        let mut foreign = BTreeSet::new();
        let before = self.stamps.clone();
        // Cargo tells packages outside of the workspace's folder apart.
        let own = record.artifacts.iter().filter(|it| it.manifest_path.starts_with(root));
        for artifact in own {
            let Some(file) = checked_file(artifact) else { continue };
            let Some(stamp) = stamp(&file) else { continue };
            let is_known = !artifact.fresh || self.stamps.get(&file) == Some(&stamp);
            if is_known || is_built_from(artifact, &file) {
                self.stamps.insert(file, stamp);
            } else {
                foreign.insert(artifact.package_id.repr.clone());
            }
        }
        if self.stamps != before
            && let Ok(text) = serde_json::to_vec(&self.stamps)
        {
            // Without the file, the next build looks at the artifacts again.
            let _ = self.file.parent().map(fs::create_dir_all);
            let _ = fs::write(&self.file, text);
        }
        foreign
    }
}

/// The file of an artifact that says where it comes from. `None` for macros and build scripts: what
/// depends on them says it.
fn checked_file(artifact: &Artifact) -> Option<PathBuf> {
    if let Some(executable) = &artifact.executable {
        return Some(executable.clone().into());
    }
    let mut files = artifact.filenames.iter();
    files.find(|file| file.extension() == Some("rmeta")).map(|file| file.clone().into())
}

fn stamp(file: &Path) -> Option<ArtifactStamp> {
    let metadata = fs::metadata(file).ok()?;
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(ArtifactStamp { nanoseconds: since.as_nanos(), length: metadata.len() })
}

/// Whether a file bears the path of this checkout.
fn is_built_from(artifact: &Artifact, file: &Path) -> bool {
    if artifact.executable.is_none() {
        // The compiler writes the full path of each source into a library.
        let source = artifact.target.src_path.as_str().as_bytes();
        return fs::read(file)
            .is_ok_and(|bytes| bytes.windows(source.len()).any(|part| part == source));
    }
    // `main!` reads the variable, which the compiler writes down.
    let folder = artifact.manifest_path.parent().map(ToString::to_string).unwrap_or_default();
    let line = format!("# env-dep:CARGO_MANIFEST_DIR={}", folder.replace('\\', "\\\\"));
    let texts: Vec<String> =
        dep_files(file).iter().filter_map(|it| fs::read_to_string(it).ok()).collect();
    let names_folder = |text: &&String| text.contains("# env-dep:CARGO_MANIFEST_DIR=");
    let mut naming = texts.iter().filter(names_folder).peekable();
    // What does not name any folder is not a runner.
    naming.peek().is_none() || naming.any(|text| text.lines().any(|it| it == line))
}

/// The compiler's files about an executable. Cargo puts a bin in the folder above its own, without
/// the hash of its name.
fn dep_files(executable: &Path) -> Vec<PathBuf> {
    let own = executable.with_extension("d");
    let folder = executable.parent().unwrap_or(executable);
    let is_in = |name: &str| folder.file_name().is_some_and(|folder| folder == name);
    if is_in("deps") {
        return vec![own];
    }
    let folder = if is_in("examples") { folder.to_owned() } else { folder.join("deps") };
    let same = stamp(executable);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .filter(|path| *path != *executable && stamp(path) == same)
        .map(|path| path.with_extension("d"))
        .filter(|path| *path != own)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_of_another_checkout_is_foreign_until_it_is_built_here() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t/debug/deps/liba-1.rmeta");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let artifact = |fresh: bool| -> BuildRecord {
            let artifact = serde_json::from_value(serde_json::json!({
                "package_id": "path+file:///one#a@0.1.0", "manifest_path": "/one/Cargo.toml",
                "target": { "name": "a", "kind": ["lib"], "src_path": "/one/src/lib.rs" },
                "profile": {
                    "opt_level": "0", "debug_assertions": true, "overflow_checks": true, "test": false
                },
                "features": [], "filenames": [file], "executable": null, "fresh": fresh,
            }));
            BuildRecord { artifacts: vec![artifact.unwrap()], scripts: Vec::new() }
        };
        let foreign = |fresh: bool| {
            let mut known = KnownArtifacts::read(&folder.path().join("athena"));
            known.foreign(&artifact(fresh), Path::new("/one")).len()
        };
        fs::write(&file, "x/two/src/lib.rs").unwrap();
        assert_eq!(foreign(true), 1);
        assert_eq!(foreign(false), 0, "this build made it");
        assert_eq!(foreign(true), 0, "it is known");
        fs::write(&file, "another x/two/src/lib.rs").unwrap();
        assert_eq!(foreign(true), 1);
        fs::write(&file, "x/one/src/lib.rs").unwrap();
        assert_eq!(foreign(true), 0, "it bears this path");
    }

    #[test]
    fn a_runner_bears_the_folder_of_its_package() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("debug/deps")).unwrap();
        fs::write(at("debug/deps/tool-1"), "program").unwrap();
        fs::hard_link(at("debug/deps/tool-1"), at("debug/tool")).unwrap();
        let mut artifact: Artifact = serde_json::from_value(serde_json::json!({
            "package_id": "path+file:///one#a@0.1.0", "manifest_path": "/one/Cargo.toml",
            "target": { "name": "tool", "kind": ["bin"], "src_path": "/one/src/main.rs" },
            "profile": {
                "opt_level": "0", "debug_assertions": true, "overflow_checks": true, "test": false
            },
            "features": [], "filenames": [at("debug/tool")], "executable": at("debug/tool"),
            "fresh": true,
        }))
        .unwrap();
        let line = "# env-dep:CARGO_MANIFEST_DIR=/one\n";
        fs::write(at("debug/deps/tool-1.d"), format!("a: b\n{line}")).unwrap();
        assert!(is_built_from(&artifact, &at("debug/tool")));
        artifact.manifest_path = "/one-two/Cargo.toml".into();
        assert!(!is_built_from(&artifact, &at("debug/tool")));
        artifact.manifest_path = "/on/Cargo.toml".into();
        assert!(!is_built_from(&artifact, &at("debug/tool")));
        fs::write(at("debug/deps/tool-1.d"), "a: b\n").unwrap();
        assert!(is_built_from(&artifact, &at("debug/tool")), "it is not a runner");
    }
}
