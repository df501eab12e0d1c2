//! `cargo bench -p athena-bench-queue`: messages per second of one small model behind each broker, in
//! batches of 256 and one by one. Compares `work` with one process with a hand-written loop on the same
//! client that stores, then acknowledges, in the same batches; and with Celery on Redis and on `RabbitMQ`,
//! with one process.
//!
//! The brokers are started on free ports of loopback, and stopped at the end. All contestants take turns
//! within a round, each on a queue of its own; a ratio is the median of the ratios of the rounds. `--check`
//! exits with 1 if a target is missed, `--only redis,sqlite` leaves out the other brokers. `--latency 1000`
//! measures instead how long one message takes from its submission to its stored outcome, on Redis and `SQLite` unless
//! `--only` names others.

mod harness;

use std::path::Path;
use std::process::ExitCode;

use athena_bench_support::{median, python, ratio};
use clap::Parser;

use harness::{Broker, Latency, Measured, Peer, Server, measure_latency, race};

/// The target, as a ratio to the hand-written loop.
const OF_BARE: f64 = 0.85;

/// The targets in batches and one by one, as ratios to Celery.
const OF_CELERY: [f64; 2] = [60.0, 6.0];

const PACKAGES: [&str; 1] = ["celery[redis]==5.7.0"];

/// The number of messages read at once.
const BATCH: usize = 256;

