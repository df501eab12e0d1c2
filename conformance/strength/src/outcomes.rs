//! The reports of cargo-mutants and of `cargo athena strength`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::crates::JudgedCrate;
use crate::workspace::{Result, Workspace, parse, read};

/// The maximum time of a mutant's tests, in seconds.
const TIMEOUT: &str = "30";

/// What `cargo athena strength` says about one crate.
#[derive(Debug, Default)]
pub(crate) struct Switched {
    /// All mutants of it that were examined.
    pub(crate) examined: usize,
    pub(crate) caught: usize,
    pub(crate) missed: BTreeSet<String>,
    /// Mutants that can't be switched, by name.
    pub(crate) not_examined: BTreeSet<String>,
    /// The whole command.
    pub(crate) took: Duration,
}

/// Runs `cargo athena strength` on a crate.
pub(crate) fn strength(workspace: &Workspace, one: &JudgedCrate) -> Result<Switched> {
    let started = Instant::now();
    let text = workspace.athena(&["strength", "-p", one.name, "--format", "json"])?;
    let took = started.elapsed();
    let report = parse(&text)?;
    let count = |key: &str| report[key].as_u64().and_then(|it| usize::try_from(it).ok());
    let names = |key: &str| {
        let all = report[key].as_array().into_iter().flatten();
        all.filter_map(|it| it["name"].as_str()).map(short).collect()
    };
    Ok(Switched {
        examined: count("examined").unwrap_or_default(),
        caught: count("caught").unwrap_or_default(),
        missed: names("missed"),
        not_examined: names("not_examined"),
        took,
    })
}

/// What cargo-mutants says: whether each viable mutant is caught.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) caught: BTreeMap<String, bool>,
    pub(crate) took: Duration,
}

impl Built {
    pub(crate) fn count(&self) -> usize {
        self.caught.values().filter(|caught| **caught).count()
    }

    /// `35 of 36`
    pub(crate) fn text(&self) -> String {
        format!("{} of {}", self.count(), self.caught.len())
    }

    /// The time per mutant.
    pub(crate) fn time_each(&self) -> Duration {
        time_each(self.took, self.caught.len())
    }
}

/// The time per mutant.
pub(crate) fn time_each(took: Duration, mutants: usize) -> Duration {
    took / u32::try_from(mutants.max(1)).unwrap_or(u32::MAX)
}

/// Runs cargo-mutants in a folder, with more arguments.
pub(crate) fn mutants(
    workspace: &Workspace,
    shard: &str,
    folder: &Path,
    arguments: &[&str],
) -> Result<Built> {
    let output = folder.join("mutants");
    let mut command = Command::new("cargo-mutants");
    command.args(["mutants", "--no-shuffle", "--timeout", TIMEOUT]);
    command.args(["--shard", shard, "--sharding", "round-robin", "-o"]).arg(&output);
    command.args(arguments);
    let started = Instant::now();
    let ran = workspace.run(command, folder)?;
    let took = started.elapsed();
    // 2 stands for missed mutants, 3 for timeouts.
    if !matches!(ran.status.code(), Some(0 | 2 | 3)) {
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        return Err(text + &String::from_utf8_lossy(&ran.stderr));
    }
    let report = parse(&read(&output.join("mutants.out/outcomes.json"))?)?;
    let mut built = Built { took, ..Built::default() };
    for outcome in report["outcomes"].as_array().into_iter().flatten() {
        let name = outcome["scenario"]["Mutant"]["name"].as_str();
        let caught = match outcome["summary"].as_str() {
            Some("CaughtMutant" | "Timeout") => true,
            Some("MissedMutant") => false,
            _ => continue,
        };
        built.caught.extend(name.map(|name| (short(name), caught)));
    }
    Ok(built)
}

/// A mutant's name from `src/` on: the workspaces differ.
fn short(name: &str) -> String {
    name.find("src/").map_or(name, |at| &name[at..]).to_owned()
}
