//! What there is to build: the packages that use Athena and those of their targets that may be
//! runners.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, TargetKind};
use glob::Pattern;
use serde::Deserialize;

use crate::cargo;
use crate::cli::{Build, Manifest};
use crate::error::{Error, Result};

/// The package whose direct dependents have models.
pub(crate) const RUNTIME: &str = "athena-rt";

/// The one test target that may be a runner.
pub(crate) const TEST_TARGET: &str = "athena";

/// A workspace, and what is selected of it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Where it is.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target_directory: PathBuf,
    /// Where what a run leaves behind goes: see [`artifacts`].
    pub(crate) artifacts: PathBuf,
    /// The packages that depend on `athena-rt`.
    pub(crate) packages: Vec<Package>,
    /// Whether flags narrowed the targets, so that models may be missing.
    pub(crate) narrowed: bool,
}

/// A package that depends on `athena-rt`.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Whether the command line, or cargo's default, selects it.
    pub(crate) selected: bool,
    /// The targets that may be runners, as selected.
    pub(crate) targets: Vec<Target>,
    /// Whether none of its targets was left out.
    pub(crate) complete: bool,
}

/// A target that may be a runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its package's name.
    pub(crate) package: String,
    /// Its package as cargo names it.
    pub(crate) package_id: String,
    /// Its package's folder.
    pub(crate) root: PathBuf,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its name.
    pub(crate) name: String,
}

/// What a target is, in the order in which they are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The test target `athena`.
    Test,
    /// A binary.
    Bin,
    /// An example.
    Example,
}

impl Workspace {
    /// Asks cargo, and selects.
    pub(crate) fn load(build: &Build) -> Result<Self> {
        Self::select(&metadata(&build.manifest)?, build)
    }

    /// The selected packages.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.selected)
    }

    /// The package of this name; `-` and `_` are the same.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| same_name(&package.name, name))
    }

    fn select(metadata: &Metadata, build: &Build) -> Result<Self> {
        let selected = selected_packages(metadata, build)?;
        let mut packages = Vec::new();
        for package in metadata.workspace_packages() {
            if uses_athena(package) {
                packages.push(candidates(package, build, selected.contains(&package.id.repr))?);
            }
        }
        check_named_targets(&packages, build)?;
        let root: PathBuf = metadata.workspace_root.clone().into();
        let target_directory = match &build.target_dir {
            Some(directory) => absolute(directory)?,
            None => metadata.target_directory.clone().into(),
        };
        Ok(Self {
            artifacts: artifacts(&root, &target_directory),
            root,
            target_directory,
            packages,
            narrowed: names_targets(build),
        })
    }
}

impl Target {
    /// As messages name it.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.kind {
            Kind::Test => "test",
            Kind::Bin => "bin",
            Kind::Example => "example",
        };
        format!("{kind} `{}` of package `{}`", self.name, self.package)
    }
}

/// The workspace's packages as `cargo metadata` tells them.
pub(crate) fn metadata(manifest: &Manifest) -> Result<Metadata> {
    let output = cargo::command_for(manifest, cargo::metadata(manifest))
        .output()
        .map_err(|error| Error::usage("cargo can't be started").cause(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim();
        return Err(Error::usage(said.strip_prefix("error: ").unwrap_or(said)));
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout))
        .map_err(|error| Error::usage("what `cargo metadata` said can't be read").cause(error))
}

/// The ids of the packages selected, as cargo would.
pub(crate) fn selected_packages(metadata: &Metadata, build: &Build) -> Result<BTreeSet<String>> {
    let members = metadata.workspace_packages();
    let matching = |spec: &String| -> Result<Vec<String>> {
        let found: Vec<_> = members
            .iter()
            .filter(|package| names(spec, package))
            .map(|package| package.id.repr.clone())
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let known: Vec<_> = members.iter().map(|package| package.name.to_string()).collect();
        Err(Error::usage(format!("no package `{spec}` in this workspace"))
            .help(format!("there are {}", known.join(", "))))
    };
    let mut selected = BTreeSet::new();
    if build.workspace {
        selected.extend(members.iter().map(|package| package.id.repr.clone()));
    } else if build.package.is_empty() {
        let default = metadata.workspace_default_packages();
        selected.extend(default.iter().map(|package| package.id.repr.clone()));
    }
    for spec in &build.package {
        selected.extend(matching(spec)?);
    }
    for spec in &build.exclude {
        for id in matching(spec)? {
            selected.remove(&id);
        }
    }
    Ok(selected)
}

/// Whether a package depends on `athena-rt` itself, under whatever name.
pub(crate) fn uses_athena(package: &cargo_metadata::Package) -> bool {
    // A crate of macros links into no program, and so holds no model.
    let is_macros = package.targets.iter().any(cargo_metadata::Target::is_proc_macro);
    !is_macros
        && package.dependencies.iter().any(|dependency| {
            dependency.name == RUNTIME
                && matches!(dependency.kind, DependencyKind::Normal | DependencyKind::Development)
        })
}

