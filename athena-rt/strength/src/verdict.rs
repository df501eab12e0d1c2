//! Runs a model on one input, unmutated or under a mutant, and compares the outcomes.
//!
//! All calls must come from one thread with [`STACK_SIZE`] in a process of their own: the switch is
//! the program's, and a mutant may crash it, hang, or leave state behind.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use athena_cases::case::CaseOutcome;
use athena_core::environment::{ErasedEnv, Variables, mask_secrets};
use athena_core::error::{Error, Result};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_protocol::{Catch, Mutant, RewrittenCrate};
use athena_replay::differences::differences;
use athena_structure::description::TypeDescription;

pub use crate::switch::STACK_SIZE;
use crate::switch::{Stop, Switch};

/// How many times as many sites as unmutated a mutant may run.
const FUEL_FACTOR: u64 = 20;

/// The number of sites that every mutant may run.
const FUEL_BASE: u64 = 20_000;

/// The mutants and sites of a rewritten program.
pub struct Mutants {
    crates: Vec<RewrittenCrate>,
    /// By id: the crate, and the index in it.
    by_id: HashMap<u32, (usize, usize)>,
    at_site: HashMap<u32, Vec<u32>>,
    counted: Vec<Range<u32>>,
    switch: &'static Switch,
}

/// A model under one environment.
pub struct Subject {
    pub entry: Entry,
    env: ErasedEnv,
    output: TypeDescription,
}

/// What a model did with one input.
#[derive(Clone, Debug)]
pub struct Observation {
    pub outcome: Observed,
    /// The sites that ran, with how often.
    pub sites: Vec<(u32, u32)>,
}

/// The result of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    Outcome(CaseOutcome),
    /// The outcome is missing: a panic, or a message that can't be read or written.
    Failed(Failure),
    /// A site stopped an endless loop or recursion.
    Endless,
}

/// Whether an input notices a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Caught(Catch),
    /// The outcome is equal. The mutant's site may not have run this time.
    Missed {
        reached: bool,
    },
}

impl Mutants {
    /// Reads the files that `cargo athena` wrote when it rewrote the program's crates.
    ///
    /// # Errors
    ///
    /// A file can't be read; the program is not rewritten.
    pub fn load(files: &[PathBuf]) -> Result<Self> {
        let switch = Switch::find().ok_or_else(|| {
            Error::failure(
                "this program has no mutants: it is not built by `cargo athena strength`",
            )
        })?;
        let mut crates = Vec::new();
        for path in files {
            let text = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
            let one: RewrittenCrate = serde_json::from_slice(&text).map_err(|error| {
                Error::failure(format!("{} can't be read: {error}", path.display()))
            })?;
            crates.push(one);
        }
        let mut mutants = Self {
            crates: vec![],
            by_id: HashMap::new(),
            at_site: HashMap::new(),
            counted: vec![],
            switch,
        };
        for (at, one) in crates.iter().enumerate() {
            for (index, mutant) in one.mutants.iter().enumerate() {
                mutants.by_id.insert(mutant.id, (at, index));
                mutants.at_site.entry(mutant.site).or_default().push(mutant.id);
            }
            if let (Some(first), Some(last)) = (one.sites.first(), one.sites.last()) {
                mutants.counted.push(first.id..last.id + 1);
            }
        }
        Ok(Self { crates, ..mutants })
    }

    /// The rewritten crates.
    pub fn crates(&self) -> &[RewrittenCrate] {
        &self.crates
    }

    /// Every mutant, by crate and id.
    pub fn iter(&self) -> impl Iterator<Item = &Mutant> {
        self.crates.iter().flat_map(|one| &one.mutants)
    }

    pub fn get(&self, id: u32) -> Option<&Mutant> {
        let (at, index) = self.by_id.get(&id)?;
        Some(&self.crates[*at].mutants[*index])
    }

    /// The mutants that a site can switch on.
    pub fn at_site(&self, site: u32) -> &[u32] {
        self.at_site.get(&site).map_or(&[], Vec::as_slice)
    }

