//! Which cases are replayed: what is under `fixtures/`, met with what is linked and asked for.

use std::path::{Path, PathBuf};

use athena_protocol::{Orphans, Partition, Test};

use super::note::{CaseFailure, FailureKind, JobSource};
use super::schemas::{self, Check};
use crate::error::Result;
use crate::fixture::hash::fnv;
use crate::fixture::index::{Broken, Folder, Index};
use crate::fixture::layout::{self, Stem};
use crate::fixture::store;
use crate::fixture::suite::Lines;
use crate::printable::{self, escape};
use crate::registry::{Entry, Registry};

/// Every case that is to be replayed, in the order of their names.
pub(crate) struct Plan {
    sources: Vec<Source>,
    /// A source and a place in it.
    selected: Vec<(u32, u32)>,
    /// What fails without being run: files that can't be read, cases without a model.
    pub(crate) failed: Vec<Unrun>,
    /// How many the filters left out.
    pub(crate) filtered: u64,
    /// How many belong to other parts.
    pub(crate) in_other_parts: u64,
    partition: Option<Partition>,
    /// How many the filters took until now.
    seen: u64,
    /// Models without any case.
    pub(crate) bare: Vec<String>,
    /// Schema locks, compared already.
    pub(crate) schemas: Vec<Check>,
}

/// What fails without being run.
pub(crate) struct Unrun {
    pub(crate) name: String,
    /// The model's id, or what its folder says.
    pub(crate) model: String,
    pub(crate) path: PathBuf,
    pub(crate) line: usize,
    pub(crate) why: CaseFailure,
}

/// Cases of one model, from its folder's files or from one suite.
struct Source {
    model: String,
    kind: SourceKind,
}

enum SourceKind {
    Files { folder: PathBuf, stems: Vec<Stem> },
    Suite { path: PathBuf, stem: Stem, lines: Lines },
}

/// Which names are wanted.
pub(crate) struct Filter<'a> {
    test: &'a Test,
}

impl<'a> Filter<'a> {
    pub(crate) fn new(test: &'a Test) -> Self {
        Self { test }
    }

    pub(crate) fn is_all(&self) -> bool {
        self.test.filters.is_empty() && self.test.skip.is_empty() && self.test.except.is_empty()
    }

    pub(crate) fn takes(&self, name: &str) -> bool {
        let matches = |pattern: &String| {
            if self.test.exact { is_named(name, pattern) } else { name.contains(pattern.as_str()) }
        };
        (self.test.filters.is_empty() || self.test.filters.iter().any(matches))
            && !self.test.skip.iter().any(matches)
            && !self.test.except.iter().any(|known| known == name)
    }
}

/// Whether this is the name of the case, or that of its model: a trial a model is all its cases.
fn is_named(name: &str, pattern: &str) -> bool {
    let Some(rest) = name.strip_prefix(pattern) else { return false };
    rest.is_empty() || rest.strip_prefix("::").is_some_and(|case| !case.contains("::"))
}

