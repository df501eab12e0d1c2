//! What became of every mutant, from what the runners say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use athena_protocol::{MutantOutcome, NotExamined, RewrittenCrate, StrengthSummary};

use super::result::{ExaminedMutant, ExaminedSite, StrengthResult};

/// What the cases catch in one package.
#[derive(Debug)]
pub(crate) struct PackageStrength {
    pub(crate) name: String,
    pub(crate) result: StrengthResult,
}

/// Combines what the runners say: the result of everything, and of each package. `is_wanted` selects mutants
/// by file, function and line.
pub(crate) fn judge(
    crates: &[RewrittenCrate],
    summaries: &[StrengthSummary],
    is_wanted: impl Fn(&str, &str, u32) -> bool,
) -> (StrengthResult, Vec<PackageStrength>) {
    let verdicts = Verdicts::new(summaries);
    let mut packages: BTreeMap<&str, Collection> = BTreeMap::new();
    for one in crates {
        packages.entry(&one.package).or_default().add(one, &verdicts, &is_wanted);
    }
    let mut all = Collection::default();
    for package in packages.values() {
        all.extend(package);
    }
    let packages = packages.into_iter().map(|(name, package)| PackageStrength {
        name: name.to_owned(),
        result: package.into_result(summaries),
    });
    let packages = packages.collect();
    (all.into_result(summaries), packages)
}

/// The best outcome of each mutant, and the cases that reach each site, by number.
#[derive(Debug, Default)]
struct Verdicts<'a> {
    outcomes: HashMap<u32, &'a MutantOutcome>,
    hits: HashMap<u32, (u64, Vec<String>)>,
}

impl<'a> Verdicts<'a> {
    fn new(summaries: &'a [StrengthSummary]) -> Self {
        let mut verdicts = Self::default();
        for summary in summaries {
            for one in &summary.mutants {
                let known = verdicts.outcomes.entry(one.id).or_insert(&one.outcome);
                if rank(&one.outcome) > rank(known) {
                    *known = &one.outcome;
                }
            }
            for site in &summary.reached {
                let known = verdicts.hits.entry(site.site).or_default();
                known.0 += site.cases;
                known.1.extend(site.names.iter().cloned());
            }
        }
        verdicts
    }
}

/// File, line, column and name.
type MutantKey = (String, u32, u32, String);

/// File, first and last line, whether it is a block, function with the number in the crate.
type SiteKey = (String, u32, Reverse<u32>, bool, String);

/// The mutants and sites of several crates. A file may belong to two of them: its mutants are the same.
#[derive(Debug, Default)]
struct Collection {
    mutants: BTreeMap<MutantKey, ExaminedMutant>,
    sites: BTreeMap<SiteKey, ExaminedSite>,
    unviable: BTreeSet<String>,
    not_examined: BTreeSet<NotExamined>,
}

impl Collection {
    fn add(
        &mut self,
        one: &RewrittenCrate,
        verdicts: &Verdicts<'_>,
        is_wanted: impl Fn(&str, &str, u32) -> bool,
    ) {
        for mutant in one.mutants.iter().filter(|it| is_wanted(&it.file, &it.function, it.line)) {
            let outcome = verdicts.outcomes.get(&mutant.id).copied();
            let outcome = outcome.unwrap_or(&MutantOutcome::NotReached).clone();
            let key = (mutant.file.clone(), mutant.line, mutant.column, mutant.name.clone());
            self.add_mutant(key, ExaminedMutant { mutant: mutant.clone(), outcome });
        }
        for site in &one.sites {
            let (cases, names) = verdicts.hits.get(&site.id).cloned().unwrap_or_default();
            let function = format!("{}#{}", site.function, site.id - one.sites[0].id);
            let key = (site.file.clone(), site.line, Reverse(site.end_line), site.block, function);
            let examined = ExaminedSite {
                file: site.file.clone(),
                line: site.line,
                end_line: site.end_line,
                function: site.function.clone(),
                is_block: site.block,
                is_wanted: (site.line..=site.end_line)
                    .any(|line| is_wanted(&site.file, &site.function, line)),
                cases,
                names,
            };
            self.add_site(key, examined);
        }
        let wanted = one.unviable.iter().filter(|it| is_wanted(&it.file, &it.function, it.line));
        self.unviable.extend(wanted.map(|mutant| mutant.name.clone()));
        let wanted =
            one.not_examined.iter().filter(|it| is_wanted(&it.file, &it.function, it.line));
        self.not_examined.extend(wanted.cloned());
    }

