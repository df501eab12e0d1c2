//! Runs both programs on the inputs, and has the head's runners compare the outcomes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use athena_protocol::{Answer, Compare, Entry, Test, Verb};

use super::observations::{ObservedCases, Revision};
use super::programs::{Program, Programs, RunnerPair, ask};
use super::unstable_paths::UnstablePaths;
use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::runner_results::read_entries;

/// The results of a pair of runners.
pub(super) struct PairObservations {
    /// The file with the differences of their outcomes.
    pub(super) differences: PathBuf,
    /// The file with the first observations of head.
    pub(super) head: PathBuf,
}

pub(super) struct ComparisonExecutor<'a> {
    pub(super) programs: &'a Programs<'a>,
    pub(super) test: &'a Test,
    pub(super) folder: &'a Path,
    pub(super) cases: ObservedCases,
    /// The models of the cases whose outcome on the base is not the recorded one, by name.
    pub(super) stale: BTreeMap<String, String>,
    pub(super) troubles: Vec<String>,
    pub(super) filtered: u64,
}

impl ComparisonExecutor<'_> {
    /// Runs the models of a pair and compares their outcomes.
    pub(super) fn run_pair(
        &mut self,
        at: usize,
        pair: &RunnerPair,
        unstable: &mut UnstablePaths,
    ) -> Result<PairObservations> {
        let (base_program, head_program) = (self.programs.base, self.programs.head);
        let fixtures = &self.programs.inputs.fixtures;
        let (base, head) =
            (&base_program.catalog.runners[pair.base], &head_program.catalog.runners[pair.head]);
        let file = |name: &str| self.folder.join(format!("{at}-{name}.jsonl"));
        let bases = [file("base-1"), file("base-2")];
        let heads = [file("head-1"), file("head-2")];
        for round in 0..2 {
            self.observe(base_program, base, pair, fixtures, round == 1, &bases[round])?;
            let filtered =
                self.observe(head_program, head, pair, fixtures, round == 1, &heads[round])?;
            self.filtered += if round == 0 { filtered } else { 0 };
        }
        for (results, program) in [(&heads, Revision::Head), (&bases, Revision::Base)] {
            for (round, results) in results.iter().enumerate() {
                self.cases.read(results, program, round, &mut self.troubles)?;
            }
        }
        self.cases.find_unseen(&[&heads[..], &bases].concat())?;
        let none = UnstablePaths::default();
        for (results, program) in [(&bases, "base"), (&heads, "head")] {
            let differ = file(&format!("{program}-itself"));
            self.compare(head_program, head, Some(&results[0]), &results[1], &none, &differ)?;
            unstable.read(&differ)?;
        }
        let differences = file("differences");
        self.compare(head_program, head, Some(&bases[0]), &heads[0], unstable, &differences)?;
        self.find_stale(pair, base, &bases[0], &file("stale"))?;
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
        perturbed: bool,
        results: &Path,
    ) -> Result<u64> {
        let test = Test {
            models: Some(pair.models.clone()),
            report: Some(results.to_owned()),
            check_determinism: perturbed,
            ..self.test.clone()
        };
        let answer = ask(program, runner, fixtures, Verb::Observe(test))?;
        if !results.exists() {
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
    fn find_stale(
        &mut self,
        pair: &RunnerPair,
        base: &Executable,
        observed: &Path,
        found: &Path,
    ) -> Result<()> {
        let (base_program, inputs) = (self.programs.base, self.programs.inputs);
        if inputs.file.is_some() {
            return Ok(());
        }
        // The working tree's recordings may already contain the outcomes of this change.
        let folder = self.programs.baseline.folder(&inputs.fixtures);
        let is_unchanged =
            || self.programs.git.is_unchanged(self.programs.baseline.commit(), &inputs.fixtures);
        let own_results = found.with_extension("base");
        let results = match folder {
            Some(fixtures) if !is_unchanged() => {
                self.observe(base_program, base, pair, &fixtures, false, &own_results)?;
                &own_results
            }
            _ => observed,
        };
        self.compare(base_program, base, None, results, &UnstablePaths::default(), found)?;
        for entry in read_entries(found)? {
            if let Entry::Failed(failure) = entry? {
                self.stale.insert(failure.name, failure.model);
            }
        }
        Ok(())
    }
}