impl Plan {
    /// Looks through `fixtures/`.
    pub(crate) fn new(fixtures: &Path, registry: &Registry, test: &Test) -> Result<Self> {
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
            schemas: vec![],
        };
        let mut schemas = schemas::check(registry, fixtures, test, &filter);
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
            // A suite that was looked through in vain.
            plan.sources.clear();
        }
        let mut entries: Vec<&Entry> =
            registry.entries().iter().filter(|entry| wanted(&entry.id)).collect();
        let mut orphans = test.orphans.as_ref();
        if let Some(entry) = asked_model(registry, test) {
            // No look at the cases of any other.
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
        if let Some(orphans) = orphans {
            for (id, folder) in index.folders {
                if !orphans.known.contains(&id) && in_scope(&id, orphans) {
                    plan.add_orphans(&id, &folder, &filter)?;
                }
            }
        }
        Ok(plan)
    }

    /// The one case of an exact name: no look at any other.
    fn add_named(&mut self, fixtures: &Path, entry: &Entry, name: &str) -> Result<()> {
        let rest = &name[entry.id.len() + 2..];
        let folder = layout::folder(fixtures, &entry.id);
        let (stem, case) =
            rest.split_once('/').map_or((rest, None), |(stem, case)| (stem, Some(case)));
        let Ok(stem) = Stem::parse(stem) else { return Ok(()) };
        if let Some(case) = case {
            let path = stem.suite_file(&folder);
            if path.is_file() {
                let lines = Lines::read(&path)?;
                let found = lines.iter().position(|line| line.name == case);
                self.sources.push(Source {
                    model: entry.id.clone(),
                    kind: SourceKind::Suite { path, stem, lines },
                });
                self.selected.extend(found.map(|at| (0, as_u32(at))));
            }
        } else if stem.case_file(&folder).is_file() {
            self.sources.push(Source {
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
            self.add_source(Source { model: id.to_owned(), kind }, filter);
        }
        for stem in folder.suites {
            let path = stem.suite_file(&folder.path);
            let lines = match Lines::read(&path) {
                Ok(lines) => lines,
                Err(error) => {
                    let why = CaseFailure::new(FailureKind::Broken, error.to_string());
                    let (name, model) = (format!("{id}::{stem}"), id.to_owned());
                    self.add_failed(Unrun { name, model, path, line: 1, why }, filter);
                    continue;
                }
            };
            for (line, reason) in &lines.broken {
                let place = format!("{}:{line}: {reason}", printable::place(&path));
                let why = CaseFailure::new(FailureKind::Broken, place);
                let (name, model) = (format!("{id}::{stem}/line-{line}"), id.to_owned());
                let path = path.clone();
                self.add_failed(Unrun { name, model, path, line: *line, why }, filter);
            }
            let kind = SourceKind::Suite { path, stem, lines };
            self.add_source(Source { model: id.to_owned(), kind }, filter);
        }
    }

    fn add_source(&mut self, source: Source, filter: &Filter<'_>) {
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
                    self.add_failed(Unrun { name, model, path, line: 1, why }, filter);
                    continue;
                }
            };
            for line in Lines::scan(&path, &text)?.iter() {
                names.push((format!("{id}::{stem}/{}", line.name), path.clone(), line.number));
            }
        }
        for (name, path, line) in names {
            let text = format!(
                "no model is called `{id}`: its case {} guards nothing\nhelp: if the model was renamed: cargo athena mv {id} NEW\nhelp: if it is gone, delete the file; --allow-orphans lets it pass\n",
                printable::place(&path)
            );
            let why = CaseFailure {
                kind: FailureKind::Orphan,
                text,
                reason: format!("no model is called `{id}`: the case guards nothing"),
                told: None,
            };
            self.add_failed(Unrun { name, model: id.to_owned(), path, line, why }, filter);
        }
        Ok(())
    }

    fn add_broken(&mut self, fixtures: &Path, broken: &Broken, filter: &Filter<'_>) {
        let relative = broken.path.strip_prefix(fixtures).unwrap_or(&broken.path);
        let name = match layout::id_of(relative) {
            name if name.is_empty() => "fixtures".to_owned(),
            name => escape(&name).into_owned(),
        };
        let why = CaseFailure::new(FailureKind::Broken, broken.to_string());
        let (path, line) = (broken.path.clone(), broken.line.max(1));
        self.add_failed(Unrun { model: name.clone(), name, path, line, why }, filter);
    }

    fn add_failed(&mut self, unrun: Unrun, filter: &Filter<'_>) {
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

    /// How many cases are to be run.
    pub(crate) fn len(&self) -> usize {
        self.selected.len()
    }

    /// The name of a case: model id, `::`, file, and for a suite `/` and the case.
    pub(crate) fn name(&self, case: usize) -> String {
        let (source, index) = self.selected[case];
        self.sources[source as usize].name(index as usize)
    }

    /// The file of a case, and the line in it.
    pub(crate) fn place(&self, case: usize) -> (PathBuf, usize) {
        let (source, index) = self.selected[case];
        match &self.sources[source as usize].kind {
            SourceKind::Files { folder, stems } => (stems[index as usize].case_file(folder), 1),
            SourceKind::Suite { path, lines, .. } => {
                (path.clone(), lines.get(index as usize).number)
            }
        }
    }

    /// The models that have cases in this run, in their order.
    pub(crate) fn models(&self) -> Vec<&str> {
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
    pub(crate) fn model(&self, case: usize) -> &str {
        &self.sources[self.selected[case].0 as usize].model
    }

    /// The end of the stretch of cases, at most `most`, that begins at `start` and has one source.
    pub(crate) fn stretch(&self, start: usize, most: usize) -> usize {
        let source = self.selected[start].0;
        let end = (start + most).min(self.selected.len());
        (start..end).find(|&at| self.selected[at].0 != source).unwrap_or(end)
    }

    /// Where the cases of a stretch are.
    pub(crate) fn job_source(&self, start: usize, end: usize) -> JobSource {
        let source = &self.sources[self.selected[start].0 as usize];
        let indices = self.selected[start..end].iter().map(|&(_, index)| index as usize);
        match &source.kind {
            SourceKind::Files { folder, stems } => JobSource::Files {
                folder: folder.clone(),
                stems: indices.map(|index| stems[index].to_string()).collect(),
            },
            SourceKind::Suite { path, stem, lines } => {
                let first = lines.get(self.selected[start].1 as usize);
                let last = lines.get(self.selected[end - 1].1 as usize);
                let is_gapless = last.number - first.number + 1 == end - start;
                JobSource::Suite {
                    path: path.clone(),
                    stem: stem.to_string(),
                    offset: first.offset,
                    length: usize::try_from(last.offset - first.offset).unwrap_or(usize::MAX)
                        + last.length,
                    first: first.number,
                    count: end - start,
                    lines: (!is_gapless)
                        .then(|| indices.map(|index| lines.get(index).number).collect()),
                }
            }
        }
    }
}

impl Source {
    fn len(&self) -> usize {
        match &self.kind {
            SourceKind::Files { stems, .. } => stems.len(),
            SourceKind::Suite { lines, .. } => lines.len(),
        }
    }

    fn name(&self, index: usize) -> String {
        match &self.kind {
            SourceKind::Files { stems, .. } => format!("{}::{}", self.model, stems[index]),
            SourceKind::Suite { stem, lines, .. } => {
                format!("{}::{stem}/{}", self.model, lines.get(index).name)
            }
        }
    }
}

/// The model of the one exact name that is asked for.
fn only<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    if !test.exact || !test.skip.is_empty() || !test.except.is_empty() {
        return None;
    }
    let (id, _) = name.rsplit_once("::")?;
    registry.get(id)
}

/// The model that is asked for by its whole name, alone.
fn asked_model<'a>(registry: &'a Registry, test: &Test) -> Option<&'a Entry> {
    let [name] = &test.filters[..] else { return None };
    registry.get(name).filter(|_| test.exact)
}

/// The first segments of the ids that matter; none where everything does.
fn roots<'a>(entries: &[&'a Entry], orphans: Option<&'a Orphans>) -> Option<Vec<&'a str>> {
    let first = |id: &'a str| id.split("::").next().unwrap_or(id);
    let mut roots: Vec<&str> = entries.iter().map(|entry| first(&entry.id)).collect();
    if let Some(orphans) = orphans {
        roots.extend(orphans.packages.as_ref()?.iter().map(String::as_str));
    }
    roots.sort_unstable();
    roots.dedup();
    Some(roots)
}

fn in_scope(id: &str, orphans: &Orphans) -> bool {
    let package = id.split("::").next().unwrap_or(id);
    orphans.packages.as_ref().is_none_or(|packages| packages.iter().any(|known| known == package))
}

fn as_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
