//! What the recorded cases catch, of all runners together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use athena_protocol::{Catch, Mutant, MutantOutcome, NotExamined, RewrittenCrate, StrengthSummary};

/// What became of every mutant.
#[derive(Debug, Default)]
pub(crate) struct StrengthResult {
    /// Every mutant that was examined, by file, line and column.
    pub(crate) mutants: Vec<ExaminedMutant>,
    /// Every site, by file and line.
    pub(crate) sites: Vec<ExaminedSite>,
    /// Mutants that don't compile.
    pub(crate) unviable: usize,
    pub(crate) not_examined: Vec<NotExamined>,
    /// The cases that were replayed.
    pub(crate) cases: u64,
    /// Cases that fail without a mutant, with the reason.
    pub(crate) failing: Vec<(String, String)>,
    /// Models that keep state between calls.
    pub(crate) stateful: BTreeSet<String>,
    pub(crate) took: Duration,
}

/// A mutant and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct ExaminedMutant {
    pub(crate) mutant: Mutant,
    pub(crate) outcome: MutantOutcome,
}

impl ExaminedMutant {
    pub(crate) fn is_caught(&self) -> bool {
        matches!(self.outcome, MutantOutcome::Caught { .. })
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.outcome != MutantOutcome::NotReached
    }
}

/// A site and the cases that reach it.
#[derive(Clone, Debug)]
pub(crate) struct ExaminedSite {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) end_line: u32,
    pub(crate) function: String,
    pub(crate) is_block: bool,
    pub(crate) cases: u64,
    /// The names of the first of them.
    pub(crate) names: Vec<String>,
}

/// A function and what its cases catch.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionStrength {
    pub(crate) file: String,
    pub(crate) function: String,
    pub(crate) line: u32,
    pub(crate) mutants: usize,
    pub(crate) caught: usize,
    pub(crate) blocks: usize,
    pub(crate) reached: usize,
}

impl StrengthResult {
    /// Combines what the runners say. `is_wanted` selects mutants by file, function and line.
    pub(crate) fn new(
        crates: &[RewrittenCrate],
        summaries: &[StrengthSummary],
        is_wanted: impl Fn(&str, &str, u32) -> bool,
    ) -> Self {
        let mut outcomes: HashMap<u32, &MutantOutcome> = HashMap::new();
        let mut hits: HashMap<u32, (u64, Vec<String>)> = HashMap::new();
        let mut result = Self::default();
        for summary in summaries {
            result.cases += summary.cases;
            result.failing.extend(summary.failing.iter().cloned());
            result.stateful.extend(summary.stateful.iter().cloned());
            for one in &summary.mutants {
                let known = outcomes.entry(one.id).or_insert(&one.outcome);
                if rank(&one.outcome) > rank(known) {
                    *known = &one.outcome;
                }
            }
            for site in &summary.reached {
                let known = hits.entry(site.site).or_default();
                known.0 += site.cases;
                known.1.extend(site.names.iter().cloned());
            }
        }
        // A file may belong to two crates of a package: its mutants are the same.
        let mut mutants: BTreeMap<(String, u32, u32, String), ExaminedMutant> = BTreeMap::new();
        let mut sites: BTreeMap<(String, u32, std::cmp::Reverse<u32>, bool, String), ExaminedSite> =
            BTreeMap::new();
        let mut unviable = BTreeSet::new();
        let mut not_examined = BTreeSet::new();
        for one in crates {
            for mutant in one.mutants.iter().filter(|it| is_wanted(&it.file, &it.function, it.line))
            {
                let none = &MutantOutcome::NotReached;
                let outcome = outcomes.get(&mutant.id).copied().unwrap_or(none).clone();
                let key = (mutant.file.clone(), mutant.line, mutant.column, mutant.name.clone());
                let examined = ExaminedMutant { mutant: mutant.clone(), outcome };
                let known = mutants.entry(key).or_insert_with(|| examined.clone());
                if rank(&examined.outcome) > rank(&known.outcome) {
                    *known = examined;
                }
            }
            for site in &one.sites {
                let (cases, names) = hits.get(&site.id).cloned().unwrap_or_default();
                let key = (
                    site.file.clone(),
                    site.line,
                    std::cmp::Reverse(site.end_line),
                    site.block,
                    format!("{}#{}", site.function, site.id - one.sites[0].id),
                );
                let known = sites.entry(key).or_insert_with(|| ExaminedSite {
                    file: site.file.clone(),
                    line: site.line,
                    end_line: site.end_line,
                    function: site.function.clone(),
                    is_block: site.block,
                    cases: 0,
                    names: Vec::new(),
                });
                known.cases += cases;
                known.names.extend(names);
            }
            let wanted =
                one.unviable.iter().filter(|it| is_wanted(&it.file, &it.function, it.line));
            unviable.extend(wanted.map(|mutant| mutant.name.clone()));
            let wanted =
                one.not_examined.iter().filter(|it| is_wanted(&it.file, &it.function, it.line));
            not_examined.extend(wanted.cloned());
        }
        let known: BTreeSet<&str> =
            mutants.values().map(|examined| examined.mutant.name.as_str()).collect();
        not_examined.retain(|it| !known.contains(it.name.as_str()));
        unviable.retain(|name| !known.contains(name.as_str()));
        result.unviable = unviable.len();
        result.not_examined = not_examined.into_iter().collect();
        result.mutants = mutants.into_values().collect();
        result.sites = sites.into_values().collect();
        result
    }