    fn add_mutant(&mut self, key: MutantKey, examined: ExaminedMutant) {
        let known = self.mutants.entry(key).or_insert_with(|| examined.clone());
        if rank(&examined.outcome) > rank(&known.outcome) {
            *known = examined;
        }
    }

    fn add_site(&mut self, key: SiteKey, site: ExaminedSite) {
        match self.sites.get_mut(&key) {
            None => drop(self.sites.insert(key, site)),
            Some(known) => {
                known.cases += site.cases;
                known.names.extend(site.names);
            }
        }
    }

    fn extend(&mut self, other: &Self) {
        for (key, examined) in &other.mutants {
            self.add_mutant(key.clone(), examined.clone());
        }
        for (key, site) in &other.sites {
            self.add_site(key.clone(), site.clone());
        }
        self.unviable.extend(other.unviable.iter().cloned());
        self.not_examined.extend(other.not_examined.iter().cloned());
    }

    fn into_result(mut self, summaries: &[StrengthSummary]) -> StrengthResult {
        let known: BTreeSet<&str> =
            self.mutants.values().map(|examined| examined.mutant.name.as_str()).collect();
        self.not_examined.retain(|it| !known.contains(it.name.as_str()));
        self.unviable.retain(|name| !known.contains(name.as_str()));
        let failing = summaries.iter().flat_map(|it| it.failing.iter().cloned());
        let stateful = summaries.iter().flat_map(|it| it.stateful.iter().cloned());
        StrengthResult {
            unviable: self.unviable.len(),
            not_examined: self.not_examined.into_iter().collect(),
            mutants: self.mutants.into_values().collect(),
            sites: self.sites.into_values().collect(),
            cases: summaries.iter().map(|it| it.cases).sum(),
            failing: failing.collect(),
            broken: summaries.iter().map(|it| it.broken).sum(),
            stateful: stateful.collect(),
            ..StrengthResult::default()
        }
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
    use athena_protocol::{Catch, Mutant, MutantResult, ReachedSite, Site};

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
            ..Site::default()
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
        // A crate of another package has the same file.
        let other = RewrittenCrate {
            package: "other".into(),
            mutants: vec![mutant(4, 2), mutant(5, 12)],
            ..RewrittenCrate::default()
        };
        let (all, packages) = judge(&[one.clone(), other], &summaries, |_, _, _| true);
        assert_eq!((all.caught(), all.mutants.len()), (1, 4));
        let caught = packages.iter().map(|it| (&*it.name, it.result.caught(), it.result.cases));
        assert_eq!(caught.collect::<Vec<_>>(), [("", 1, 2), ("other", 0, 2)]);
        let result = &packages[0].result;
        assert_eq!((result.caught(), result.reached(), result.total()), (1, 2, 3));
        assert_eq!((result.cases, result.caught_by(Catch::Panic)), (2, 1));
        assert_eq!(result.unreached().iter().map(|site| site.line).collect::<Vec<_>>(), [4]);
        let function = &result.functions()[0];
        assert_eq!(
            (function.mutants, function.caught, function.blocks, function.reached),
            (3, 1, 3, 1)
        );
        let (changed, _) = judge(std::slice::from_ref(&one), &summaries, |_, _, line| line == 5);
        assert_eq!(changed.mutants.len(), 1);
        // What is not asked for is not listed as never reached either.
        let (changed, _) = judge(&[one], &summaries, |_, _, line| line == 7);
        assert_eq!(changed.mutants.len(), 0);
        let lines = |result: &StrengthResult| -> Vec<u32> {
            result.unreached().iter().map(|site| site.line).collect()
        };
        assert_eq!((lines(&changed), changed.functions()[0].blocks), (vec![4], 2));
    }
}
