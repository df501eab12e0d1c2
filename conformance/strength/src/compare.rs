//! `judge compare`: cargo-mutants on the crate's own tests and on the generated cases.

use std::time::Duration;

use crate::crates::JudgedCrate;
use crate::generate::generate;
use crate::outcomes::{Built, Switched, mutants, strength, time_each};
use crate::workspace::{Result, Workspace};

/// The crate whose speed is judged.
const SPEED: &str = "strsim";

/// Runs cargo-mutants on both suites of each crate, and prints a table.
///
/// With a shard of the mutants only the cases are judged, and not by their number.
pub(crate) fn run(crates: &[&JudgedCrate], shard: Option<&str>) -> Result<()> {
    let mut failures = Vec::new();
    let (mut rows, mut times) = (Vec::new(), Vec::new());
    for one in crates {
        let workspace = Workspace::new(one)?;
        let (cases, seconds) = generate(&workspace, one)?;
        let first = strength(&workspace, one)?;
        let second = strength(&workspace, one)?;
        let filter = format!("{}::", one.module);
        // The unmutated tests of the mutated package would run, and it has none: its cases have just passed.
        let baseline = ["--baseline", "skip"];
        let package = ["-p", one.name, "--test-package", "models"];
        let arguments = [&baseline[..], &package, &["--", "--test", "athena", &filter]].concat();
        let part = shard.unwrap_or(one.shard);
        let built = mutants(&workspace, part, &workspace.root, &arguments)?;
        let own = match shard {
            Some(_) => "not run".to_owned(),
            None => mutants(&workspace, part, &workspace.with_own_tests(one)?, &[])?.text(),
        };
        if shard.is_none() && built.count() < one.built {
            failures.push(format!("{}: {} caught, not {}", one.name, built.count(), one.built));
        }
        let agreement = Agreement::new(&second, &built);
        failures.extend(agreement.failure().map(|text| format!("{}: {text}", one.name)));
        rows.push(format!(
            "| {} | {cases} | {seconds:.0} s | {} of {} | {} | {own} |",
            one.name,
            second.caught,
            second.examined,
            built.text(),
        ));
        println!("{}: {}", one.name, agreement.text());
        let speed = Speed::new((&first, &second), seconds, &built);
        println!("{}: {}", one.name, speed.text());
        times.push(speed.row(one.name));
        if one.name == SPEED && !speed.is_enough() {
            failures.push(format!("{}: too slow", one.name));
        }
    }
    println!(
        "| crate | cases | generated in | caught, by a switch | caught, by cargo-mutants | the crate's own tests |\n|---|---|---|---|---|---|"
    );
    println!("{}", rows.join("\n"));
    println!(
        "\nThe time for 1,000 mutants:\n\n| crate | by a switch | first build included | cases generated | by cargo-mutants |\n|---|---|---|---|---|\n{}",
        times.join("\n")
    );
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Where the two tools differ.
#[derive(Debug, Default)]
struct Agreement {
    /// Mutants that both have a verdict about.
    both: usize,
    /// Caught by a switch, missed when built.
    only_switched: Vec<String>,
    /// The other way.
    only_built: Vec<String>,
    /// Mutants that cargo-mutants built, and that can't be switched.
    not_examined: usize,
}

impl Agreement {
    fn new(switched: &Switched, built: &Built) -> Self {
        let mut agreement = Self::default();
        for (name, caught) in &built.caught {
            if switched.not_examined.contains(name) {
                agreement.not_examined += 1;
                continue;
            }
            agreement.both += 1;
            match (!switched.missed.contains(name), caught) {
                (true, false) => agreement.only_switched.push(name.clone()),
                (false, true) => agreement.only_built.push(name.clone()),
                _ => {}
            }
        }
        agreement
    }

    fn text(&self) -> String {
        let Self { both, only_switched, only_built, not_examined } = self;
        let mut text = format!(
            "of {both} mutants that both tools examined, {} are caught by a switch and missed when built, {} the other way; {not_examined} that cargo-mutants built can't be switched",
            only_switched.len(),
            only_built.len(),
        );
        for name in only_switched.iter().chain(only_built) {
            text.push_str("\n  ");
            text.push_str(name);
        }
        text
    }

    /// Too much disagreement: none may be caught by a switch only, 2 % the other way.
    fn failure(&self) -> Option<String> {
        let is_too_much = !self.only_switched.is_empty() || self.only_built.len() * 50 > self.both;
        is_too_much.then(|| "the verdicts of the two tools differ too much".to_owned())
    }
}

/// How often the time of a mutant by a switch must be in that of cargo-mutants, and the same with the first build.
const TIMES: f64 = 50.0;
const TIMES_WITH_BUILD: f64 = 10.0;

/// The seconds of a mutant, by each tool.
struct Speed {
    switch: f64,
    with_build: f64,
    /// Of the generation of the cases that are judged, its build included.
    generation: f64,
    built: f64,
}

impl Speed {
    fn new(
        (first, second): (&Switched, &Switched),
        generation_seconds: f64,
        built: &Built,
    ) -> Self {
        let generation = Duration::from_secs_f64(generation_seconds);
        Self {
            generation: time_each(generation, second.examined).as_secs_f64(),
            switch: time_each(second.took, second.examined).as_secs_f64(),
            with_build: time_each(first.took, first.examined).as_secs_f64(),
            built: built.time_each().as_secs_f64(),
        }
    }

    fn is_enough(&self) -> bool {
        self.built >= TIMES * self.switch && self.built >= TIMES_WITH_BUILD * self.with_build
    }

    fn text(&self) -> String {
        let Self { switch, with_build, built, .. } = self;
        format!(
            "a mutant takes {:.2} ms, {:.2} ms with the first build, and {:.0} ms by cargo-mutants: {:.0} and {:.0} times as long",
            switch * 1000.0,
            with_build * 1000.0,
            built * 1000.0,
            built / switch,
            built / with_build,
        )
    }

    /// The seconds for 1,000 mutants.
    fn row(&self, name: &str) -> String {
        let Self { switch, with_build, generation, built } = self;
        let seconds = |each: &f64| each * 1000.0;
        format!(
            "| {name} | {:.1} s | {:.0} s | {:.0} s | {:.0} s |",
            seconds(switch),
            seconds(with_build),
            seconds(generation),
            seconds(built)
        )
    }
}
