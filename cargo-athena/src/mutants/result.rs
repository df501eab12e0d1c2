//! What the recorded cases catch, of all runners together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use athena_protocol::{Catch, Mutant, MutantOutcome, NotExamined};

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
    /// How many of them can't be read as a case.
    pub(crate) broken: u64,
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
    /// Whether a filter or a base selects it.
    pub(crate) is_wanted: bool,
    pub(crate) cases: u64,
    /// The names of the first of them.
    pub(crate) names: Vec<String>,
}

impl ExaminedSite {
    fn is_unreached(&self) -> bool {
        self.is_block && self.is_wanted && self.cases == 0
    }
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
    /// `2 cases fail without a mutant, and catch nothing`
    pub(crate) fn failing_text(&self) -> String {
        match self.failing.len() {
            1 => "1 case fails without a mutant, and catches nothing".to_owned(),
            count => format!("{count} cases fail without a mutant, and catch nothing"),
        }
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
        for site in self.sites.iter().filter(|site| site.is_block && site.is_wanted) {
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
        for site in self.sites.iter().filter(|site| site.is_unreached()) {
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
