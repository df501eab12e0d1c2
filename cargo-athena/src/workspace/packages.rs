//! Packages that can have models, and packages that the command line selects.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Metadata};
use glob::Pattern;

use crate::error::{Error, Result};
use crate::options::BuildOptions;
use crate::target::{LeftOutTarget, RUNTIME, Target};

/// A package that depends on `athena-rt`.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) root: PathBuf,
    /// Whether the command line, or cargo's default, selects it.
    pub(crate) selected: bool,
    /// The selected targets that can be runners.
    pub(crate) targets: Vec<Target>,
    /// The other targets that can be runners.
    pub(crate) left_out: Vec<LeftOutTarget>,
    /// Whether all such targets are selected.
    pub(crate) complete: bool,
    /// The variables that cargo sets for its programs.
    pub(crate) variables: Vec<(String, String)>,
}

/// The ids of the packages that cargo would select.
pub(crate) fn selected_packages(
    metadata: &Metadata,
    build: &BuildOptions,
) -> Result<BTreeSet<String>> {
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
        Err(Error::usage(format!("package `{spec}` is not in this workspace"))
            .help(format!("the packages are {}", known.join(", "))))
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

/// Whether a package depends on `athena-rt` directly, under any name.
pub(super) fn uses_athena(package: &cargo_metadata::Package) -> bool {
    // A proc-macro crate is not linked into programs, so it has no models.
    let is_macros = package.targets.iter().any(cargo_metadata::Target::is_proc_macro);
    !is_macros && runtime(package).is_some()
}

/// The name under which a package depends on `athena-rt`.
pub(super) fn runtime_name(package: &cargo_metadata::Package) -> String {
    let rename = runtime(package).and_then(|dependency| dependency.rename.clone());
    rename.unwrap_or_else(|| RUNTIME.to_owned())
}

fn runtime(package: &cargo_metadata::Package) -> Option<&cargo_metadata::Dependency> {
    package.dependencies.iter().find(|dependency| {
        dependency.name == RUNTIME
            && matches!(dependency.kind, DependencyKind::Normal | DependencyKind::Development)
    })
}

/// Whether rustc would treat two package names as the same.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

/// Whether a name matches a pattern with `*` and `?`.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    pattern == name || Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(name))
}

/// Whether a package spec matches a package. A spec is a name with `*` and `?`, a name with a
/// version, or an id.
fn names(spec: &str, package: &cargo_metadata::Package) -> bool {
    let (name, version) = match spec.split_once(['@', ':']) {
        Some((name, version)) if !version.starts_with('/') => (name, Some(version)),
        _ => (spec, None),
    };
    let same_version = version.is_none_or(|version| version == package.version.to_string());
    spec == package.id.repr || (matches(name, &package.name) && same_version)
}
