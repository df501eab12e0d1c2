//! The packages that the code of a model is in.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Metadata};

use crate::target::RUNTIME;

/// The folders of a package of the workspace, and of those that it depends on and that are in the workspace.
pub(crate) fn source_packages(metadata: &Metadata, package: &str) -> Vec<PathBuf> {
    let members = metadata.workspace_packages();
    let mut names = BTreeSet::new();
    let mut open = vec![package];
    while let Some(name) = open.pop() {
        let Some(member) = members.iter().find(|member| member.name.as_str() == name) else {
            continue;
        };
        if name == RUNTIME || !names.insert(member.name.as_str()) {
            continue;
        }
        let needed = member.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
        open.extend(needed.filter(|it| it.path.is_some()).map(|it| it.name.as_str()));
    }
    let found = members.iter().filter(|member| names.contains(member.name.as_str()));
    found.filter_map(|member| Some(member.manifest_path.parent()?.into())).collect()
}
