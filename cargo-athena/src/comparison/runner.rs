//! Runs both programs on the inputs, and has the head's runners compare the outcomes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use athena_protocol::{Answer, Compare, Entry, Test, Verb};

use super::observations::{ObservedCases, Revision, entries};
use super::programs::{Program, Programs, RunnerPair, ask};
use super::unstable_paths::UnstablePaths;
use crate::compile::Executable;
use crate::error::{Error, Result};

/// The results of a pair of runners.
pub(super) struct PairObservations {
    /// The file with the differences of their outcomes.
    pub(super) differences: PathBuf,
    /// The file with the first observations of head.
    pub(super) head: PathBuf,
}

pub(super) struct ComparisonRunner<'a> {
    pub(super) programs: &'a Programs<'a>,
    pub(super) test: &'a Test,
    pub(super) folder: &'a Path,
    pub(super) cases: ObservedCases,
    pub(super) stale: BTreeSet<String>,
    pub(super) troubles: Vec<String>,
    pub(super) filtered: u64,
}

impl ComparisonRunner<'_> {
    /// Runs the models of a pair and compares their outcomes.
    pub(super) fn pair(
        &mut self,
        at: usize,
        pair: &RunnerPair,
        unstable: &mut UnstablePaths,
    ) -> Result<PairObservations> {
        let (old, new) = (self.programs.base, self.programs.head);
        let fixtures = &self.programs.inputs.fixtures;
        let (base, head) = (&old.catalog.runners[pair.base], &new.catalog.runners[pair.head]);
        let place = |name: &str| self.folder.join(format!("{at}-{name}.jsonl"));
        let bases = [place("base-1"), place("base-2")];
        let heads = [place("head-1"), place("head-2")];
        for round in 0..2 {
            self.observe(old, base, pair, fixtures, round == 1, &bases[round])?;
            let filtered = self.observe(new, head, pair, fixtures, round == 1, &heads[round])?;
            self.filtered += if round == 0 { filtered } else { 0 };
        }
        for (notes, program) in [(&heads, Revision::Head), (&bases, Revision::Base)] {
            for (round, notes) in notes.iter().enumerate() {
                self.cases.read(notes, program, round, &mut self.troubles)?;
            }
        }
        let none = UnstablePaths::default();
        for (notes, program) in [(&bases, "base"), (&heads, "head")] {
            let differ = place(&format!("{program}-itself"));
            self.compare(new, head, Some(&notes[0]), &notes[1], &none, &differ)?;
            unstable.read(&differ)?;
        }
        let differences = place("differences");
        self.compare(new, head, Some(&bases[0]), &heads[0], unstable, &differences)?;
        self.stale(pair, base, &bases[0], &place("stale"))?;
        let [head, _] = heads;
        Ok(PairObservations { differences, head })
    }

    /// Has a runner write down the outcomes of its models. Returns the number of filtered cases.
    fn observe(
        &self,
        program: Program<'_>,
        runner: &Executable,
        pair: &RunnerPair,
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
        let answer = ask(program, runner, fixtures, Verb::Observe(test))?;
        if !notes.exists() {
            let error = format!("{} can't run the cases", runner.target.describe());
            return Err(Error::failure(error).within(program.name));
        }
        Ok(match answer {
            Answer::Test(summary) => summary.filtered,
            _ => 0,
        })
    }

    /// Has a runner compare outcomes by its types.
    fn compare(
        &self,
        program: Program<'_>,
        runner: &Executable,
        old: Option<&Path>,
        new: &Path,
        unstable: &UnstablePaths,
        report: &Path,
    ) -> Result<()> {
        let request = Compare {
            old: old.map(Path::to_owned),
            new: new.to_owned(),
            report: report.to_owned(),
            masked: unstable.paths(),
        };
        ask(program, runner, &self.programs.inputs.fixtures, Verb::Compare(request)).map(drop)
    }

    /// Finds the cases whose outcome on the base is not the one recorded there.
    fn stale(
        &mut self,
        pair: &RunnerPair,
        base: &Executable,
        given: &Path,
        found: &Path,
    ) -> Result<()> {
        let (old, inputs) = (self.programs.base, self.programs.inputs);
        if inputs.file.is_some() {
            return Ok(());
        }
        // The working tree's recordings may already contain the outcomes of this change.
        let there = self.programs.baseline.folder(&inputs.fixtures);
        let is_same =
            || self.programs.git.is_same(self.programs.baseline.commit(), &inputs.fixtures);
        let its_own = found.with_extension("base");
        let notes = match there {
            Some(fixtures) if !is_same() => {
                self.observe(old, base, pair, &fixtures, false, &its_own)?;
                &its_own
            }
            _ => given,
        };
        self.compare(old, base, None, notes, &UnstablePaths::default(), found)?;
        for entry in entries(found)? {
            if let Entry::Failed(failure) = entry? {
                self.stale.insert(failure.name);
            }
        }
        Ok(())
    }
}