#[derive(Parser)]
struct Arguments {
    /// Exit with 1 if a target is missed
    #[arg(long)]
    check: bool,
    /// Measure these brokers only
    #[arg(long, value_delimiter = ',', value_name = "BROKER")]
    only: Vec<String>,
    /// Don't run Celery, which needs Python
    #[arg(long)]
    without_celery: bool,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Number of batches of 256 per round
    #[arg(long, default_value_t = 400)]
    batches: usize,
    /// Number of messages one by one per round
    #[arg(long, default_value_t = 3_000)]
    singles: usize,
    /// Number of messages for Celery per round
    #[arg(long, default_value_t = 1_500)]
    tasks: usize,
    /// Measure the latency of this many messages instead
    #[arg(long, value_name = "MESSAGES")]
    latency: Option<usize>,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// One contestant and the results of its rounds.
struct Field {
    name: &'static str,
    broker: Broker,
    peer: Peer,
    batch: usize,
    count: usize,
    rounds: Vec<Measured>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = match arguments.latency {
        Some(count) => measure_latencies(&arguments, count),
        None => measure(&arguments),
    };
    match measured {
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
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let runner = Path::new(env!("CARGO_BIN_EXE_queue_runner"));
    let bare = Path::new(env!("CARGO_BIN_EXE_queue_bare"));
    let all = arguments.batches * BATCH;
    let mut fields = Vec::new();
    let is_wanted = |broker: &Broker| {
        let name = broker.name();
        arguments.only.is_empty() || arguments.only.iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    let brokers: Vec<Broker> = Broker::ALL.into_iter().filter(is_wanted).collect();
    for &broker in &brokers {
        for (batch, count) in [(BATCH, all), (1, arguments.singles)] {
            let rounds = Vec::new();
            let field =
                |name, peer| Field { name, broker, peer, batch, count, rounds: rounds.clone() };
            fields.push(field("Athena", Peer::Athena(runner.to_owned())));
            fields.push(field("bare loop", Peer::Bare(bare.to_owned())));
        }
    }
    if !arguments.without_celery {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("queue-python");
        let bin = python(&folder, &PACKAGES)
            .map_err(|error| format!("{error}\nhelp: --without-celery skips Celery"))?;
        for broker in [Broker::Redis, Broker::RabbitMq].into_iter().filter(is_wanted) {
            let (name, peer) = ("Celery", Peer::Celery(bin.clone()));
            let rounds = Vec::new();
            fields.push(Field { name, broker, peer, batch: 1, count: arguments.tasks, rounds });
        }
    }
    // Celery's results are in Redis, whatever its broker is.
    let redis = Server::start(Broker::Redis)?;
    let others = brokers.into_iter().filter(|&broker| broker != Broker::Redis).map(Server::start);
    let others = others.collect::<Result<Vec<_>, _>>()?;
    let mut queues = 0;
    for round in 0..=arguments.rounds {
        for field in &mut fields {
            let server = others.iter().find(|server| server.broker == field.broker);
            let server = server.unwrap_or(&redis);
            let Field { peer, batch, count, .. } = &*field;
            queues += 1;
            let queue = format!("tasks{queues}");
            let raced = race(server, &redis, peer, &queue, *batch, *count);
            let measured = runtime.block_on(raced).map_err(|error| {
                format!("{}, {} at once, {}: {error}", field.broker.name(), field.batch, field.name)
            })?;
            let (broker, batch) = (field.broker.name(), field.batch);
            eprintln!("{broker}, {batch} at once, {}: {:.0}/s", field.name, measured.rate);
            // The first round is a warm-up.
            if round > 0 {
                field.rounds.push(measured);
            }
        }
    }
    Ok(print_results(&fields) || !arguments.check)
}

/// Measures the latency of one message at a time; it has no target.
fn measure_latencies(arguments: &Arguments, count: usize) -> Result<bool, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let is_wanted = |broker: &Broker| {
        let name = broker.name();
        match &arguments.only[..] {
            [] => [Broker::Redis, Broker::Sqlite].contains(broker),
            only => only.iter().any(|one| one.eq_ignore_ascii_case(name)),
        }
    };
    let mut peers = vec![
        ("Athena", Peer::Athena(Path::new(env!("CARGO_BIN_EXE_queue_runner")).to_owned())),
        ("bare loop", Peer::Bare(Path::new(env!("CARGO_BIN_EXE_queue_bare")).to_owned())),
    ];
    if !arguments.without_celery {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("queue-python");
        let bin = python(&folder, &PACKAGES)
            .map_err(|error| format!("{error}\nhelp: --without-celery skips Celery"))?;
        peers.push(("Celery", Peer::Celery(bin)));
    }
    let redis = Server::start(Broker::Redis)?;
    println!("| broker | | p50 | p99 | p50 of this/Athena |");
    println!("|---|---|---:|---:|---:|");
    for broker in Broker::ALL.into_iter().filter(is_wanted) {
        let other = (broker != Broker::Redis).then(|| Server::start(broker)).transpose()?;
        let server = other.as_ref().unwrap_or(&redis);
        let mut ours = None;
        for (at, (name, peer)) in peers.iter().enumerate() {
            if *name == "Celery" && ![Broker::Redis, Broker::RabbitMq].contains(&broker) {
                continue;
            }
            let queue = format!("latency{at}");
            let measured = measure_latency(server, &redis, peer, &queue, count);
            let Latency { p50, p99 } = runtime.block_on(measured)?;
            let first = *ours.get_or_insert(p50);
            let ratio = p50.as_secs_f64() / first.as_secs_f64();
            println!("| {} | {name} | {p50:.2?} | {p99:.2?} | {ratio:.2} |", broker.name());
        }
    }
    Ok(true)
}

/// Prints the results as Markdown; returns whether every target is met.
fn print_results(fields: &[Field]) -> bool {
    println!("| broker | batch | | messages/s | Athena/this | core per message | of the broker |");
    println!("|---|---:|---|---:|---:|---:|---:|");
    for field in fields {
        let all = |get: fn(&Measured) -> f64| median(field.rounds.iter().map(get).collect());
        let ours = fields.iter().find(|ours| is_ours(ours, field, field.batch));
        println!(
            "| {} | {} | {} | {:.0} | {:.2} | {:.1} us | {:.1} us |",
            field.broker.name(),
            field.batch,
            field.name,
            all(|round| round.rate),
            ours.map_or(f64::NAN, |ours| ratio_of(ours, field)),
            all(|round| round.cost),
            all(|round| round.broker_cost),
        );
    }
    let mut is_met = true;
    for ours in fields.iter().filter(|ours| ours.name == "Athena") {
        for theirs in fields.iter().filter(|theirs| theirs.name != "Athena") {
            let target = match theirs.name {
                "Celery" => OF_CELERY[usize::from(ours.batch == 1)],
                _ => OF_BARE,
            };
            if !is_ours(ours, theirs, ours.batch)
                || (theirs.name != "Celery" && ours.batch != theirs.batch)
            {
                continue;
            }
            let ratio = ratio_of(ours, theirs);
            println!(
                "{}, {} at once: Athena/{}: {ratio:.2}, target {target}: {}",
                ours.broker.name(),
                ours.batch,
                theirs.name,
                if ratio >= target { "met" } else { "missed" }
            );
            is_met &= ratio >= target;
        }
    }
    is_met
}

fn is_ours(ours: &Field, theirs: &Field, batch: usize) -> bool {
    ours.name == "Athena" && ours.broker == theirs.broker && ours.batch == batch
}

fn ratio_of(ours: &Field, theirs: &Field) -> f64 {
    let rates = |field: &Field| field.rounds.iter().map(|round| round.rate).collect::<Vec<_>>();
    ratio(&rates(ours), &rates(theirs))
}