    /// The mutants that no case catches.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &ExaminedMutant> {
        self.mutants.iter().filter(|examined| !examined.is_caught())
    }

    pub(crate) fn caught(&self) -> usize {
        self.mutants.iter().filter(|examined| examined.is_caught()).count()
    }

    pub(crate) fn reached(&self) -> usize {
        self.mutants.iter().filter(|examined| examined.is_reached()).count()
    }

    /// All mutants, also those that are not examined. Without those that don't compile.
    pub(crate) fn total(&self) -> usize {
        self.mutants.len() + self.not_examined.iter().filter(|it| it.mutant).count()
    }

    /// The mutants under which a model process ended: the mutant, how, and the case.
    pub(crate) fn died(&self) -> impl Iterator<Item = (&str, Catch, &str)> {
        self.mutants.iter().filter_map(|examined| match &examined.outcome {
            MutantOutcome::Caught { case, by: by @ (Catch::Crash | Catch::Memory) } => {
                Some((examined.mutant.name.as_str(), *by, case.as_str()))
            }
            _ => None,
        })
    }

    /// How many mutants are caught in this way.
    pub(crate) fn caught_by(&self, catch: Catch) -> usize {
        let is_it = |it: &&ExaminedMutant| matches!(it.outcome, MutantOutcome::Caught { by, .. } if by == catch);
        self.mutants.iter().filter(is_it).count()
    }

    /// Every function, the one with the most missed mutants first.
    pub(crate) fn functions(&self) -> Vec<FunctionStrength> {
        let mut found: BTreeMap<(&str, &str), FunctionStrength> = BTreeMap::new();
        for site in self.sites.iter().filter(|site| site.is_block) {
            let function = found.entry((&site.file, &site.function)).or_default();
            function.blocks += 1;
            function.reached += usize::from(site.cases > 0);
            function.line =
                if function.line == 0 { site.line } else { function.line.min(site.line) };
        }
        for examined in &self.mutants {
            let mutant = &examined.mutant;
            let function = found.entry((&mutant.file, &mutant.function)).or_default();
            function.mutants += 1;
            function.caught += usize::from(examined.is_caught());
            if function.line == 0 {
                function.line = mutant.line;
            }
        }
        let mut all: Vec<FunctionStrength> = found
            .into_iter()
            .map(|((file, name), function)| FunctionStrength {
                file: file.to_owned(),
                function: name.to_owned(),
                ..function
            })
            .collect();
        all.sort_by_key(|function| std::cmp::Reverse(function.mutants - function.caught));
        all
    }

    /// The outermost blocks that no case reaches, in functions that one reaches or not.
    pub(crate) fn unreached(&self) -> Vec<&ExaminedSite> {
        let mut found: Vec<&ExaminedSite> = Vec::new();
        for site in self.sites.iter().filter(|site| site.is_block && site.cases == 0) {
            let is_inside = found.last().is_some_and(|outer| {
                outer.file == site.file
                    && outer.line <= site.line
                    && site.end_line <= outer.end_line
            });
            if !is_inside {
                found.push(site);
            }
        }
        found
    }
}

fn rank(outcome: &MutantOutcome) -> u8 {
    match outcome {
        MutantOutcome::NotReached => 0,
        MutantOutcome::Missed => 1,
        MutantOutcome::Caught { .. } => 2,
    }
}

#[cfg(test)]
mod tests {
    use athena_protocol::{MutantResult, ReachedSite, Site};

    use super::*;

    #[test]
    fn a_mutant_is_caught_if_any_runner_catches_it() {
        let mutant = |id, line| Mutant {
            id,
            file: "src/lib.rs".into(),
            line,
            function: "f".into(),
            name: format!("src/lib.rs:{line}:1: replace + with - in f"),
            ..Mutant::default()
        };
        let site = |id, line, end_line| Site {
            id,
            file: "src/lib.rs".into(),
            line,
            end_line,
            function: "f".into(),
            block: true,
        };
        let one = RewrittenCrate {
            mutants: vec![mutant(1, 2), mutant(2, 5), mutant(3, 9)],
            sites: vec![site(10, 1, 10), site(11, 4, 8), site(12, 5, 6)],
            ..RewrittenCrate::default()
        };
        let caught = MutantOutcome::Caught { case: "m::c".into(), by: Catch::Panic };
        let summary = |outcomes: [MutantOutcome; 2]| StrengthSummary {
            cases: 1,
            mutants: (1..)
                .zip(outcomes)
                .map(|(id, outcome)| MutantResult { id, outcome })
                .collect(),
            reached: vec![ReachedSite { site: 10, cases: 1, names: vec!["m::c".into()] }],
            ..StrengthSummary::default()
        };
        let summaries = [
            summary([MutantOutcome::Missed, MutantOutcome::NotReached]),
            summary([caught, MutantOutcome::Missed]),
        ];
        let result = StrengthResult::new(std::slice::from_ref(&one), &summaries, |_, _, _| true);
        assert_eq!((result.caught(), result.reached(), result.total()), (1, 2, 3));
        assert_eq!((result.cases, result.caught_by(Catch::Panic)), (2, 1));
        assert_eq!(result.unreached().iter().map(|site| site.line).collect::<Vec<_>>(), [4]);
        let function = &result.functions()[0];
        assert_eq!(
            (function.mutants, function.caught, function.blocks, function.reached),
            (3, 1, 3, 1)
        );
        let changed = StrengthResult::new(&[one], &summaries, |_, _, line| line == 5);
        assert_eq!(changed.mutants.len(), 1);
    }
}
