//! Measures services in turn.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use athena_bench_service::CERTIFICATE;
use athena_bench_support::{Ended, cpu, median, pinned, ratio};

/// The name of our service in each comparison.
pub(crate) const OURS: &str = "Athena";

/// A contestant.
pub(crate) struct Service {
    name: &'static str,
    address: String,
    /// Requests per second of each round.
    rates: Vec<f64>,
    /// Microseconds of a core per message.
    costs: Vec<f64>,
    /// The shares of a core that the service and the load used.
    shares: Vec<(f64, f64)>,
    process: Ended,
}

impl Service {
    /// Starts a service and waits until it prints its address.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        core: Option<usize>,
    ) -> Result<Self, String> {
        let mut command = pinned(program, core);
        for variable in ["ATHENA_TOKEN", "RUST_LOG", "LOG_LEVEL"] {
            command.env_remove(variable);
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let mut process = Ended(child);
        let pipe = process.0.stderr.take().ok_or("no pipe")?;
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        let mut printed = String::new();
        let address = lines.by_ref().find_map(|line| {
            printed.push_str(&line);
            printed.push('\n');
            let (_, rest) = line.split_once("://")?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
        let address = address.ok_or_else(|| format!("{name} ended: {printed}"))?;
        // Further output would fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let (rates, costs, shares) = Default::default();
        Ok(Self { name, address, rates, costs, shares, process })
    }
}

/// The settings of a comparison.
pub(crate) struct Comparison<'a> {
    pub(crate) load: PathBuf,
    /// How the load asks: `http`, `tls`, `stream` or `grpc`.
    pub(crate) way: &'static str,
    /// The certificate that the load trusts.
    pub(crate) certificate: &'a Path,
    /// The core of the load.
    pub(crate) core: Option<usize>,
    pub(crate) connections: usize,
    pub(crate) span: u64,
}

impl Comparison<'_> {
    /// Measures all services in turn, round by round, after one warm-up round. The first service of a
    /// round is the last of the next.
    pub(crate) fn run(&self, field: &mut [Service], rounds: usize) -> Result<(), String> {
        for service in field.iter_mut() {
            self.ask(service)?;
        }
        for service in field.iter_mut() {
            service.rates.clear();
            service.costs.clear();
            service.shares.clear();
        }
        for round in 0..rounds {
            for place in 0..field.len() {
                let count = field.len();
                self.ask(&mut field[(round + place) % count])?;
            }
        }
        Ok(())
    }

    fn ask(&self, service: &mut Service) -> Result<(), String> {
        let (began, before) = (Instant::now(), cpu(service.process.0.id()));
        let output = pinned(&self.load, self.core)
            .env(CERTIFICATE, self.certificate)
            .args([self.way, &service.address])
            .args([self.connections.to_string(), self.span.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("{}: {error}", self.load.display()))?;
        let ran = cpu(service.process.0.id()).saturating_sub(before).as_secs_f64();
        let took = began.elapsed().as_secs_f64();
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> =
            text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [rate, total, load] = figures[..] else {
            return Err(format!("{} does not answer correctly", service.name));
        };
        service.rates.push(rate);
        service.costs.push(ran / total * 1e6);
        service.shares.push((ran / took, load / took));
        Ok(())
    }
}

/// Whether every service had its own core, so that the rates are comparable.
pub(crate) fn had_cores(field: &[Service]) -> bool {
    let own = |service: &Service| service.shares.iter().map(|share| share.0).collect();
    field.iter().all(|service| median(own(service)) > 0.9)
}

/// Returns the ratio of the requests per second of two services; per second of processor time if the
/// services did not have their own cores.
pub(crate) fn ratio_of(field: &[Service], ours: &str, theirs: &str) -> f64 {
    let found = |name| field.iter().find(|service| service.name == name);
    match (found(ours), found(theirs)) {
        (Some(ours), Some(theirs)) if had_cores(field) => ratio(&ours.rates, &theirs.rates),
        (Some(ours), Some(theirs)) => ratio(&theirs.costs, &ours.costs),
        _ => f64::NAN,
    }
}

/// Prints the results as Markdown.
pub(crate) fn print_table(field: &[Service]) {
    println!(
        "| | messages/s | Athena/this | core per message | core of the service | of the load |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for service in field {
        let (own, load): (Vec<f64>, Vec<f64>) = service.shares.iter().copied().unzip();
        println!(
            "| {} | {:.0} | {:.2} | {:.1} us | {:.0}% | {:.0}% |",
            service.name,
            median(service.rates.clone()),
            ratio_of(field, OURS, service.name),
            median(service.costs.clone()),
            median(own) * 100.0,
            median(load) * 100.0,
        );
    }
}
