//! Targets that may be runners, and those of them that the command line, or the package, selects.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::TargetKind;
use serde::Deserialize;

use super::packages::matches;
use super::{Package, RUNTIME};
use crate::error::{Error, Result};
use crate::options::BuildOptions;

/// The one test target that may be a runner.
pub(crate) const TEST_TARGET: &str = "athena";

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

/// A package with those of its targets that are selected.
pub(super) fn candidates(
    package: &cargo_metadata::Package,
    build: &BuildOptions,
    selected: bool,
) -> Result<Package> {
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

/// A target named on the command line that no selected package has is a mistake.
pub(super) fn check_named_targets(packages: &[Package], build: &BuildOptions) -> Result<()> {
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

/// Whether the command line names targets, or kinds of them.
pub(super) fn names_targets(build: &BuildOptions) -> bool {
    build.bins
        || build.examples
        || !(build.bin.is_empty() && build.example.is_empty() && build.test.is_empty())
}

fn asked_for(build: &BuildOptions, kind: Kind, name: &str) -> bool {
    let named = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
    match kind {
        Kind::Bin => build.bins || named(&build.bin),
        Kind::Example => build.examples || named(&build.example),
        Kind::Test => named(&build.test),
    }
}

fn kind(target: &cargo_metadata::Target) -> Option<Kind> {
    target.kind.iter().find_map(|kind| match kind {
        TargetKind::Test if target.name == TEST_TARGET => Some(Kind::Test),
        TargetKind::Bin => Some(Kind::Bin),
        TargetKind::Example => Some(Kind::Example),
        _ => None,
    })
}

/// The package's features that are on, for `required-features`.
fn enabled_features(package: &cargo_metadata::Package, build: &BuildOptions) -> BTreeSet<String> {
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
