//! The conformance kit: our brokers keep every promise, and a broken one is found at the promise that it
//! breaks. Brokers with a server are tested by their stage of `.ci/test`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

mod memory;
#[cfg(feature = "amqp")]
mod refusals;
#[cfg(any(feature = "amqp", feature = "nats", feature = "postgres", feature = "redis"))]
mod servers;

use std::process::ExitCode;
use std::time::Duration;

use athena_queue::testing::{Conformance, conformance};
use libtest_mimic::{Arguments, Failed, Trial};

use self::memory::FAULTS;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They wait more than they compute.
    arguments.test_threads = arguments.test_threads.or(Some(32));
    let mut trials = Vec::new();
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().display().to_string();
    let memory = conformance(|queue| format!("memory:sound?queue={queue}"));
    trials.extend(of("memory", &memory.with_lease(Duration::from_millis(400))));
    #[cfg(feature = "sqlite")]
    trials.extend(of(
        "sqlite",
        &conformance(move |queue| format!("sqlite:{folder}/t.db?queue={queue}")),
    ));
    #[cfg(feature = "redis")]
    trials.extend(servers::trials(servers::BrokerKind::Redis));
    #[cfg(feature = "nats")]
    trials.extend(servers::trials(servers::BrokerKind::Nats));
    #[cfg(feature = "postgres")]
    trials.extend(servers::trials(servers::BrokerKind::Postgres));
    #[cfg(feature = "amqp")]
    trials.extend(servers::trials(servers::BrokerKind::Amqp));
    for (fault, promise) in FAULTS {
        trials
            .push(Trial::test(format!("a_broker_that_{fault}_is_found"), || found(fault, promise)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The trials of one broker, with its name.
fn of(name: &str, tests: &Conformance) -> Vec<Trial> {
    tests.trials().into_iter().map(|trial| trial.with_kind(name)).collect()
}

/// Checks that a broker with this fault breaks this promise only.
fn found(fault: &str, promise: &str) -> Result<(), Failed> {
    let url = format!("memory:{fault}");
    let tests = conformance(move |queue| format!("{url}?queue={queue}"));
    let broken = tests.with_lease(Duration::from_millis(400)).broken();
    let names: Vec<_> = broken.iter().map(|(name, _)| *name).collect();
    if names == [promise] { Ok(()) } else { Err(format!("{broken:?}, expected {promise}").into()) }
}
