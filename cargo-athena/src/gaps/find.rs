//! Gives each case that has no model the reason why.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::{ModelId, Orphans, Test};
use toml_edit::DocumentMut;

use super::{Gap, GapKind, UNLINKED_PACKAGE, folders, sources};
use crate::catalog::Catalog;
use crate::options::matches_any;
use crate::target::{LeftOutTarget, RUNTIME, TargetExclusion};
use crate::workspace::{Package, Workspace};

/// What is compared to find gaps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GapSearch<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) fixtures: &'a Path,
    pub(crate) catalog: &'a Catalog,
    /// The packages to look at; all selected packages if absent.
    pub(crate) focus: Option<&'a [String]>,
}

/// The gaps of a run, with the names of their cases.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    found: BTreeMap<(GapKind, String, String), BTreeMap<String, Vec<String>>>,
    /// How the runners find orphans. `None` if a model that is not linked may still exist.
    orphans: Option<Orphans>,
}

/// Why a model with cases is not among the linked ones.
enum Absence {
    /// It is gone.
    Orphan,
    /// The run is about other packages.
    OutOfFocus,
    /// Something is left out that may have it.
    LeftOut(GapKind, String, String),
}

impl Gaps {
    /// The gaps with the cases that the filters of a run select. A gap without a case is left out if
    /// there are filters.
    pub(crate) fn selected_by(&self, test: &Test) -> Vec<Gap> {
        let is_all = test.filters.is_empty() && test.skip.is_empty();
        let takes = |name: &&String| {
            (test.filters.is_empty() || matches_any(&test.filters, test.exact, name))
                && !matches_any(&test.skip, test.exact, name)
        };
        let mut gaps = Vec::new();
        for ((kind, subject, reason), models) in &self.found {
            let counts = models.iter().map(|(id, names)| (id, names.iter().filter(takes).count()));
            let counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
            if is_all || !counts.is_empty() {
                gaps.push(Gap {
                    kind: *kind,
                    subject: subject.clone(),
                    reason: reason.clone(),
                    models: counts.iter().map(|(id, _)| (*id).clone()).collect(),
                    cases: counts.iter().map(|(_, count)| *count as u64).sum(),
                });
            }
        }
        gaps
    }

    /// All gaps.
    pub(crate) fn all(&self) -> Vec<Gap> {
        self.selected_by(&Test::default())
    }

    /// The request for one runner to report cases whose model is gone.
    pub(crate) fn orphans(&self) -> Option<Orphans> {
        self.orphans.clone()
    }
}

