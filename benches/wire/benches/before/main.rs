//! `cargo bench -p athena-bench-wire --bench before -- REVISION`: the time that structures take on the wire
//! and as JSON, as a multiple of what they take at another commit. Both are built now and measured in turn.
//! `--check` exits with 1 if a row misses the target.

#![allow(missing_docs)]

mod programs;
#[allow(dead_code, reason = "the programs answer")]
mod rows;

use std::process::ExitCode;

use athena_bench_support::{median, ratio};
use athena_bench_wire::ours;

use crate::programs::Programs;

/// Code and memory lie elsewhere in each launch, which is worth a few percent.
const LAUNCHES: usize = 15;
const ROUNDS: usize = 9;
const TARGET: f64 = 1.03;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(revision) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        // `cargo test --benches` and a run of all benchmarks only check that the rows run.
        for row in rows::rows() {
            (row.call)();
        }
        println!(
            "compare with a commit: cargo bench -p athena-bench-wire --bench before -- REVISION"
        );
        return ExitCode::SUCCESS;
    };
    match compare(revision) {
        Ok(worst) if worst > TARGET && arguments.iter().any(|argument| argument == "--check") => {
            ExitCode::FAILURE
        }
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Prints the ratios, and returns the largest.
fn compare(revision: &str) -> Result<f64, String> {
    let programs = Programs::prepare(revision)?;
    let rows = rows::rows();
    let mut times = vec![[Vec::new(), Vec::new()]; rows.len()];
    for launch in 0..LAUNCHES {
        let mut running = programs.launch(launch)?;
        // The first round is a warm-up; the order alternates.
        for round in 0..=ROUNDS {
            for (index, times) in times.iter_mut().enumerate() {
                for turn in 0..2 {
                    let which = (launch + round + turn) % 2;
                    let taken = running[which].measure(index)?;
                    if round > 0 {
                        times[which].push(taken);
                    }
                }
            }
        }
    }
    println!(
        "median of {LAUNCHES} x {ROUNDS} rounds; {revision} = 1.00, larger is slower than it\n"
    );
    println!("                           ratio   (now, before: ns)");
    let mut worst = 0.0_f64;
    for (row, [now, before]) in rows.iter().zip(times) {
        let ratio = ratio(&now, &before);
        worst = worst.max(ratio);
        let (now, before) = (median(now), median(before));
        println!("{:26} {ratio:5.3}   ({now:.0}, {before:.0})", row.name);
    }
    println!("\nworst: {worst:.3} (target {TARGET})");
    Ok(worst)
}
