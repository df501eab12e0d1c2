//! `judge table`: what the generated cases of each model catch, for the table of the documentation.

use std::time::Instant;

use crate::crates::JudgedCrate;
use crate::workspace::{Result, Workspace, parse, read};

/// Generates cases of each model, and prints one row for it. Times are those of the clock, the build apart.
pub(crate) fn run(crates: &[&JudgedCrate]) -> Result<()> {
    println!("| crate | model | caught of reached | cases | median input | findings | time |");
    println!("|---|---|---|---|---|---|---|");
    for one in crates {
        let workspace = Workspace::new(one)?;
        let models = workspace.models(one)?;
        let Some(first) = models.first() else { continue };
        // Builds all, and finds nothing.
        workspace.athena(&["record", "--generate", first, "--cases", "1", "--dry-run"])?;
        for model in &models {
            let started = Instant::now();
            let (_, said) = workspace.both(&["record", "--generate", model, "--seed", "1"])?;
            let seconds = started.elapsed().as_secs_f64();
            let suite = format!("fixtures/{}/generated.jsonl", model.replace("::", "/"));
            // A model may have findings only.
            let inputs = inputs(&read(&workspace.root.join(suite)).unwrap_or_default())?;
            println!(
                "| {} | {} | {} | {} | {} bytes | {} | {seconds:.0} s |",
                one.name,
                model.rsplit("::").next().unwrap_or(model),
                caught(&said),
                inputs.len(),
                inputs.get(inputs.len() / 2).copied().unwrap_or_default(),
                said.lines().filter(|line| line.trim_start().starts_with("finding ")).count(),
            );
        }
    }
    Ok(())
}

/// `6 of 6` in `  caught    6 of 6 mutants that the model reaches`.
fn caught(said: &str) -> String {
    let line = said.lines().find_map(|line| line.trim_start().strip_prefix("caught "));
    let words = line.unwrap_or_default().split_whitespace().take(3);
    words.collect::<Vec<_>>().join(" ")
}

/// The lengths of the inputs of a suite, in ascending order.
fn inputs(suite: &str) -> Result<Vec<usize>> {
    let cases = suite.lines().filter(|line| line.contains("\"case\""));
    let lengths = cases.map(|line| Ok(parse(line)?["input"].to_string().len()));
    let mut lengths = lengths.collect::<Result<Vec<usize>>>()?;
    lengths.sort_unstable();
    Ok(lengths)
}