/// Where what a run leaves behind goes: `target/athena`. A target folder outside the workspace may
/// serve many: then each has a folder of its own below that.
pub(crate) fn artifacts(root: &Path, target: &Path) -> PathBuf {
    let folder = target.join("athena");
    if target.starts_with(root) {
        return folder;
    }
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    folder.join(format!("{name}-{:08x}", hasher.finish() & 0xffff_ffff))
}

/// A path as it is from the working directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Error::usage(format!("no path `{}`", path.display())).cause(error))
}

/// Whether two names of packages are one to rustc.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

/// Whether a package spec of the command line means this package: a name with `*` and `?`, a name
/// with a version, or an id.
fn names(spec: &str, package: &cargo_metadata::Package) -> bool {
    let (name, version) = match spec.split_once(['@', ':']) {
        Some((name, version)) if !version.starts_with('/') => (name, Some(version)),
        _ => (spec, None),
    };
    let same_version = version.is_none_or(|version| version == package.version.to_string());
    spec == package.id.repr || (matches(name, &package.name) && same_version)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern == name || Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(name))
}

/// `[package.metadata.athena]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    targets: Option<Vec<String>>,
}

fn settings(package: &cargo_metadata::Package) -> Result<Settings> {
    match package.metadata.get("athena") {
        None => Ok(Settings::default()),
        Some(value) => Settings::deserialize(value).map_err(|error| {
            Error::usage(format!("{}: [package.metadata.athena]: {error}", package.manifest_path))
                .help("the form is: targets = [\"a-bin\", \"an-example\"]")
        }),
    }
}

fn candidates(package: &cargo_metadata::Package, build: &Build, selected: bool) -> Result<Package> {
    let root: PathBuf = package.manifest_path.parent().map(Into::into).unwrap_or_default();
    let all: Vec<_> = package
        .targets
        .iter()
        .filter_map(|target| kind(target).map(|kind| (target, kind)))
        .collect();
    let settings = settings(package)?;
    if let Some(unknown) = settings
        .targets
        .iter()
        .flatten()
        .find(|name| !all.iter().any(|(target, _)| target.name == **name))
    {
        return Err(Error::usage(format!(
            "{}: [package.metadata.athena]: there is no bin or example `{unknown}`",
            package.manifest_path
        )));
    }
    let features = enabled_features(package, build);
    let mut targets = Vec::new();
    for (target, kind) in &all {
        let wanted = if names_targets(build) {
            asked_for(build, *kind, &target.name)
        } else {
            let listed = settings.targets.as_ref().is_none_or(|names| names.contains(&target.name));
            let possible = target.required_features.iter().all(|name| features.contains(name));
            (listed || *kind == Kind::Test) && possible
        };
        if wanted {
            targets.push(Target {
                package: package.name.to_string(),
                package_id: package.id.repr.clone(),
                root: root.clone(),
                kind: *kind,
                name: target.name.clone(),
            });
        }
    }
    Ok(Package {
        name: package.name.to_string(),
        root,
        selected,
        complete: targets.len() == all.len(),
        targets,
    })
}

fn kind(target: &cargo_metadata::Target) -> Option<Kind> {
    target.kind.iter().find_map(|kind| match kind {
        TargetKind::Test if target.name == TEST_TARGET => Some(Kind::Test),
        TargetKind::Bin => Some(Kind::Bin),
        TargetKind::Example => Some(Kind::Example),
        _ => None,
    })
}

fn names_targets(build: &Build) -> bool {
    build.bins
        || build.examples
        || !(build.bin.is_empty() && build.example.is_empty() && build.test.is_empty())
}

fn asked_for(build: &Build, kind: Kind, name: &str) -> bool {
    let named = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
    match kind {
        Kind::Bin => build.bins || named(&build.bin),
        Kind::Example => build.examples || named(&build.example),
        Kind::Test => named(&build.test),
    }
}

/// A target named on the command line that no selected package has is a mistake.
fn check_named_targets(packages: &[Package], build: &Build) -> Result<()> {
    for (names, kind, word) in [
        (&build.bin, Kind::Bin, "bin"),
        (&build.example, Kind::Example, "example"),
        (&build.test, Kind::Test, "test target"),
    ] {
        for name in names {
            let found = packages
                .iter()
                .filter(|package| package.selected)
                .flat_map(|package| &package.targets)
                .any(|target| target.kind == kind && matches(name, &target.name));
            if !found {
                let error = Error::usage(format!(
                    "no {word} `{name}` in the selected packages that depend on {RUNTIME}"
                ));
                return Err(match kind {
                    Kind::Test => error.help(format!(
                        "the test target that runs models is `{TEST_TARGET}`; `cargo athena init` adds it"
                    )),
                    _ => error.help("select its package with -p, or all with --workspace"),
                });
            }
        }
    }
    Ok(())
}

