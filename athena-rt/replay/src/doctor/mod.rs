//! Reports what the recorded cases do not cover. No model runs.

mod audit;
mod coverage;
mod duplicates;
mod gaps;
#[cfg(test)]
mod tests;
mod tolerances;
mod visitor;
mod whole;

use std::collections::BTreeSet;
use std::path::Path;

use athena_protocol::{Doctor, DoctorFindings, Finding, ModelId, Orphans};

use self::audit::audit;
use athena_cases::environments;
use athena_cases::index::{Folder, Index};
use athena_cases::layout::{self, ENVIRONMENTS};
use athena_cases::suite::SuiteIndex;
use athena_core::display::display_path;
use athena_core::error::Error;
use athena_core::registry::{Entry, Registry};

/// Examines the cases of the requested models and, on request, orphans and environments.
pub fn examine(registry: &Registry, fixtures: &Path, request: &Doctor) -> DoctorFindings {
    let takes = |id: &str| {
        request.filters.is_empty()
            || request.filters.iter().any(|filter| id.contains(filter.as_str()))
    };
    let entries: Vec<_> = registry
        .entries()
        .iter()
        .filter(|entry| request.models.contains(&entry.id) && takes(&entry.id))
        .collect();
    let roots = roots(&entries, request.orphans.as_ref());
    let is_judged =
        |id: &str| roots.as_ref().is_none_or(|roots| roots.contains(&ModelId::new(id).package()));
    // Any case anywhere may use a named environment.
    let walked = roots.as_deref().filter(|_| !request.environments);
    let mut index = Index::read(fixtures, walked);

    let mut health = DoctorFindings::default();
    for broken in std::mem::take(&mut index.broken) {
        let id = layout::id_of(broken.path.strip_prefix(fixtures).unwrap_or(&broken.path));
        // The folder itself has an empty id.
        if id.is_empty() || (takes(&id) && is_judged(&id)) {
            let file = broken.path.to_string_lossy().into_owned();
            let (line, reason) = (broken.line as u64, broken.reason);
            health.findings.push(Finding::Broken { file, line, reason });
        }
    }
    for path in std::mem::take(&mut index.ignored) {
        let folder = path.parent().unwrap_or(fixtures);
        let id = layout::id_of(folder.strip_prefix(fixtures).unwrap_or(folder));
        if takes(&id) && is_judged(&id) {
            health.ignored.push(path.to_string_lossy().into_owned());
        }
    }
    if request.environments {
        environments(fixtures, &index, &mut health.findings);
    }
    if let Some(orphans) = &request.orphans {
        for (id, folder) in &index.folders {
            if !orphans.known.contains(id) && in_scope(id, orphans) && takes(id) {
                orphaned(id, folder, &mut health.findings);
            }
        }
    }
    for entry in entries {
        let (examined, findings) = audit(entry, index.folders.get(&entry.id), request.messages);
        health.models.push(examined);
        health.findings.extend(findings);
    }
    health
}

/// The first segments of the requested ids; `None` for all.
fn roots<'a>(entries: &[&'a Entry], orphans: Option<&'a Orphans>) -> Option<Vec<&'a str>> {
    let mut roots: Vec<&str> =
        entries.iter().map(|entry| ModelId::new(&entry.id).package()).collect();
    if let Some(orphans) = orphans {
        roots.extend(orphans.packages.as_ref()?.iter().map(String::as_str));
    }
    Some(roots)
}

fn in_scope(id: &str, orphans: &Orphans) -> bool {
    orphans
        .packages
        .as_ref()
        .is_none_or(|packages| packages.iter().any(|name| name == ModelId::new(id).package()))
}

/// An error about a file; the file's name is left out of the reason.
fn broken(path: &Path, error: &Error) -> Finding {
    let file = path.to_string_lossy().into_owned();
    let text = error.to_string();
    let shown = display_path(path);
    let text = text.lines().next().unwrap_or_default().replace(&format!(" {shown}"), " it");
    let placed = text.strip_prefix(&format!("{shown}:")).and_then(|rest| rest.split_once(": "));
    let placed = placed.and_then(|(line, reason)| Some((line.parse().ok()?, reason.to_owned())));
    let (line, reason) = placed.unwrap_or((0, text));
    Finding::Broken { file, line, reason }
}

fn orphaned(id: &str, folder: &Folder, findings: &mut Vec<Finding>) {
    let mut cases = folder.cases.len();
    for stem in &folder.suites {
        let path = stem.suite_file(&folder.path);
        match SuiteIndex::read(&path) {
            Ok(lines) => cases += lines.len(),
            Err(error) => findings.push(broken(&path, &error)),
        }
    }
    findings.push(Finding::Orphans {
        model: id.to_owned(),
        cases: cases as u64,
        folder: folder.path.to_string_lossy().into_owned(),
    });
}

/// The named environments that no case was recorded under, and those that can't be read.
fn environments(fixtures: &Path, index: &Index, findings: &mut Vec<Finding>) {
    let stems = index.folders.values().flat_map(|folder| folder.cases.iter().chain(&folder.suites));
    let used: BTreeSet<&str> =
        stems.filter_map(|stem| Some(stem.as_str().split_once('@')?.1)).collect();
    let Ok(entries) = std::fs::read_dir(fixtures.join(ENVIRONMENTS)) else { return };
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "env"));
    files.sort();
    for path in files {
        let file = path.to_string_lossy().into_owned();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let read = layout::check(&name, "environment name")
            .and_then(|()| environments::read_file(&path, &[]).map(|_| ()));
        if let Err(error) = read {
            findings.push(broken(&path, &error));
        } else if !used.contains(name.as_str()) {
            findings.push(Finding::Unused { environment: name, file });
        }
    }
}
