//! Selects the cases to replay: those under `fixtures/` whose model is linked and that match the
//! filters.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use athena_protocol::{CaseName, Partition, Test};

use super::filter::{Filter, asked_model, in_scope, nearest_names, only, roots};
use super::messages::{BatchSource, CaseFailure, FailureKind};
use super::schemas::{self, Check};
use super::sources::{CaseSource, SourceKind};
use crate::as_u32;
use athena_cases::hash::fnv;
use athena_cases::index::{Folder, Index, InvalidFile};
use athena_cases::layout::{self, Stem};
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::display::{self, escape};
use athena_core::error::Result;
use athena_core::registry::{Entry, Registry};

/// The cases to replay, sorted by name.
pub(super) struct Plan {
    sources: Vec<CaseSource>,
    /// A source and a place in it.
    selected: Vec<(u32, u32)>,
    /// Failures without a run: unreadable files, and cases without a model.
    pub failed: Vec<NotRun>,
    /// The number of cases that the filters excluded.
    pub filtered: u64,
    /// The number of cases of other partitions.
    pub in_other_parts: u64,
    partition: Option<Partition>,
    /// The number of cases that the filters have accepted so far.
    seen: u64,
    /// Models without a case.
    pub bare: Vec<String>,
    /// Folders of models that this run does not replay, if all of the program's package were listed.
    pub others: Option<BTreeMap<String, Folder>>,
    /// Schema locks to compare.
    pub schemas: Vec<Check>,
}

/// A failure without a run.
pub(super) struct NotRun {
    pub name: String,
    /// The model's id, or the id of the folder.
    pub model: String,
    pub path: PathBuf,
    pub line: usize,
    pub why: CaseFailure,
}

impl Plan {
    /// Scans `fixtures/`.
    pub(super) fn new(fixtures: &Path, registry: &Registry, test: &Test) -> Result<Self> {
        let filter = Filter::new(test);
        let mut plan = Self {
            sources: vec![],
            selected: vec![],
            failed: vec![],
            filtered: 0,
            in_other_parts: 0,
            partition: test.partition,
            seen: 0,
            bare: vec![],
            others: None,
            schemas: vec![],
        };
        let mut schemas = schemas::checks(registry, fixtures, test, &filter);
        schemas.retain(|check| plan.is_in_part(&check.name));
        plan.schemas = schemas;
        plan.in_other_parts = 0;
        let wanted = |id: &str| {
            test.models.as_ref().is_none_or(|models| models.iter().any(|model| model == id))
        };
        if let Some(entry) = only(registry, test).filter(|entry| wanted(&entry.id)) {
            plan.add_named(fixtures, entry, &test.filters[0])?;
            if !plan.selected.is_empty() {
                plan.take_part();
                return Ok(plan);
            }
            // A suite without a matching case.
            plan.sources.clear();
        }
        let mut entries: Vec<&Entry> =
            registry.entries().iter().filter(|entry| wanted(&entry.id)).collect();
        let mut orphans = test.orphans.as_ref();
        if let Some(entry) = asked_model(registry, test) {
            // Other cases are not read.
            entries.retain(|other| other.id == entry.id);
            orphans = None;
        }
        let roots = roots(&entries, orphans);
        let mut index = Index::read(fixtures, roots.as_deref());
        for broken in std::mem::take(&mut index.broken) {
            plan.add_broken(fixtures, &broken, &filter);
        }
        for entry in entries {
            match index.folders.remove(&entry.id) {
                Some(folder) => plan.add_folder(&entry.id, folder, &filter),
                None => plan.bare.push(entry.id.clone()),
            }
        }
        let is_listed =
            |package: &String| roots.as_ref().is_none_or(|roots| roots.contains(&package.as_str()));
        if orphans.is_none() && test.schemas.packages.iter().all(is_listed) {
            plan.others = Some(index.folders);
        } else if let Some(orphans) = orphans {
            for (id, folder) in index.folders {
                if !orphans.known.contains(&id) && in_scope(&id, orphans) {
                    plan.add_orphans(&id, &folder, &filter)?;
                }
            }
        }
        Ok(plan)
    }

    /// The case with an exact name; other cases are not read.
    fn add_named(&mut self, fixtures: &Path, entry: &Entry, name: &str) -> Result<()> {
        let rest = &name[entry.id.len() + 2..];
        let folder = layout::folder(fixtures, &entry.id);
        let (stem, case) =
            rest.split_once('/').map_or((rest, None), |(stem, case)| (stem, Some(case)));
        let Ok(stem) = Stem::parse(stem) else { return Ok(()) };
        if let Some(case) = case {
            let path = stem.suite_file(&folder);
            if path.is_file() {
                let lines = SuiteIndex::read(&path)?;
                let found = lines.iter().position(|line| line.name == case);
                self.sources.push(CaseSource {
                    model: entry.id.clone(),
                    kind: SourceKind::Suite { path, stem, lines },
                });
                self.selected.extend(found.map(|at| (0, as_u32(at))));
            }
        } else if stem.case_file(&folder).is_file() {
            self.sources.push(CaseSource {
                model: entry.id.clone(),
                kind: SourceKind::Files { folder, stems: vec![stem] },
            });
            self.selected.push((0, 0));
        }
        Ok(())
    }

