//! `cargo bench -p athena-bench-mpi --features mpi`: messages per second of one small model for
//! the 200,000 flights of npm's vega-datasets, on three ranks: one manager and two workers.
//!
//! Peers, with as many ranks in the same run: a hand-written loop on the same bindings with batches of
//! the same size, for a model of half a microsecond and one of about twenty; and mpi4py.futures mapping
//! the same function, in chunks of 1, 64 and 1024. All peers take turns within a round; a ratio is the
//! median of the ratios within the rounds. With `--check` the exit code is 1 below a target.

mod harness;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use athena_bench_support::{median, python, ratio};
use clap::Parser;

use harness::{Measured, Peer, Ranks, Workload, lines};

/// The target, relative to the hand-written loop.
const OF_BARE: f64 = 0.9;

/// The targets relative to mpi4py.futures, by the size of a chunk.
const OF_MPI4PY: [(usize, f64); 3] = [(1, 112.0), (64, 16.0), (1024, 10.0)];

/// The size of a batch of Athena and of the hand-written loop, in bytes.
const BATCH: usize = 1 << 20;

/// The size of a batch if a message takes long, in bytes.
const SMALL: usize = 64 << 10;

const PACKAGES: [&str; 1] = ["mpi4py==4.1.2"];

#[derive(Parser)]
struct Arguments {
    /// Exit with 1 if a target is missed
    #[arg(long)]
    check: bool,
    /// Don't compare with mpi4py, which needs Python
    #[arg(long)]
    without_mpi4py: bool,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Number of ranks
    #[arg(long, default_value_t = 3)]
    ranks: usize,
    /// Number of times that the flights are repeated for the quick model
    #[arg(long, default_value_t = 10)]
    repeat: usize,
    /// Number of square roots per flight of the slower model, which take about 10 ns each
    #[arg(long, default_value_t = 2_000)]
    roots: u32,
    /// File with the flights as a JSON array [default: fetched by npm]
    #[arg(long, value_name = "FILE")]
    flights: Option<PathBuf>,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// A workload, and the measured rounds of each peer, of which the first is Athena.
struct Comparison {
    name: String,
    workload: Workload,
    peers: Vec<(Peer, f64, Vec<Measured>)>,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Runs all rounds. Returns whether every target is met, or `--check` is not set.
fn measure(arguments: &Arguments) -> Result<bool, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let once = lines(folder, arguments.flights.as_deref(), 1)?;
    let often = lines(folder, arguments.flights.as_deref(), arguments.repeat)?;
    let ours = || (Peer::Athena, f64::NAN, Vec::new());
    let bare = || (Peer::Bare, OF_BARE, Vec::new());
    let mut comparisons = vec![
        Comparison {
            name: "quick model".to_owned(),
            workload: Workload { messages: often, roots: 0, batch: BATCH },
            peers: vec![ours(), bare()],
        },
        Comparison {
            name: format!("{} roots", arguments.roots),
            workload: Workload { messages: once.clone(), roots: arguments.roots, batch: SMALL },
            peers: vec![ours(), bare()],
        },
    ];
    if !arguments.without_mpi4py {
        let bin = python(&folder.join("mpi-python"), &PACKAGES).map_err(|error| {
            format!("{error}\nhelp: --without-mpi4py does not compare with mpi4py")
        })?;
        let mut peers = vec![ours()];
        for (chunk, target) in OF_MPI4PY {
            peers.push((Peer::Mpi4py { bin: bin.clone(), chunk }, target, Vec::new()));
        }
        let name = "quick model, once".to_owned();
        comparisons.push(Comparison {
            name,
            workload: Workload { messages: once, roots: 0, batch: BATCH },
            peers,
        });
    }
    let ranks = Ranks::new(arguments.ranks)?;
    for round in 0..=arguments.rounds {
        for comparison in &mut comparisons {
            for (peer, _, rounds) in &mut comparison.peers {
                let measured = ranks.run(&comparison.workload, peer)?;
                eprintln!("{}, {}: {:.0}/s", comparison.name, peer.name(), measured.rate);
                // The first round does not count.
                if round > 0 {
                    rounds.push(measured);
                }
            }
        }
    }
    Ok(print_table(&comparisons) || !arguments.check)
}

/// Prints the measurements as Markdown. Returns whether every target is met.
fn print_table(comparisons: &[Comparison]) -> bool {
    println!("| | | messages/s | Athena/this | core per message | whole command |");
    println!("|---|---|---:|---:|---:|---:|");
    let mut verdicts = Vec::new();
    for comparison in comparisons {
        let rates = |at: usize| -> Vec<f64> {
            comparison.peers[at].2.iter().map(|measured| measured.rate).collect()
        };
        for (at, (peer, target, rounds)) in comparison.peers.iter().enumerate() {
            let all = |get: fn(&Measured) -> f64| median(rounds.iter().map(get).collect());
            let ratio = ratio(&rates(0), &rates(at));
            println!(
                "| {} | {} | {:.0} | {ratio:.2} | {:.2} us | {:.2} s |",
                comparison.name,
                peer.name(),
                all(|round| round.rate),
                all(|round| round.cost),
                all(|round| round.whole),
            );
            if at > 0 {
                verdicts.push((
                    format!("{}: Athena/{}", comparison.name, peer.name()),
                    ratio,
                    *target,
                ));
            }
        }
    }
    let mut is_met = true;
    for (what, ratio, target) in verdicts {
        let met = ratio >= target;
        let verdict = if met { "met" } else { "missed" };
        println!("{what}: {ratio:.2}, target {target}: {verdict}");
        is_met &= met;
    }
    is_met
}
