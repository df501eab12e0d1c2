//! `cargo bench -p athena-bench-queue`: messages a second of one small model behind Redis Streams
//! and NATS JetStream, in batches of 256 and one by one: `work` with one process, against a bare
//! loop on the same client that stores, then acknowledges, in the same batches; and against Celery
//! on Redis, with one process.
//!
//! The brokers are started on free ports of loopback, and stopped. All contestants take turns within
//! a round; a ratio is the median of the ratios within the rounds. With `--check` it ends with 1
//! below a target.

mod harness;

use std::path::Path;
use std::process::ExitCode;

use athena_bench_support::{median, python, ratio};
use clap::Parser;

use harness::{Broker, Measured, Peer, Server, race};

/// Of the messages a second of a bare loop.
const OF_BARE: f64 = 0.85;

/// Of those of Celery, in batches and one by one.
const OF_CELERY: [f64; 2] = [60.0, 6.0];

const PACKAGES: [&str; 1] = ["celery[redis]==5.7.0"];

/// What is read at once.
const BATCH: usize = 256;

#[derive(Parser)]
struct Arguments {
    /// End with 1 below a target.
    #[arg(long)]
    check: bool,
    /// Leave out Celery, and with it Python.
    #[arg(long)]
    without_celery: bool,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many batches of 256 there are to do in a round.
    #[arg(long, default_value_t = 400)]
    batches: usize,
    /// How many messages there are to do one by one in a round.
    #[arg(long, default_value_t = 3_000)]
    singles: usize,
    /// How many messages Celery has to do in a round.
    #[arg(long, default_value_t = 1_500)]
    tasks: usize,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is raced over in turn: the rounds of each contestant.
struct Field {
    name: &'static str,
    broker: Broker,
    peer: Peer,
    batch: usize,
    count: usize,
    rounds: Vec<Measured>,
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

/// Whether every target is met, or none is asked for.
fn measure(arguments: &Arguments) -> Result<bool, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let runner = Path::new(env!("CARGO_BIN_EXE_queue_runner"));
    let bare = Path::new(env!("CARGO_BIN_EXE_queue_bare"));
    let all = arguments.batches * BATCH;
    let mut fields = Vec::new();
    for broker in [Broker::Redis, Broker::Nats] {
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
            .map_err(|error| format!("{error}\n--without-celery leaves Celery out"))?;
        let (name, broker, peer) = ("Celery", Broker::Redis, Peer::Celery(bin));
        let rounds = Vec::new();
        fields.push(Field { name, broker, peer, batch: 1, count: arguments.tasks, rounds });
    }
    let servers = [Server::start(Broker::Redis)?, Server::start(Broker::Nats)?];
    for round in 0..=arguments.rounds {
        for field in &mut fields {
            let server = servers.iter().find(|server| server.broker == field.broker);
            let server = server.ok_or("no broker")?;
            let raced = runtime.block_on(race(server, &field.peer, field.batch, field.count));
            let measured = raced.map_err(|error| {
                format!("{}, {} at once, {}: {error}", field.broker.name(), field.batch, field.name)
            })?;
            let (broker, batch) = (field.broker.name(), field.batch);
            eprintln!("{broker}, {batch} at once, {}: {:.0}/s", field.name, measured.rate);
            // The first round does not count.
            if round > 0 {
                field.rounds.push(measured);
            }
        }
    }
    Ok(told(&fields) || !arguments.check)
}

/// Prints what was measured, as Markdown; whether every target is met.
fn told(fields: &[Field]) -> bool {
    println!("| broker | batch | | messages/s | Athena/this | core a message | of the broker |");
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
            ours.map_or(f64::NAN, |ours| of(ours, field)),
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
            let ratio = of(ours, theirs);
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

fn of(ours: &Field, theirs: &Field) -> f64 {
    let rates = |field: &Field| field.rounds.iter().map(|round| round.rate).collect::<Vec<_>>();
    ratio(&rates(ours), &rates(theirs))
}
