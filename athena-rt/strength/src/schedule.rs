//! Which mutant runs next, on which cases and in which order.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use athena_protocol::{Catch, Mutant, MutantOutcome};

/// A mutant to examine.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) mutant: Mutant,
    /// Whether it runs in a process of its own.
    pub(crate) own_process: bool,
    /// Whether all cases of the models run, not only those that reach its site: code that runs once
    /// in a process is reached by the first case only.
    pub(crate) all_cases: bool,
    /// Whether something outside has ended its process before.
    pub(crate) was_killed: bool,
}

/// What is known while mutants run.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    queue: VecDeque<Task>,
    pub(crate) outcomes: BTreeMap<u32, MutantOutcome>,
    /// Models that keep state between calls.
    pub(crate) stateful: BTreeSet<String>,
    /// By case: how many mutants it has caught.
    catches: HashMap<usize, u64>,
    /// The same by function.
    catches_in: HashMap<String, HashMap<usize, u64>>,
}

impl Schedule {
    pub(crate) fn push(&mut self, task: Task) {
        self.queue.push_back(task);
    }

    pub(crate) fn pop(&mut self) -> Option<Task> {
        self.queue.pop_front()
    }

    /// Sorts cases: those that have caught most in the mutant's function first, then those that have
    /// caught most, then the shortest runs.
    pub(crate) fn sort(&self, cases: &mut [(usize, u64)], function: &str) {
        let own = self.catches_in.get(function);
        cases.sort_by_cached_key(|(case, sites)| {
            let own = own.and_then(|catches| catches.get(case)).copied().unwrap_or(0);
            let all = self.catches.get(case).copied().unwrap_or(0);
            (std::cmp::Reverse(own), std::cmp::Reverse(all), *sites, *case)
        });
    }

    pub(crate) fn caught(&mut self, mutant: &Mutant, case: Option<usize>, name: &str, by: Catch) {
        if let Some(case) = case {
            *self.catches.entry(case).or_default() += 1;
            *self
                .catches_in
                .entry(mutant.function.clone())
                .or_default()
                .entry(case)
                .or_default() += 1;
        }
        self.outcomes.insert(mutant.id, MutantOutcome::Caught { case: name.to_owned(), by });
    }

    pub(crate) fn missed(&mut self, mutant: &Mutant) {
        self.outcomes.insert(mutant.id, MutantOutcome::Missed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_that_caught_in_the_function_comes_first() {
        let mut schedule = Schedule::default();
        let mutant =
            |id, function: &str| Mutant { id, function: function.into(), ..Mutant::default() };
        schedule.caught(&mutant(1, "a"), Some(2), "m::two", Catch::Outcome);
        schedule.caught(&mutant(2, "a"), Some(2), "m::two", Catch::Outcome);
        schedule.caught(&mutant(3, "b"), Some(1), "m::one", Catch::Outcome);
        let sorted = |function| {
            let mut cases = [(0, 5), (1, 9), (2, 9), (3, 1)];
            schedule.sort(&mut cases, function);
            cases.map(|(case, _)| case)
        };
        assert_eq!(sorted("b"), [1, 2, 3, 0]);
        assert_eq!(sorted("c"), [2, 1, 3, 0]);
    }
}
