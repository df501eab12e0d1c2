//! The service over real sockets. This program is both the tests and, if [`RUNNER`] is set, a runner of
//! the models below.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

mod asynchronous;
mod capture;
mod client;
mod fast_path;
mod grpc;
mod grpc_client;
mod isolation;
mod limits;
mod load_balancers;
mod messages;
mod models;
#[cfg(feature = "conformance")]
mod openapi_clients;
mod operations;
#[cfg(feature = "conformance")]
mod python;
mod security;
mod server;
mod shutdown;
mod streams;
mod telemetry;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Set if this program is the runner.
const RUNNER: &str = "ATHENA_SERVICE_TEST_RUNNER";

fn main() -> ExitCode {
    if std::env::var_os(RUNNER).is_some() {
        return models::runner();
    }
    let mut trials = Vec::new();
    let files = [
        messages::TESTS,
        isolation::TESTS,
        limits::TESTS,
        load_balancers::TESTS,
        fast_path::TESTS,
        streams::TESTS,
        asynchronous::TESTS,
        capture::TESTS,
        shutdown::TESTS,
        security::TESTS,
        grpc::TESTS,
        operations::TESTS,
        telemetry::TESTS,
        #[cfg(feature = "conformance")]
        python::TESTS,
        #[cfg(feature = "conformance")]
        openapi_clients::TESTS,
    ];
    for tests in files {
        trials.extend(tests.iter().map(|&(name, test)| {
            Trial::test(name, move || {
                test();
                Ok(())
            })
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Names and functions of tests.
type Tests = &'static [(&'static str, fn())];
