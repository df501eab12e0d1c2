//! `cargo bench -p athena-bench-mpi --features mpi`: messages per second of one small model over the
//! 200,000 flights of npm's vega-datasets, on three ranks: one distributes and two work.
//!
//! The others, with as many ranks in the same run: a hand-written loop on the same bindings with
//! batches of the same size, with a model of half a microsecond and one of about twenty; and
//! mpi4py.futures with the same function, in chunks of 1, 64 and 1024. All take turns within a round; a
//! ratio is the median of the ratios of the rounds. `--check` exits with 1 if a target is missed.

mod harness;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use athena_bench_support::{median, python, ratio};
use clap::Parser;

use harness::{Measured, Peer, Race, Ranks, lines};

/// The target, as a ratio to the hand-written loop.
const OF_BARE: f64 = 0.9;

/// The targets by chunk size, as ratios to mpi4py.futures.
const OF_MPI4PY: [(usize, f64); 3] = [(1, 112.0), (64, 16.0), (1024, 10.0)];

/// The size of a batch, of Athena and the hand-written loop, in bytes.
const BATCH: usize = 1 << 20;

/// The size of a batch of slow messages, in bytes.
const SMALL: usize = 64 << 10;

const PACKAGES: [&str; 1] = ["mpi4py==4.1.2"];

#[derive(Parser)]
struct Arguments {
    /// Exit with 1 if a target is missed
    #[arg(long)]
    check: bool,
    /// Don't run mpi4py, which needs Python
    #[arg(long)]
    without_mpi4py: bool,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Number of ranks
    #[arg(long, default_value_t = 3)]
    ranks: usize,
    /// Number of repetitions of the flights for the quick model
    #[arg(long, default_value_t = 10)]
    repeat: usize,
    /// Number of roots that the slow model computes per flight, about 10 ns each
    #[arg(long, default_value_t = 2_000)]
    roots: u32,
    /// File with the flights as a JSON array [default: fetched by npm]
    #[arg(long, value_name = "FILE")]
    flights: Option<PathBuf>,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// One comparison: the contestants and the results of their rounds. The first contestant is Athena.
struct Field {
    name: String,
    race: Race,
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

/// Measures everything; returns whether every target is met, or `--check` is not given.
fn measure(arguments: &Arguments) -> Result<bool, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let once = lines(folder, arguments.flights.as_deref(), 1)?;
    let often = lines(folder, arguments.flights.as_deref(), arguments.repeat)?;
    let ours = || (Peer::Athena, f64::NAN, Vec::new());
    let hand_written = || (Peer::Bare, OF_BARE, Vec::new());
    let mut fields = vec![
        Field {
            name: "quick model".to_owned(),
            race: Race { messages: often, roots: 0, batch: BATCH },
            peers: vec![ours(), hand_written()],
        },
        Field {
            name: format!("{} roots", arguments.roots),
            race: Race { messages: once.clone(), roots: arguments.roots, batch: SMALL },
            peers: vec![ours(), hand_written()],
        },
    ];
    if !arguments.without_mpi4py {
        let bin = python(&folder.join("mpi-python"), &PACKAGES)
            .map_err(|error| format!("{error}\nhelp: --without-mpi4py skips mpi4py"))?;
        let mut peers = vec![ours()];
        for (chunk, target) in OF_MPI4PY {
            peers.push((Peer::Mpi4py { bin: bin.clone(), chunk }, target, Vec::new()));
        }
        let name = "quick model, once".to_owned();
        fields.push(Field { name, race: Race { messages: once, roots: 0, batch: BATCH }, peers });
    }
    let ranks = Ranks::new(arguments.ranks)?;
    for round in 0..=arguments.rounds {
        for field in &mut fields {
            for (peer, _, rounds) in &mut field.peers {
                let measured = ranks.race(&field.race, peer)?;
                eprintln!("{}, {}: {:.0}/s", field.name, peer.name(), measured.rate);
                // The first round is a warm-up.
                if round > 0 {
                    rounds.push(measured);
                }
            }
        }
    }
    Ok(print_results(&fields) || !arguments.check)
}

/// Prints the results as Markdown; returns whether every target is met.
fn print_results(fields: &[Field]) -> bool {
    println!("| | | messages/s | Athena/this | core per message | whole command |");
    println!("|---|---|---:|---:|---:|---:|");
    let mut verdicts = Vec::new();
    for field in fields {
        let rates = |at: usize| -> Vec<f64> {
            field.peers[at].2.iter().map(|measured| measured.rate).collect()
        };
        for (at, (peer, target, rounds)) in field.peers.iter().enumerate() {
            let all = |get: fn(&Measured) -> f64| median(rounds.iter().map(get).collect());
            let ratio = ratio(&rates(0), &rates(at));
            println!(
                "| {} | {} | {:.0} | {ratio:.2} | {:.2} us | {:.2} s |",
                field.name,
                peer.name(),
                all(|round| round.rate),
                all(|round| round.cost),
                all(|round| round.whole),
            );
            if at > 0 {
                verdicts.push((format!("{}: Athena/{}", field.name, peer.name()), ratio, *target));
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