    /// Runs a model unmutated, for at most this many sites.
    pub fn observe(&self, subject: &Subject, input: &str, fuel: u64) -> Observation {
        let outcome = self.call(subject, input, 0, fuel);
        Observation { outcome, sites: self.switch.hits(&self.counted) }
    }

    /// Runs a model under a mutant and compares the outcome with the expected one, as a replay does:
    /// with tolerances, and without volatile fields and the order of unordered lists.
    pub fn catches(
        &self,
        mutant: &Mutant,
        subject: &Subject,
        input: &str,
        expected: &Observed,
        fuel: u64,
    ) -> Verdict {
        let now = self.call(subject, input, mutant.id, fuel);
        match subject.difference(expected, &now) {
            Some(catch) => Verdict::Caught(catch),
            None => Verdict::Missed { reached: self.switch.is_hit(mutant.site) },
        }
    }

    /// Whether threads outlive the call that began them. What they run does not count, and no mutant is active there.
    pub fn ignores_threads(&self) -> bool {
        self.switch.ignores_threads()
    }

    /// Has each call wait for the threads that it begins.
    pub fn watch_threads(&self) {
        Switch::watch_threads();
    }

    /// Whether each call waits for its threads: it was asked to, or another thread has run rewritten code. What that ran
    /// before may have counted as code of another call.
    pub fn watches_threads(&self) -> bool {
        Switch::watches_threads()
    }

    fn call(&self, subject: &Subject, input: &str, mutant: u32, fuel: u64) -> Observed {
        let is_known = self.ignores_threads();
        let observed = self.call_once(subject, input, mutant, fuel);
        if self.ignores_threads() == is_known {
            return observed;
        }
        // Their code has counted in this call.
        self.call_once(subject, input, mutant, fuel)
    }

    fn call_once(&self, subject: &Subject, input: &str, mutant: u32, fuel: u64) -> Observed {
        let mut outcome = Outcome::default();
        let mut called = Ok(());
        let stop = self.switch.run(mutant, fuel, || {
            called = invoke(subject.entry.model, &subject.env, Message::Json(input), &mut outcome);
        });
        match (stop, called) {
            (Some(Stop::Fuel | Stop::Stack), _) => Observed::Endless,
            (None, Err(failure)) => Observed::Failed(failure),
            (None, Ok(())) => {
                Observed::Outcome(CaseOutcome::new(subject.entry.model.source().many, &outcome))
            }
        }
    }
}

impl Observation {
    /// The sites that a mutant may run on the same input.
    pub fn fuel(&self) -> u64 {
        fuel(self.sites.iter().map(|(_, count)| u64::from(*count)).sum())
    }
}

/// The sites that a mutant may run if the unmutated call runs this many.
pub fn fuel(sites: u64) -> u64 {
    sites.saturating_mul(FUEL_FACTOR).saturating_add(FUEL_BASE)
}

impl Subject {
    /// A model under recorded variables. A secret has its placeholder.
    ///
    /// # Errors
    ///
    /// The model can't read the variables.
    pub fn new(entry: Entry, variables: &Variables) -> Result<Self> {
        let variables = mask_secrets(&entry.model.variables(), variables);
        let env = entry.model.read_env(variables)?;
        let output = entry.model.output_type();
        Ok(Self { entry, env, output })
    }

    /// How a result differs from the expected one. `None` if it does not.
    pub fn difference(&self, expected: &Observed, now: &Observed) -> Option<Catch> {
        match (expected, now) {
            (Observed::Outcome(old), Observed::Outcome(new)) => {
                let is_equal = old == new || differences(&self.output, old, new).is_empty();
                (!is_equal).then_some(Catch::Outcome)
            }
            (Observed::Failed(_), Observed::Failed(_)) | (Observed::Endless, Observed::Endless) => {
                None
            }
            (_, Observed::Failed(_)) => Some(Catch::Panic),
            (_, Observed::Endless) => Some(Catch::Timeout),
            (_, Observed::Outcome(_)) => Some(Catch::Outcome),
        }
    }
}