impl GapSearch<'_> {
    /// Finds the gaps.
    pub(crate) fn find(&self) -> Gaps {
        let mut gaps = Gaps::default();
        for package in self.packages() {
            for target in package.left_out.iter().filter(|target| target.needs_features()) {
                let (kind, subject, reason) = describe(target);
                gaps.found.entry((kind, subject, reason)).or_default();
            }
        }
        for (subject, reason) in self.unlinked().into_iter().chain(self.second_copies()) {
            gaps.found.entry((GapKind::Unlinked, subject, reason)).or_default();
        }
        let mut known = self.catalog.ids();
        for (id, names) in folders::unknown(self.fixtures, &known) {
            match self.absence(&id) {
                Absence::Orphan => continue,
                Absence::OutOfFocus => {}
                Absence::LeftOut(kind, subject, reason) => {
                    let models = gaps.found.entry((kind, subject, reason)).or_default();
                    models.insert(id.clone(), names);
                }
            }
            known.push(id);
        }
        if !self.workspace.narrowed {
            let packages = self.packages().map(|package| package.name.clone()).collect();
            let packages = (!self.is_whole()).then_some(packages);
            gaps.orphans = Some(Orphans { known, packages });
        }
        gaps
    }

    /// The selected packages in focus.
    fn packages(&self) -> impl Iterator<Item = &Package> {
        self.workspace.selected().filter(|package| self.is_in_focus(&package.name))
    }

    fn is_in_focus(&self, package: &str) -> bool {
        self.focus.is_none_or(|focus| focus.iter().any(|name| name == package))
    }

    fn is_whole(&self) -> bool {
        self.focus.is_none() && self.workspace.packages.iter().all(|package| package.selected)
    }

    fn absence(&self, id: &str) -> Absence {
        let name = ModelId::new(id).package();
        let unselected = |reason: &str| {
            Absence::LeftOut(GapKind::Unselected, format!("package `{name}`"), reason.to_owned())
        };
        let Some(package) = self.workspace.package(name) else {
            return if self.focus.is_some() {
                Absence::OutOfFocus
            } else if self.is_whole() && !self.workspace.narrowed {
                Absence::Orphan
            } else {
                unselected("is not among the selected packages")
            };
        };
        if !package.selected {
            return unselected("is not selected");
        }
        if !self.is_in_focus(&package.name) {
            return Absence::OutOfFocus;
        }
        let parts: Vec<&str> = id.split("::").collect();
        // A model in a program has the program's name in its id, unless it is the package's.
        let program = (parts.len() > 2).then(|| parts[1]);
        let is_of = |target: &&LeftOutTarget| Some(target.crate_name().as_str()) == program;
        let function = parts.last().copied().unwrap_or_default();
        let may_exist = || sources::may_define(&package.root, function);
        if let Some(target) = package.left_out.iter().find(is_of)
            && (self.workspace.narrowed || may_exist())
        {
            let (kind, subject, reason) = describe(target);
            return Absence::LeftOut(kind, subject, reason);
        }
        if self.workspace.narrowed {
            return unselected("has targets that the command line leaves out");
        }
        match &package.left_out[..] {
            [target, ..] if may_exist() => {
                let (kind, subject, reason) = describe(target);
                Absence::LeftOut(kind, subject, reason)
            }
            _ => Absence::Orphan,
        }
    }

    /// Packages and files with models that no program links.
    fn unlinked(&self) -> Vec<(String, String)> {
        let mut unlinked = Vec::new();
        if self.workspace.narrowed {
            return unlinked;
        }
        let linked: BTreeSet<PathBuf> = self
            .catalog
            .models
            .iter()
            .filter_map(|model| self.workspace.root.join(&model.info.file).canonicalize().ok())
            .collect();
        for package in self.packages() {
            let is_linked = self.catalog.models.iter().any(|it| it.info.package == package.name);
            if !is_linked && package.left_out.is_empty() && sources::has_models(&package.root) {
                unlinked.push((format!("package `{}`", package.name), UNLINKED_PACKAGE.to_owned()));
                continue;
            }
            let is_of_target = |path: &Path| {
                package.left_out.iter().any(|target| {
                    let is_main = target.source.file_name().is_some_and(|name| name == "main.rs");
                    let folder = target.source.parent().filter(|_| is_main);
                    target.source == path
                        || folder.is_some_and(|folder| {
                            folder != package.root.join("src") && path.starts_with(folder)
                        })
                })
            };
            for path in sources::unlinked_files(&package.root, &linked) {
                if !is_of_target(&path) {
                    let shown = path.strip_prefix(&self.workspace.root).unwrap_or(&path);
                    unlinked.push((
                        format!("{} of package `{}`", shown.display(), package.name),
                        "has models that no program links: name its library in athena_rt::main!, \
                         or turn on the feature that it needs"
                            .to_owned(),
                    ));
                }
            }
        }
        unlinked
    }

    /// Further copies of the runtime among the dependencies: models that use one are not linked into
    /// programs that use another.
    fn second_copies(&self) -> Option<(String, String)> {
        let text = fs::read_to_string(self.workspace.root.join("Cargo.lock")).ok()?;
        let copies = may_have_copies(&text).then(|| copies(&text))?;
        (copies.len() > 1).then(|| {
            let reason = format!(
                "is in the lock file more than once ({}): a program links no models that use another \
                 copy than its own; `cargo tree --duplicates` shows who asks for which",
                copies.join(", ")
            );
            (RUNTIME.to_owned(), reason)
        })
    }
}

/// The kind, subject and reason of a target that is left out.
fn describe(target: &LeftOutTarget) -> (GapKind, String, String) {
    let (kind, reason) = match &target.exclusion {
        TargetExclusion::Features(features) => {
            (GapKind::Unbuilt, format!("is not built: it needs --features {}", features.join(",")))
        }
        TargetExclusion::Settings => {
            (GapKind::Unbuilt, "is not built: [package.metadata.athena] leaves it out".to_owned())
        }
        TargetExclusion::CommandLine => (GapKind::Unselected, "is not selected".to_owned()),
    };
    (kind, target.target.describe(), reason)
}

/// Whether a lock file may have the runtime more than once. Few do, and to parse a large one takes milliseconds.
fn may_have_copies(lock: &str) -> bool {
    let is_named = |line: &&str| {
        let named = line.trim_start().strip_prefix("name");
        named.is_some_and(|rest| rest.split(['"', '\'']).any(|part| part == RUNTIME))
    };
    lock.lines().filter(is_named).count() > 1
}

/// The versions and sources of the runtime in a lock file.
fn copies(lock: &str) -> Vec<String> {
    let Ok(lock) = lock.parse::<DocumentMut>() else { return Vec::new() };
    let packages = lock.get("package").and_then(|item| item.as_array_of_tables());
    packages
        .into_iter()
        .flatten()
        .filter(|package| package.get("name").and_then(|name| name.as_str()) == Some(RUNTIME))
        .map(|package| {
            let of = |key: &str| package.get(key).and_then(|value| value.as_str());
            let source = of("source").unwrap_or("a folder");
            format!("{} from {source}", of("version").unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_runtime_are_told_apart_by_version_and_source() {
        let lock = "version = 4\n\n[[package]]\nname = \"athena-rt\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"athena-rt\"\nversion = \"0.1.0\"\nsource = \"git+x\"\n\n\
                    [[package]]\nname = \"athena-rt-macros\"\nversion = \"0.1.0\"\n";
        assert_eq!(copies(lock), ["0.1.0 from a folder", "0.1.0 from git+x"]);
        assert!(copies("version = 4").is_empty());
        assert!(may_have_copies(lock));
        let one = lock.replacen("name = \"athena-rt\"", "name = \"other\"", 1);
        assert_eq!((may_have_copies(&one), copies(&one).len()), (false, 1));
    }
}
