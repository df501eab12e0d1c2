//! `cargo bench -p athena-bench-service`: requests per second of one small model behind the service,
//! behind a bare axum handler with the same parsing and serialising, and behind FastAPI with uvicorn.
//!
//! Service and load have one core each. All contestants take turns within a round; a ratio is the
//! median of the ratios of the rounds. If other programs use the service's core, requests per
//! processor time of the service are compared. `--check` exits with 1 if a target is missed.

mod harness;

use std::path::Path;
use std::process::ExitCode;

use athena_bench_support::{can_pin, python};
use clap::Parser;

use harness::{Comparison, Service};

/// The target, as a ratio to a bare axum handler.
const OF_BARE: f64 = 0.9;

/// The target, as a ratio to FastAPI; a bare axum handler reaches 7.7 to 11.8.
const OF_FASTAPI: f64 = 7.0;

/// The service that runs models in a model process, on the service's core.
const IN_PROCESS: &str = "Athena --processes 1";

/// The packages of FastAPI, with all that its guide recommends for speed.
const PACKAGES: [&str; 3] = ["fastapi==0.165.0", "pydantic==2.14.3", "uvicorn[standard]==0.54.0"];

#[derive(Parser)]
struct Arguments {
    /// Exit with 1 if a target is missed
    #[arg(long)]
    check: bool,
    /// Don't run FastAPI, which needs Python
    #[arg(long)]
    without_fastapi: bool,
    /// Don't pin programs to cores
    #[arg(long)]
    unpinned: bool,
    #[arg(long, default_value_t = 32)]
    connections: usize,
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Duration of each contestant's turn, in milliseconds
    #[arg(long, default_value_t = 1_000)]
    span: u64,
    /// Added by cargo
    #[arg(long, hide = true)]
    bench: bool,
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
    let is_pinned = !arguments.unpinned && can_pin();
    let service_core = is_pinned.then_some(0);
    let runner = Path::new(env!("CARGO_BIN_EXE_service_runner"));
    let bare = Path::new(env!("CARGO_BIN_EXE_service_bare"));
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let in_process = [&serve[..], &["--processes", "1"]].concat();
    let mut field = vec![
        Service::start("Athena", runner, &serve, service_core)?,
        Service::start(IN_PROCESS, runner, &in_process, service_core)?,
        Service::start("bare axum", bare, &[], service_core)?,
    ];
    if !arguments.without_fastapi {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-python");
        let bin = python(&folder, &PACKAGES)
            .map_err(|error| format!("{error}\nhelp: --without-fastapi skips FastAPI"))?;
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let uvicorn = ["fastapi_peer:app", "--app-dir", source, "--port", "0", "--no-access-log"];
        field.push(Service::start("FastAPI", &bin.join("uvicorn"), &uvicorn, service_core)?);
    }
    let comparison = Comparison {
        load: env!("CARGO_BIN_EXE_service_load").into(),
        core: is_pinned.then_some(1),
        connections: arguments.connections,
        span: arguments.span,
    };
    let pinned = if is_pinned { "a core each" } else { "unpinned" };
    eprintln!(
        "{} rounds of {} ms each, {} connections, {pinned}",
        arguments.rounds, arguments.span, arguments.connections
    );
    comparison.run(&mut field, arguments.rounds)?;
    harness::print_table(&field);
    if !harness::had_cores(&field) {
        println!("The machine is busy: ratios compare requests per processor time.");
    }
    // The price of isolation. No target: it is the price of two pipes and two wake-ups per message.
    println!("{IN_PROCESS}/Athena: {:.2}", harness::ratio_of(&field, IN_PROCESS, "Athena"));
    let mut targets = vec![("bare axum", OF_BARE)];
    if !arguments.without_fastapi {
        targets.push(("FastAPI", OF_FASTAPI));
    }
    let mut is_met = true;
    for (peer, target) in targets {
        let ratio = harness::ratio_of(&field, "Athena", peer);
        let verdict = if ratio >= target { "met" } else { "missed" };
        println!("Athena/{peer}: {ratio:.2}, target {target}: {verdict}");
        is_met &= ratio >= target;
    }
    Ok(is_met || !arguments.check)
}
