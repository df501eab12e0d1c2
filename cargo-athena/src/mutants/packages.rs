//! Which packages of a workspace are rewritten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use athena_protocol::{NotExamined, RewrittenCrate};
use cargo_metadata::{DependencyKind, Metadata, Package};
use glob::Pattern;

use super::settings::WrapperSettings;
use crate::error::{Error, Result};
use crate::target::RUNTIME;
use crate::workspace::same_name;

/// The folders of the packages to rewrite, with their names.
///
/// # Errors
///
/// A wanted package is not in the workspace, or can't be rewritten.
pub(super) fn rewritten_packages(
    metadata: &Metadata,
    wanted: &[String],
) -> Result<BTreeMap<PathBuf, String>> {
    let members = metadata.workspace_packages();
    let runtime = runtime_packages(metadata);
    for name in wanted {
        let found: Vec<_> = members.iter().filter(|member| matches(name, member)).collect();
        if found.is_empty() {
            let known: Vec<_> = members.iter().map(|member| member.name.to_string()).collect();
            return Err(Error::usage(format!("package `{name}` is not in this workspace"))
                .help(format!("the packages are {}", known.join(", "))));
        }
        if found.iter().all(|member| runtime.contains(member.name.as_str())) {
            return Err(Error::usage(format!(
                "package `{name}` can't have mutants: athena-rt, which replays the cases, needs it"
            )));
        }
    }
    let is_wanted = |member: &&&Package| {
        !runtime.contains(member.name.as_str())
            && (wanted.is_empty() || wanted.iter().any(|name| matches(name, member)))
    };
    Ok(members
        .iter()
        .filter(is_wanted)
        .map(|member| (folder(member), member.name.to_string()))
        .collect())
}

/// The packages to rewrite that no built runner is linked with: of them nothing is examined.
pub(super) fn unlinked_packages(
    metadata: &Metadata,
    settings: &WrapperSettings,
    crates: &[(PathBuf, RewrittenCrate)],
) -> Vec<NotExamined> {
    let linked: BTreeSet<&str> = crates.iter().map(|(_, one)| one.package.as_str()).collect();
    let members = metadata.workspace_packages();
    let mut found = Vec::new();
    for member in members {
        let is_wanted = settings.packages.contains_key(&folder(member));
        if !is_wanted || linked.contains(member.name.as_str()) {
            continue;
        }
        let is_macro = member.targets.iter().any(cargo_metadata::Target::is_proc_macro);
        let reason = if is_macro {
            "it is a procedural macro, which runs in the compiler"
        } else {
            "no runner is linked with it"
        };
        found.push(NotExamined {
            file: settings.display(member.manifest_path.as_std_path()),
            line: 1,
            name: format!("package {}", member.name),
            reason: reason.to_owned(),
            function: String::new(),
            mutant: false,
        });
    }
    found
}

/// A folder that the workspace and all its packages are in.
pub(super) fn common_folder(metadata: &Metadata) -> PathBuf {
    let root: PathBuf = metadata.workspace_root.clone().into();
    let contains_all = |folder: &&Path| {
        metadata.workspace_packages().iter().all(|member| self::folder(member).starts_with(folder))
    };
    root.ancestors().find(contains_all).unwrap_or(&root).to_owned()
}

fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().map(Into::into).unwrap_or_default()
}

fn matches(wanted: &str, package: &Package) -> bool {
    let name = package.name.as_str();
    same_name(wanted, name) || Pattern::new(wanted).is_ok_and(|pattern| pattern.matches(name))
}

/// The members that `athena-rt` consists of: a mutant of one would change what replays the cases.
fn runtime_packages(metadata: &Metadata) -> BTreeSet<&str> {
    let members = metadata.workspace_packages();
    let mut found = BTreeSet::new();
    let mut open = vec![RUNTIME];
    while let Some(name) = open.pop() {
        let Some(member) = members.iter().find(|member| member.name.as_str() == name) else {
            continue;
        };
        if found.insert(member.name.as_str()) {
            let needed = member.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
            open.extend(needed.filter(|it| it.path.is_some()).map(|it| it.name.as_str()));
        }
    }
    found
}