    fn add_folder(&mut self, id: &str, folder: Folder, filter: &Filter<'_>) {
        if !folder.cases.is_empty() {
            let kind = SourceKind::Files { folder: folder.path.clone(), stems: folder.cases };
            self.add_source(CaseSource { model: id.to_owned(), kind }, filter);
        }
        for stem in folder.suites {
            let path = stem.suite_file(&folder.path);
            let lines = match SuiteIndex::read(&path) {
                Ok(lines) => lines,
                Err(error) => {
                    let why = CaseFailure::new(FailureKind::Broken, error.to_string());
                    let (name, model) = (format!("{id}::{stem}"), id.to_owned());
                    self.add_failed(NotRun { name, model, path, line: 1, why }, filter);
                    continue;
                }
            };
            self.add_broken_lines(id, &stem, &path, &lines, filter);
            let kind = SourceKind::Suite { path, stem, lines };
            self.add_source(CaseSource { model: id.to_owned(), kind }, filter);
        }
    }

    fn add_broken_lines(
        &mut self,
        id: &str,
        stem: &Stem,
        path: &Path,
        lines: &SuiteIndex,
        filter: &Filter<'_>,
    ) {
        for (line, reason) in &lines.broken {
            let place = format!("{}:{line}", display::display_path(path));
            let why = CaseFailure::broken_line(&place, &escape(reason));
            let (name, model) = (format!("{id}::{stem}/line-{line}"), id.to_owned());
            let path = path.to_owned();
            self.add_failed(NotRun { name, model, path, line: *line, why }, filter);
        }
    }

    fn add_source(&mut self, source: CaseSource, filter: &Filter<'_>) {
        let at = as_u32(self.sources.len());
        let count = source.len();
        if filter.is_all() && self.partition.is_none() {
            self.selected.extend((0..count).map(|index| (at, as_u32(index))));
        } else {
            for index in 0..count {
                let name = source.name(index);
                if !filter.takes(&name) {
                    self.filtered += 1;
                } else if self.is_in_part(&name) {
                    self.selected.push((at, as_u32(index)));
                }
            }
        }
        self.sources.push(source);
    }

    fn add_orphans(&mut self, id: &str, folder: &Folder, filter: &Filter<'_>) -> Result<()> {
        let mut names: Vec<(String, PathBuf, usize)> = Vec::new();
        for stem in &folder.cases {
            names.push((format!("{id}::{stem}"), stem.case_file(&folder.path), 1));
        }
        for stem in &folder.suites {
            let path = stem.suite_file(&folder.path);
            let text = match store::read(&path) {
                Ok(text) => text.unwrap_or_default(),
                Err(error) => {
                    let why = CaseFailure::new(FailureKind::Broken, error.to_string());
                    let (name, model) = (format!("{id}::{stem}"), id.to_owned());
                    self.add_failed(NotRun { name, model, path, line: 1, why }, filter);
                    continue;
                }
            };
            let lines = SuiteIndex::scan(&path, &text)?;
            self.add_broken_lines(id, stem, &path, &lines, filter);
            for line in lines.iter() {
                names.push((format!("{id}::{stem}/{}", line.name), path.clone(), line.number));
            }
        }
        let (what, help) = orphan_texts(id);
        for (at, (name, path, line)) in names.into_iter().enumerate() {
            // The advice is the same for all of them.
            let help = if at == 0 { help.as_str() } else { "" };
            let text = format!("{what}: {}\n{help}", display::display_path(&path));
            let reason = what.clone();
            let why = CaseFailure { kind: FailureKind::Orphan, text, reason, detail: None };
            self.add_failed(NotRun { name, model: id.to_owned(), path, line, why }, filter);
        }
        Ok(())
    }

    fn add_broken(&mut self, fixtures: &Path, broken: &InvalidFile, filter: &Filter<'_>) {
        let relative = broken.path.strip_prefix(fixtures).unwrap_or(&broken.path);
        let name = match layout::id_of(relative) {
            name if name.is_empty() => "fixtures".to_owned(),
            name => escape(&name).into_owned(),
        };
        let why = CaseFailure::new(FailureKind::Broken, broken.to_string());
        let (path, line) = (broken.path.clone(), broken.line.max(1));
        self.add_failed(NotRun { model: name.clone(), name, path, line, why }, filter);
    }

    fn add_failed(&mut self, unrun: NotRun, filter: &Filter<'_>) {
        if !filter.takes(&unrun.name) {
            self.filtered += 1;
        } else if self.is_in_part(&unrun.name) {
            self.failed.push(unrun);
        }
    }

