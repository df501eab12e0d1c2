//! Finds the packages that a change affects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;

use crate::build_inputs::BuildInputs;
use crate::workspace::same_name;

/// The packages of a workspace and their dependencies on each other.
#[derive(Debug)]
pub(crate) struct PackageGraph {
    root: PathBuf,
    fixtures: PathBuf,
    members: Vec<PackageNode>,
    /// The folders of dependencies outside of the workspace's packages.
    outside: Vec<PathBuf>,
    /// What builds read.
    inputs: BuildInputs,
}

#[derive(Debug)]
struct PackageNode {
    name: String,
    root: PathBuf,
    /// Indices of the packages it depends on.
    needs: Vec<usize>,
}

/// The packages that a change affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AffectedPackages {
    All,
    /// These packages, or none if the set is empty.
    Some(BTreeSet<String>),
}

impl Default for AffectedPackages {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl AffectedPackages {
    /// Whether a package is affected.
    pub(crate) fn has(&self, package: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.iter().any(|name| same_name(name, package)),
        }
    }

    /// Whether no package is affected.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::Some(names) if names.is_empty())
    }

    /// The union of both.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Some(mut one), Self::Some(other)) => {
                one.extend(other);
                Self::Some(one)
            }
            _ => Self::All,
        }
    }
}

impl PackageGraph {
    /// Reads the packages from cargo's metadata.
    pub(crate) fn new(metadata: &Metadata, fixtures: &Path) -> Self {
        let packages = metadata.workspace_packages();
        let root_of = |package: &cargo_metadata::Package| -> PathBuf {
            package.manifest_path.parent().map(Into::into).unwrap_or_default()
        };
        let members: Vec<PackageNode> = packages
            .iter()
            .map(|package| {
                let paths: Vec<&Path> = package
                    .dependencies
                    .iter()
                    .filter_map(|dependency| {
                        dependency.path.as_ref().map(|path| path.as_std_path())
                    })
                    .collect();
                let is_needed = |other: &cargo_metadata::Package| {
                    paths.iter().any(|path| *path == root_of(other))
                };
                let needs = packages.iter().enumerate();
                PackageNode {
                    name: package.name.to_string(),
                    root: root_of(package),
                    needs: needs.filter(|(_, it)| is_needed(it)).map(|(at, _)| at).collect(),
                }
            })
            .collect();
        let root = metadata.workspace_root.clone().into();
        let mut outside: Vec<PathBuf> = packages
            .iter()
            .flat_map(|package| &package.dependencies)
            .filter_map(|dependency| dependency.path.clone().map(PathBuf::from))
            .filter(|path| !members.iter().any(|member| member.root == *path))
            .collect();
        outside.sort();
        outside.dedup();
        let fixtures = fixtures.to_owned();
        Self { root, fixtures, members, outside, inputs: BuildInputs::new() }
    }

    /// Adds what a build has read to what earlier builds have read.
    pub(crate) fn add_inputs(&mut self, inputs: BuildInputs) {
        for (path, packages) in inputs {
            self.inputs.entry(path).or_default().extend(packages);
        }
    }

    /// Replaces the packages, and keeps what builds have read.
    pub(crate) fn update(&mut self, new: Self) {
        let inputs = std::mem::take(&mut self.inputs);
        *self = Self { inputs, ..new };
    }

    /// The files and folders that builds have read.
    pub(crate) fn inputs(&self) -> Vec<PathBuf> {
        self.inputs.keys().cloned().collect()
    }

