//! Targets that can be runners, selected by the command line or by the package's metadata.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

use super::packages::{Package, matches, runtime_name};
use crate::error::{Error, Result};
use crate::launch::package_variables;
use crate::options::BuildOptions;
use crate::target::{LeftOutTarget, RUNTIME, TEST_TARGET, Target, TargetExclusion, TargetKind};

/// A package with its selected targets.
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
    let runtime = runtime_name(package);
    if let Some(unknown) = settings
        .targets
        .iter()
        .flatten()
        .find(|name| !all.iter().any(|(target, _)| target.name == **name))
    {
        return Err(Error::usage(format!(
            "{}: [package.metadata.athena]: bin or example `{unknown}` does not exist",
            package.manifest_path
        )));
    }
    let features = enabled_features(package, build);
    let mut targets = Vec::new();
    let mut left_out = Vec::new();
    for (target, kind) in &all {
        let is_listed = || {
            *kind == TargetKind::Test
                || settings.targets.as_ref().is_none_or(|names| names.contains(&target.name))
        };
        let missing = target.required_features.iter().filter(|name| !features.contains(*name));
        let missing: Vec<String> = missing.cloned().collect();
        let exclusion = if names_targets(build) {
            (!asked_for(build, *kind, &target.name)).then_some(TargetExclusion::CommandLine)
        } else if !is_listed() {
            Some(TargetExclusion::Settings)
        } else if !missing.is_empty() {
            Some(TargetExclusion::Features(missing))
        } else {
            None
        };
        let source = target.src_path.clone().into();
        let target = Target {
            package: package.name.to_string(),
            package_id: package.id.repr.clone(),
            root: root.clone(),
            kind: *kind,
            name: target.name.clone(),
            is_tested: target.test,
            runtime: runtime.clone(),
        };
        match exclusion {
            None => targets.push(target),
            Some(exclusion) => left_out.push(LeftOutTarget { target, source, exclusion }),
        }
    }
    Ok(Package {
        name: package.name.to_string(),
        root,
        selected,
        complete: left_out.is_empty(),
        variables: package_variables(package),
        targets,
        left_out,
    })
}

/// Fails if the command line names a target that no selected package has.
pub(super) fn check_named_targets(packages: &[Package], build: &BuildOptions) -> Result<()> {
    for (names, kind, word) in [
        (&build.bin, TargetKind::Bin, "bin"),
        (&build.example, TargetKind::Example, "example"),
        (&build.test, TargetKind::Test, "test target"),
    ] {
        for name in names {
            let found = packages
                .iter()
                .filter(|package| package.selected)
                .flat_map(|package| &package.targets)
                .any(|target| target.kind == kind && matches(name, &target.name));
            if !found {
                let error = Error::usage(format!(
                    "no {word} `{name}` exists in the selected packages that depend on {RUNTIME}"
                ));
                return Err(match kind {
                    TargetKind::Test => error.help(format!(
                        "the test target that runs models is `{TEST_TARGET}`; `cargo athena init` adds it"
                    )),
                    _ => error.help("select its package with -p, or all with --workspace"),
                });
            }
        }
    }
    Ok(())
}

/// Whether the command line selects targets, by name or by kind.
pub(super) fn names_targets(build: &BuildOptions) -> bool {
    build.bins
        || build.examples
        || !(build.bin.is_empty() && build.example.is_empty() && build.test.is_empty())
}

fn asked_for(build: &BuildOptions, kind: TargetKind, name: &str) -> bool {
    let named = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
    match kind {
        TargetKind::Bin => build.bins || named(&build.bin),
        TargetKind::Example => build.examples || named(&build.example),
        TargetKind::Test => named(&build.test),
    }
}

fn kind(target: &cargo_metadata::Target) -> Option<TargetKind> {
    target.kind.iter().find_map(|kind| match kind {
        cargo_metadata::TargetKind::Test if target.name == TEST_TARGET => Some(TargetKind::Test),
        cargo_metadata::TargetKind::Bin => Some(TargetKind::Bin),
        cargo_metadata::TargetKind::Example => Some(TargetKind::Example),
        _ => None,
    })
}

/// The package's enabled features, for `required-features`.
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
struct PackageSettings {
    targets: Option<Vec<String>>,
}

fn settings(package: &cargo_metadata::Package) -> Result<PackageSettings> {
    match package.metadata.get("athena") {
        None => Ok(PackageSettings::default()),
        Some(value) => PackageSettings::deserialize(value).map_err(|error| {
            Error::usage(format!("{}: [package.metadata.athena]: {error}", package.manifest_path))
                .help("write it as targets = [\"a-bin\", \"an-example\"]")
        }),
    }
}
