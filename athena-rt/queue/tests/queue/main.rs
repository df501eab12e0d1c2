//! Workers of queues, on real brokers. This program is runner and tests: started with [`RUNNER`]
//! set it is a runner of the models below.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

mod broker;
mod chaos;
mod models;
mod proxy;
mod runner;
mod work;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use self::broker::Kind;

/// Set where this program is the runner.
const RUNNER: &str = "ATHENA_QUEUE_TEST_RUNNER";

fn main() -> ExitCode {
    if std::env::var_os(RUNNER).is_some() {
        return models::runner();
    }
    let mut trials = Vec::new();
    for kind in [Kind::Redis, Kind::Nats] {
        for &(name, test) in work::TESTS.iter().chain(chaos::TESTS) {
            trials.push(Trial::test(format!("{}::{name}", kind.name()), move || {
                test(kind);
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What it shows and how, on a broker.
type Tests = &'static [(&'static str, fn(Kind))];