    /// Whether a case that the filters take is of the part that is asked for.
    fn is_in_part(&mut self, name: &str) -> bool {
        let Some(partition) = self.partition else { return true };
        let at = if partition.hash {
            let hash = fnv(name.bytes());
            hash ^ (hash >> 32)
        } else {
            self.seen += 1;
            self.seen - 1
        };
        let is_in = at % partition.parts.max(1) + 1 == partition.part;
        self.in_other_parts += u64::from(!is_in);
        is_in
    }

    /// Drops cases of other parts from those that were found by name.
    fn take_part(&mut self) {
        for (source, index) in std::mem::take(&mut self.selected) {
            let name = self.sources[source as usize].name(index as usize);
            if self.is_in_part(&name) {
                self.selected.push((source, index));
            }
        }
    }

    /// The filters that select nothing, where there are several: one alone leaves nothing to run.
    pub(super) fn unmatched<'f>(&self, test: &'f Test) -> Vec<&'f str> {
        if test.filters.len() < 2 {
            return Vec::new();
        }
        let names = self.case_names();
        let failed = self.failed.iter().map(|it| it.name.clone());
        let schemas = self.schemas.iter().map(|it| it.name.clone());
        CaseName::unmatched(&test.filters, test.exact, names.chain(failed).chain(schemas))
    }

    /// Names similar to filters that select nothing.
    pub(super) fn nearest_names(&self, filters: &[String]) -> Vec<String> {
        if self.len() + self.failed.len() + self.schemas.len() > 0 || self.in_other_parts > 0 {
            return Vec::new();
        }
        nearest_names(filters, self.case_names())
    }

    /// The names of all cases, selected or not.
    pub(super) fn case_names(&self) -> impl Iterator<Item = String> {
        self.sources.iter().flat_map(|it| (0..it.len()).map(move |index| it.name(index)))
    }

    /// The number of cases to run.
    pub(super) fn len(&self) -> usize {
        self.selected.len()
    }

    /// The name of a case: model id, `::`, file, and for a suite `/` and the case.
    pub(super) fn name(&self, case: usize) -> String {
        let (source, index) = self.selected[case];
        self.sources[source as usize].name(index as usize)
    }

    /// The name of a case without its model.
    pub(super) fn own_name(&self, case: usize) -> String {
        let (source, index) = self.selected[case];
        match self.sources[source as usize].own_name(index as usize) {
            (file, None) => file.to_owned(),
            (file, Some(case)) => [file, "/", case].concat(),
        }
    }

    /// The file of a case, and the line in it.
    pub(super) fn place(&self, case: usize) -> (Cow<'_, Path>, usize) {
        let (source, index) = self.selected[case];
        self.sources[source as usize].place(index as usize)
    }

    /// The models that have cases in this run, in their order.
    pub(super) fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = Vec::new();
        for (source, _) in &self.selected {
            let model = self.sources[*source as usize].model.as_str();
            if models.last() != Some(&model) {
                models.push(model);
            }
        }
        models
    }

    /// The model of a case.
    pub(super) fn model(&self, case: usize) -> &str {
        &self.sources[self.selected[case].0 as usize].model
    }

    /// The end of the stretch of cases, at most `most`, that begins at `start` and has one source.
    pub(super) fn stretch(&self, start: usize, most: usize) -> usize {
        let source = self.selected[start].0;
        let end = (start + most).min(self.selected.len());
        (start..end).find(|&at| self.selected[at].0 != source).unwrap_or(end)
    }

    /// Where the cases of a stretch are.
    pub(super) fn batch_source(&self, start: usize, end: usize) -> BatchSource {
        let source = &self.sources[self.selected[start].0 as usize];
        let indices: Vec<usize> =
            self.selected[start..end].iter().map(|&(_, index)| index as usize).collect();
        source.batch(&indices)
    }
}

/// What is wrong with the cases in the folder of an id without a model, and what to do.
fn orphan_texts(id: &str) -> (String, String) {
    let allow = "--allow-orphans lets it pass";
    if id.contains("::") {
        let renamed = format!("help: if the model was renamed: cargo athena mv {id} NEW\n");
        let what = format!("no model is called `{id}`, the case is orphaned");
        return (what, format!("{renamed}help: if it is gone, delete the file; {allow}\n"));
    }
    // An id has at least a package and a function.
    let place = "help: a case is in the folder of its model, fixtures/<package>/../<function>/";
    let what = format!("the folder `{id}` is not that of a model, the case is orphaned");
    (what, format!("{place}: move or delete the file; {allow}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orphan_outside_of_any_models_folder_is_not_answered_with_mv() {
        let (what, help) = orphan_texts("shop::total");
        assert!(what.contains("`shop::total`") && help.contains("mv shop::total NEW"), "{help}");
        let (what, help) = orphan_texts("shop");
        assert!(what.contains("folder `shop`") && !help.contains("mv"), "{help}");
    }
}
