//! What a change does: two programs run on the same inputs, and their outcomes compared.
//!
//! Each runs twice, the second time elsewhere. The runs alternate, so that a value which follows
//! the clock differs between two runs of one program wherever it differs between the programs.

mod inputs;
mod observations;
mod schemas;
mod unstable_paths;
use crate::scratch::scratch;
mod classify;
pub(crate) mod terminal;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use athena_protocol::{Answer, Compare, Entry, SchemaCheck, Test, Verb};

use self::classify::Verdicts;
pub(crate) use self::inputs::Inputs;
use self::observations::{Cases, Program, entries};
pub(crate) use self::schemas::Judgement;
use self::unstable_paths::Masks;
use crate::baseline::{Base, Git};
use crate::catalog::Catalog;
use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::report::{Comparison, Report, Run, Selection, assemble};
use crate::session::Session;
use crate::{replay, report};

/// What is compared.
pub(crate) struct Sides<'a> {
    pub(crate) git: &'a Git,
    pub(crate) base: &'a Base,
    pub(crate) head: Side<'a>,
    pub(crate) old: Side<'a>,
    pub(crate) inputs: &'a Inputs,
}

/// A program.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) session: &'a Session,
    pub(crate) catalog: &'a Catalog,
    /// As messages name it.
    pub(crate) name: &'a str,
}

/// What came of it.
pub(crate) struct Compared {
    /// The report, which is written too.
    pub(crate) report: Report,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What became of the schemas.
    pub(crate) schemas: Vec<Judgement>,
    /// How many cases filters left out.
    pub(crate) filtered: u64,
}

/// A runner of each program, and the models for which they are these.
struct Pair {
    base: usize,
    head: usize,
    models: Vec<String>,
}

/// Runs both programs on the cases that `test` selects, and writes the report.
///
/// # Errors
///
/// A runner that can't do its part; a report that can't be written.
pub(crate) fn compare(sides: &Sides<'_>, test: &Test) -> Result<Compared> {
    let artifacts = &sides.head.session.workspace.artifacts;
    let path = artifacts.join("diff.json");
    let folder = scratch(artifacts, "diff-")?;
    let mut work = Work {
        sides,
        test,
        folder: folder.path(),
        cases: Cases::default(),
        stale: BTreeSet::new(),
        troubles: Vec::new(),
        filtered: 0,
    };
    let mut masks = Masks::default();
    let mut compared = Vec::new();
    for (at, pair) in sides.pairs().iter().enumerate() {
        compared.push(work.pair(at, pair, &mut masks)?);
    }
    let schemas = schemas::judge(sides, folder.path())?;
    let Work { cases, stale, troubles, filtered, .. } = work;
    let part = folder.path().join("part.jsonl");
    let mut verdicts = Verdicts::new(cases, stale, sides, &part)?;
    for notes in &compared {
        verdicts.read(&notes.differences)?;
    }
    let heads: Vec<&Path> = compared.iter().map(|notes| notes.head.as_path()).collect();
    let comparison = Comparison {
        base: sides.base.rev().to_owned(),
        commit: sides.base.commit().to_owned(),
        masked: masks.list(),
        ..verdicts.finish(&heads)?
    };
    let report = sides.report(comparison, test, troubles, &schemas);
    let root = &sides.head.session.workspace.root;
    let report = assemble(Run { report, parts: &[part], unanswered: &[], root }, &path)?;
    Ok(Compared { report, path, schemas, filtered })
}

impl Sides<'_> {
    /// Models that only head has, and those that only the base has.
    fn apart(&self) -> (Vec<String>, Vec<String>) {
        let (head, base) = (self.head.catalog.ids(), self.old.catalog.ids());
        let without = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|id| !others.contains(id)).cloned().collect()
        };
        (without(&head, &base), without(&base, &head))
    }

    /// Which runners run the models that both have.
    fn pairs(&self) -> Vec<Pair> {
        let mut pairs: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        let old: BTreeMap<&str, usize> =
            self.old.catalog.models.iter().map(|it| (it.info.id.as_str(), it.runner)).collect();
        for model in &self.head.catalog.models {
            let id = &model.info.id;
            let is_wanted = self.inputs.model.as_ref().is_none_or(|wanted| wanted == id);
            if let Some(&base) = old.get(id.as_str()).filter(|_| is_wanted) {
                pairs.entry((base, model.runner)).or_default().push(id.clone());
            }
        }
        pairs.into_iter().map(|((base, head), models)| Pair { base, head, models }).collect()
    }

    fn report(
        &self,
        comparison: Comparison,
        test: &Test,
        troubles: Vec<String>,
        schemas: &[Judgement],
    ) -> Report {
        let (added, removed) = self.apart();
        let counts = comparison.counts;
        let checks: Vec<SchemaCheck> = schemas.iter().map(Judgement::check).collect();
        let summary = athena_protocol::TestSummary {
            cases: counts.cases(),
            passed: counts.unchanged,
            failed: counts.different() + counts.broken,
            skipped: counts.failing_on_both + counts.unstable,
            broken: counts.broken,
            schemas: checks.len() as u64,
            schemas_failed: checks.iter().filter(|check| check.failure.is_some()).count() as u64,
            ..athena_protocol::TestSummary::default()
        };
        Report {
            version: report::VERSION,
            tool: format!("cargo-athena {}", env!("CARGO_PKG_VERSION")),
            code: replay::fingerprint(self.head.catalog),
            selection: Selection {
                filters: test.filters.clone(),
                exact: test.exact,
                skip: test.skip.clone(),
                packages: self.head.session.judged(),
                narrowed: self.head.session.workspace.narrowed || self.inputs.model.is_some(),
                ..Selection::default()
            },
            summary,
            models: replay::models(self.head.catalog),
            schemas: checks,
            troubles,
            comparison: Some(Comparison { added, removed, ..comparison }),
            ..Report::default()
        }
    }
}

