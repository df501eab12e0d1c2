//! `cargo bench -p athena-bench-service`: messages per second of one small model behind the service and behind the
//! simplest service with the same parsing and serialising: HTTP against axum and against FastAPI with uvicorn, TLS,
//! a stream of lines, and gRPC against tonic.
//!
//! Service and load have one core each. All contestants take turns within a round; a ratio is the
//! median of the ratios of the rounds. If other programs use the service's core, requests per
//! processor time of the service are compared. `--check` exits with 1 if a target is missed.

mod harness;

use std::path::Path;
use std::process::ExitCode;

use athena_bench_support::{can_pin, python};
use clap::Parser;

use harness::{Comparison, OURS, Service};

/// The target, as a ratio to the bare service of the same kind.
const OF_BARE: f64 = 0.9;

/// The target, as a ratio to FastAPI; a bare axum handler reaches 7.7 to 11.8.
const OF_FASTAPI: f64 = 7.0;

/// The service that runs models in a model process, on the service's core.
const IN_PROCESS: &str = "Athena --processes 1";

/// How services are asked, and the name of the bare one.
const KINDS: [(&str, &str); 4] = [
    ("http", "bare axum"),
    ("tls", "bare axum with rustls"),
    ("stream", "bare axum, a line per message"),
    ("grpc", "bare tonic"),
];

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
    /// Measure only these: http, tls, stream, grpc
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    only: Vec<String>,
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
    if let Some(unknown) =
        arguments.only.iter().find(|only| KINDS.iter().all(|(way, _)| way != *only))
    {
        return Err(format!("--only {unknown}: it is one of http, tls, stream, grpc"));
    }
    let is_pinned = !arguments.unpinned && can_pin();
    let pinned = if is_pinned { "a core each" } else { "unpinned" };
    eprintln!(
        "{} rounds of {} ms each, {} connections, {pinned}",
        arguments.rounds, arguments.span, arguments.connections
    );
    let files = Certificate::write()?;
    let mut is_met = true;
    for (way, peer) in KINDS {
        if arguments.only.is_empty() || arguments.only.iter().any(|only| only == way) {
            is_met &= compare(arguments, is_pinned, &files, way, peer)?;
        }
    }
    Ok(is_met || !arguments.check)
}

/// Measures one kind of service; returns whether its targets are met.
fn compare(
    arguments: &Arguments,
    is_pinned: bool,
    files: &Certificate,
    way: &'static str,
    peer: &'static str,
) -> Result<bool, String> {
    let core = is_pinned.then_some(0);
    let runner = Path::new(env!("CARGO_BIN_EXE_service_runner"));
    let bare = Path::new(env!("CARGO_BIN_EXE_service_bare"));
    let mut serve = vec!["serve", "--listen", "127.0.0.1:0"];
    let mut plain = vec![way];
    if way == "tls" {
        serve.extend(["--tls-cert", &files.certificate, "--tls-key", &files.key]);
        plain.extend([&*files.certificate, &files.key]);
    }
    let mut field = vec![
        Service::start(OURS, runner, &serve, core)?,
        Service::start(peer, bare, &plain, core)?,
    ];
    let mut targets = vec![(peer, OF_BARE)];
    if way == "http" {
        serve.extend(["--processes", "1"]);
        field.push(Service::start(IN_PROCESS, runner, &serve, core)?);
        if !arguments.without_fastapi {
            field.push(fastapi(core)?);
            targets.push(("FastAPI", OF_FASTAPI));
        }
    }
    let comparison = Comparison {
        load: env!("CARGO_BIN_EXE_service_load").into(),
        way,
        certificate: Path::new(&files.certificate),
        core: is_pinned.then_some(1),
        connections: arguments.connections,
        span: arguments.span,
    };
    comparison.run(&mut field, arguments.rounds)?;
    println!("\n{way}\n");
    harness::print_table(&field);
    if !harness::had_cores(&field) {
        println!("Not every service used its core: ratios compare messages per processor time.");
    }
    if way == "http" {
        // The price of isolation. No target: it is the price of two pipes and two wake-ups per message.
        println!("{IN_PROCESS}/{OURS}: {:.2}", harness::ratio_of(&field, IN_PROCESS, OURS));
    }
    let mut is_met = true;
    for (peer, target) in targets {
        let ratio = harness::ratio_of(&field, OURS, peer);
        let verdict = if ratio >= target { "met" } else { "missed" };
        println!("{OURS}/{peer}: {ratio:.2}, target {target}: {verdict}");
        is_met &= ratio >= target;
    }
    Ok(is_met)
}

fn fastapi(core: Option<usize>) -> Result<Service, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("service-python");
    let bin = python(&folder, &PACKAGES)
        .map_err(|error| format!("{error}\nhelp: --without-fastapi skips FastAPI"))?;
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let uvicorn = ["fastapi_peer:app", "--app-dir", source, "--port", "0", "--no-access-log"];
    Service::start("FastAPI", &bin.join("uvicorn"), &uvicorn, core)
}

/// The paths of a certificate that signs itself, and of its key.
struct Certificate {
    certificate: String,
    key: String,
}

impl Certificate {
    fn write() -> Result<Self, String> {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.map_err(|error| format!("a certificate can't be made: {error}"))?;
        let write = |name: &str, text: String| {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            let shown = path.display().to_string();
            std::fs::write(&path, text).map_err(|error| format!("{shown}: {error}"))?;
            Ok::<_, String>(shown)
        };
        Ok(Self {
            certificate: write("service-certificate.pem", made.cert.pem())?,
            key: write("service-key.pem", made.signing_key.serialize_pem())?,
        })
    }
}