    /// The folders that contain all packages and cases.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let all = self.members.iter().map(|member| &member.root);
        let mut folders = vec![self.root.clone()];
        for folder in all.chain(&self.outside).chain(std::iter::once(&self.fixtures)) {
            if !folders.iter().any(|known| folder.starts_with(known)) {
                folders.push(folder.clone());
            }
        }
        folders
    }

    /// The packages that changes of these files affect. A source file affects its package and its
    /// dependents, a case its package, and a file of the workspace itself all packages.
    pub(crate) fn affected(&self, changed: &[PathBuf]) -> AffectedPackages {
        let mut affected = BTreeSet::new();
        for path in changed {
            for package in self.readers(path) {
                match self.members.iter().position(|member| member.root == *package) {
                    Some(at) => affected.extend(self.dependents(at)),
                    None => return AffectedPackages::All,
                }
            }
            if let Ok(inside) = path.strip_prefix(&self.fixtures) {
                let Some(first) = inside.iter().next() else { continue };
                let first = first.to_string_lossy();
                match self.members.iter().find(|member| same_name(&member.name, &first)) {
                    Some(member) => affected.extend([member.name.clone()]),
                    // A replay uses the recorded variables, not those in these files.
                    None if first == "environments" => {}
                    // Cases without a package: their model no longer exists.
                    None => return AffectedPackages::All,
                }
            } else if self.is_of_all(path) || self.is_outside(path) {
                return AffectedPackages::All;
            } else if let Some(at) = self.owner(path) {
                affected.extend(self.dependents(at));
            }
        }
        AffectedPackages::Some(affected)
    }

    /// The folders of the packages whose builds read a file, or a folder that it is in.
    fn readers<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        path.ancestors().filter_map(|path| self.inputs.get(path)).flatten()
    }

    /// Whether a file belongs to a dependency outside of the workspace, or decides how cargo builds
    /// and is outside of the workspace.
    fn is_outside(&self, path: &Path) -> bool {
        self.owner(path).is_none() && self.outside.iter().any(|folder| path.starts_with(folder))
            || self.inputs.get(path).is_some_and(BTreeSet::is_empty)
    }

    fn is_of_all(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        let of_all = ["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"];
        inside.starts_with(".cargo") || of_all.iter().any(|name| inside == Path::new(name))
    }

    /// The innermost package whose folder contains a file.
    fn owner(&self, path: &Path) -> Option<usize> {
        let owners = self.members.iter().enumerate();
        let owners = owners.filter(|(_, member)| path.starts_with(&member.root));
        owners.max_by_key(|(_, member)| member.root.components().count()).map(|(at, _)| at)
    }

    /// A package and all its direct and indirect dependents.
    fn dependents(&self, at: usize) -> BTreeSet<String> {
        let mut found = BTreeSet::from([at]);
        loop {
            let more: Vec<usize> = (0..self.members.len())
                .filter(|other| !found.contains(other))
                .filter(|&other| self.members[other].needs.iter().any(|need| found.contains(need)))
                .collect();
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        found.into_iter().map(|at| self.members[at].name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `base`, `middle` that depends on it, `top` that depends on `middle`, `inner` in the folder
    /// of `top`, and `alone`.
    fn members() -> PackageGraph {
        let member = |name: &str, root: &str, needs: &[usize]| PackageNode {
            name: name.to_owned(),
            root: PathBuf::from("/w").join(root),
            needs: needs.to_vec(),
        };
        PackageGraph {
            root: "/w".into(),
            fixtures: "/w/fixtures".into(),
            outside: vec!["/dependency".into()],
            inputs: [
                ("/w/alone.txt", vec!["/elsewhere"]),
                ("/w/base/data", vec!["/w/base", "/w/top/inner"]),
                ("/other/gen.rs", vec!["/dependency"]),
                ("/home/.cargo/config.toml", vec![]),
            ]
            .into_iter()
            .map(|(path, packages)| (path.into(), packages.into_iter().map(Into::into).collect()))
            .collect(),
            members: vec![
                member("base", "base", &[]),
                member("middle", "middle", &[0]),
                member("top", "top", &[1]),
                member("in-ner", "top/inner", &[]),
                member("alone", "/elsewhere", &[]),
            ],
        }
    }

    fn affected_by(changed: &[&str]) -> AffectedPackages {
        let changed: Vec<PathBuf> = changed.iter().map(PathBuf::from).collect();
        members().affected(&changed)
    }

    fn some(names: &[&str]) -> AffectedPackages {
        AffectedPackages::Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_source_concerns_its_package_and_those_that_depend_on_it() {
        assert_eq!(affected_by(&["/w/base/src/lib.rs"]), some(&["base", "middle", "top"]));
        assert_eq!(affected_by(&["/w/middle/Cargo.toml"]), some(&["middle", "top"]));
        assert_eq!(affected_by(&["/w/top/src/main.rs"]), some(&["top"]));
        assert_eq!(affected_by(&["/w/top/inner/src/lib.rs"]), some(&["in-ner"]));
    }

    #[test]
    fn a_case_concerns_its_package_alone() {
        assert_eq!(affected_by(&["/w/fixtures/base/f/one.json"]), some(&["base"]));
        assert_eq!(affected_by(&["/w/fixtures/in_ner/f/one.json"]), some(&["in-ner"]));
        assert_eq!(affected_by(&["/w/fixtures/environments/ci.env"]), some(&[]));
        assert_eq!(affected_by(&["/w/fixtures/gone/f/one.json"]), AffectedPackages::All);
    }

    #[test]
    fn the_workspaces_own_files_concern_all_and_others_none() {
        assert_eq!(affected_by(&["/w/Cargo.lock"]), AffectedPackages::All);
        assert_eq!(affected_by(&["/w/top/src/main.rs", "/w/Cargo.toml"]), AffectedPackages::All);
        assert_eq!(affected_by(&["/w/.cargo/config.toml"]), AffectedPackages::All);
        assert!(affected_by(&["/w/README.md"]).is_none());
    }

    #[test]
    fn what_a_build_reads_concerns_those_that_read_it() {
        assert_eq!(affected_by(&["/w/alone.txt"]), some(&["alone"]));
        let of_two = some(&["base", "middle", "top", "in-ner"]);
        assert_eq!(affected_by(&["/w/base/data/deep/one.csv"]), of_two);
        assert_eq!(affected_by(&["/other/gen.rs"]), AffectedPackages::All);
        assert_eq!(affected_by(&["/dependency/src/new.rs"]), AffectedPackages::All);
        assert_eq!(affected_by(&["/home/.cargo/config.toml"]), AffectedPackages::All);
    }

    #[test]
    fn what_is_owed_is_added() {
        assert_eq!(some(&["a"]).and(some(&["b"])), some(&["a", "b"]));
        assert_eq!(some(&["a"]).and(AffectedPackages::All), AffectedPackages::All);
        assert!(some(&["my-app"]).has("my_app"));
        assert!(!some(&["my-app"]).has("other"));
    }

    #[test]
    fn folders_are_the_root_and_what_is_outside_of_it() {
        let mut members = members();
        assert_eq!(members.folders(), ["/w", "/elsewhere", "/dependency"].map(PathBuf::from));
        members.fixtures = "/cases".into();
        assert_eq!(
            members.folders(),
            ["/w", "/elsewhere", "/dependency", "/cases"].map(PathBuf::from)
        );
    }
}