/// What two runners gave.
struct Notes {
    /// Where their outcomes differ.
    differences: PathBuf,
    /// What head gave first.
    head: PathBuf,
}

struct Work<'a> {
    sides: &'a Sides<'a>,
    test: &'a Test,
    folder: &'a Path,
    cases: Cases,
    stale: BTreeSet<String>,
    troubles: Vec<String>,
    filtered: u64,
}

impl Work<'_> {
    /// Runs and compares the models of a pair.
    fn pair(&mut self, at: usize, pair: &Pair, masks: &mut Masks) -> Result<Notes> {
        let (old, new) = (self.sides.old, self.sides.head);
        let fixtures = &self.sides.inputs.fixtures;
        let (base, head) = (&old.catalog.runners[pair.base], &new.catalog.runners[pair.head]);
        let place = |name: &str| self.folder.join(format!("{at}-{name}.jsonl"));
        let bases = [place("base-1"), place("base-2")];
        let heads = [place("head-1"), place("head-2")];
        for round in 0..2 {
            self.observe(old, base, pair, fixtures, round == 1, &bases[round])?;
            let filtered = self.observe(new, head, pair, fixtures, round == 1, &heads[round])?;
            self.filtered += if round == 0 { filtered } else { 0 };
        }
        for (notes, program) in [(&heads, Program::Head), (&bases, Program::Base)] {
            for (round, notes) in notes.iter().enumerate() {
                self.cases.read(notes, program, round, &mut self.troubles)?;
            }
        }
        let none = Masks::default();
        for (notes, side) in [(&bases, "base"), (&heads, "head")] {
            let differ = place(&format!("{side}-itself"));
            self.compare(new, head, Some(&notes[0]), &notes[1], &none, &differ)?;
            masks.read(&differ)?;
        }
        let differences = place("differences");
        self.compare(new, head, Some(&bases[0]), &heads[0], masks, &differences)?;
        self.stale(pair, base, &bases[0], &place("stale"))?;
        let [head, _] = heads;
        Ok(Notes { differences, head })
    }

    /// Has a runner note what its models give. Tells how many cases the filters left out.
    fn observe(
        &self,
        side: Side<'_>,
        runner: &Executable,
        pair: &Pair,
        fixtures: &Path,
        elsewhere: bool,
        notes: &Path,
    ) -> Result<u64> {
        let test = Test {
            models: Some(pair.models.clone()),
            report: Some(notes.to_owned()),
            check_determinism: elsewhere,
            ..self.test.clone()
        };
        let answer = ask(side, runner, fixtures, Verb::Observe(test))?;
        if !notes.exists() {
            let error = format!("{} can't run the cases", runner.target.describe());
            return Err(Error::failure(error).within(side.name));
        }
        Ok(match answer {
            Answer::Test(summary) => summary.filtered,
            _ => 0,
        })
    }

    /// Has a runner compare outcomes by its types.
    fn compare(
        &self,
        side: Side<'_>,
        runner: &Executable,
        old: Option<&Path>,
        new: &Path,
        masks: &Masks,
        report: &Path,
    ) -> Result<()> {
        let request = Compare {
            old: old.map(Path::to_owned),
            new: new.to_owned(),
            report: report.to_owned(),
            masked: masks.paths(),
        };
        ask(side, runner, &self.sides.inputs.fixtures, Verb::Compare(request)).map(drop)
    }

    /// Finds the cases whose outcome on the base is not the one recorded there.
    fn stale(&mut self, pair: &Pair, base: &Executable, given: &Path, found: &Path) -> Result<()> {
        let (old, inputs) = (self.sides.old, self.sides.inputs);
        if inputs.file.is_some() {
            return Ok(());
        }
        // What head has recorded may be what this change gives.
        let there = self.sides.base.folder(&inputs.fixtures);
        let is_same = || self.sides.git.is_same(self.sides.base.commit(), &inputs.fixtures);
        let its_own = found.with_extension("base");
        let notes = match there {
            Some(fixtures) if !is_same() => {
                self.observe(old, base, pair, &fixtures, false, &its_own)?;
                &its_own
            }
            _ => given,
        };
        self.compare(old, base, None, notes, &Masks::default(), found)?;
        for entry in entries(found)? {
            if let Entry::Failed(failure) = entry? {
                self.stale.insert(failure.name);
            }
        }
        Ok(())
    }
}

/// Has a runner do its part.
fn ask(side: Side<'_>, runner: &Executable, fixtures: &Path, verb: Verb) -> Result<Answer> {
    let asked = side.session.ask_over(runner, fixtures, verb);
    let reply = asked.map_err(|error| error.within(side.name))?;
    if reply.exit != 0 {
        // It has printed why.
        let error = format!("{} can't do its part", runner.target.describe());
        return Err(Error::failure(error)
            .within(side.name)
            .help("nothing was compared: an older athena-rt may not know how"));
    }
    Ok(reply.answer)
}