/// The package's features that are on, for `required-features`.
fn enabled_features(package: &cargo_metadata::Package, build: &Build) -> BTreeSet<String> {
    let mut open: Vec<String> = if build.all_features {
        package.features.keys().cloned().collect()
    } else {
        let asked = build.features.iter().flat_map(|list| list.split([',', ' ']));
        asked
            .filter_map(|feature| match feature.split_once('/') {
                Some((name, feature)) => (name == package.name.as_str()).then_some(feature),
                None => Some(feature),
            })
            .map(str::to_owned)
            .chain((!build.no_default_features).then(|| "default".to_owned()))
            .collect()
    };
    let mut enabled = BTreeSet::new();
    while let Some(feature) = open.pop() {
        if let Some(implied) = package.features.get(&feature)
            && enabled.insert(feature)
        {
            open.extend(implied.iter().cloned());
        }
    }
    enabled
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of `app` (lib, two bins, an example, the test target) and `tools` (a bin), both
    /// with athena-rt, and `other` without.
    fn load(build: &Build) -> Result<Workspace> {
        Workspace::select(&metadata(), build)
    }

    fn metadata() -> Metadata {
        MetadataCommand::parse(include_str!("../tests/data/metadata.json")).unwrap()
    }

    fn chosen(build: &Build) -> Vec<String> {
        let workspace = load(build).unwrap();
        workspace
            .selected()
            .flat_map(|package| &package.targets)
            .map(|target| format!("{}/{}", target.package, target.name))
            .collect()
    }

    #[test]
    fn only_direct_dependents_count_by_the_real_name() {
        let workspace = load(&Build { workspace: true, ..Build::default() }).unwrap();
        let names: Vec<_> = workspace.packages.iter().map(|package| &package.name).collect();
        assert_eq!(names, ["app", "tools"]);
    }

    #[test]
    fn the_default_is_cargos_and_leaves_out_what_features_or_settings_do() {
        assert_eq!(chosen(&Build::default()), ["app/app", "app/show", "app/athena"]);
        let features = vec!["extra".to_owned()];
        assert_eq!(
            chosen(&Build { features, ..Build::default() }),
            ["app/app", "app/special", "app/show", "app/athena"]
        );
        assert!(!load(&Build::default()).unwrap().packages[0].complete);
    }

    #[test]
    fn packages_are_selected_by_name_pattern_version_and_exclusion() {
        let package = |spec: &str| Build { package: vec![spec.into()], ..Build::default() };
        assert_eq!(chosen(&package("tools")), ["tools/tools"]);
        assert_eq!(chosen(&package("too*")), ["tools/tools"]);
        assert_eq!(chosen(&package("tools@0.1.0")), ["tools/tools"]);
        assert_eq!(load(&package("tools@9.0.0")).unwrap_err().exit().code(), 2);
        assert_eq!(load(&package("tool")).unwrap_err().exit().code(), 2);
        let exclude = vec!["app".to_owned()];
        assert_eq!(
            chosen(&Build { workspace: true, exclude, ..Build::default() }),
            ["tools/tools"]
        );
    }

    #[test]
    fn target_flags_select_only_what_they_name() {
        let examples = Build { examples: true, ..Build::default() };
        assert_eq!(chosen(&examples), ["app/show"]);
        let test = Build { test: vec!["athena".into()], ..Build::default() };
        assert_eq!(chosen(&test), ["app/athena"]);
        assert!(load(&test).unwrap().narrowed);
        let missing = Build { bin: vec!["nope".into()], ..Build::default() };
        assert_eq!(load(&missing).unwrap_err().exit().code(), 2);
    }

    #[test]
    fn settings_in_the_manifest_leave_targets_out_and_must_name_real_ones() {
        let mut metadata = metadata();
        let app = metadata.packages.iter_mut().find(|package| package.name == "app").unwrap();
        app.metadata = serde_json::json!({ "athena": { "targets": ["show"] } });
        let workspace = Workspace::select(&metadata, &Build::default()).unwrap();
        let names: Vec<_> = workspace.packages[0].targets.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["show", "athena"]);

        for wrong in [serde_json::json!({ "targets": ["shaw"] }), serde_json::json!({ "x": 1 })] {
            let app = metadata.packages.iter_mut().find(|package| package.name == "app").unwrap();
            app.metadata = serde_json::json!({ "athena": wrong });
            let error = Workspace::select(&metadata, &Build::default()).unwrap_err();
            assert_eq!(error.exit().code(), 2);
        }
    }
}
