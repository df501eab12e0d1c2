//! `judge generate`: cases of every crate, which replay and catch enough.

use std::time::Instant;

use crate::crates::JudgedCrate;
use crate::outcomes::strength;
use crate::session::{self, Page};
use crate::workspace::{Result, Workspace};

/// The crate of the sessions, and how many commands they have at least.
const SESSION: &str = "strsim";
const COMMANDS: usize = 5;

/// Generates cases of the crates, replays them, and checks how many mutants they catch.
pub(crate) fn run(crates: &[&JudgedCrate]) -> Result<()> {
    let mut short = Vec::new();
    for one in crates {
        let workspace = Workspace::new(one)?;
        let mut commands = session::run(&workspace, one, Page::Generation)?;
        let (cases, seconds) = generate(&workspace, one)?;
        let found = strength(&workspace, one)?;
        println!(
            "{}: {cases} cases in {seconds:.0} s; {} of {} mutants caught, {} not examined, in {:.1} s",
            one.name,
            found.caught,
            found.examined,
            found.not_examined.len(),
            found.took.as_secs_f64(),
        );
        workspace.athena(&["test", "--check-determinism"])?;
        commands += session::run(&workspace, one, Page::Strength)?;
        if one.name == SESSION && commands < COMMANDS {
            return Err(format!("the documentation has {commands} commands on {SESSION}"));
        }
        if found.caught < one.switched {
            let missed: Vec<&str> = found.missed.iter().map(String::as_str).collect();
            short.push(format!(
                "{}: fewer than {}:\n  {}",
                one.name,
                one.switched,
                missed.join("\n  ")
            ));
        }
    }
    if short.is_empty() { Ok(()) } else { Err(short.join("\n")) }
}

/// Generates the cases of a crate's models. Returns their number, and the seconds.
pub(crate) fn generate(workspace: &Workspace, one: &JudgedCrate) -> Result<(usize, f64)> {
    let models = workspace.models(one)?;
    let started = Instant::now();
    let mut arguments = vec!["record", "--generate"];
    arguments.extend(models.iter().map(String::as_str));
    arguments.extend(["--seed", "1"]);
    workspace.athena(&arguments)?;
    let seconds = started.elapsed().as_secs_f64();
    let mut cases = 0;
    for model in &models {
        let suite = format!("fixtures/{}/generated.jsonl", model.replace("::", "/"));
        let text = crate::workspace::read(&workspace.root.join(suite))?;
        cases += text.lines().filter(|line| line.contains("\"case\"")).count();
    }
    Ok((cases, seconds))
}
