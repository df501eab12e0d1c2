//! Jobs under a real mpirun. This program is the tests, and if [`RUNNER`] is set, the runner of their
//! models.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

mod crashes;
mod hosts;
mod job;
mod kills;
mod models;
mod ranks;
mod resume;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// The variable that makes this program a runner.
const RUNNER: &str = "ATHENA_MPI_TEST_RUNNER";

fn main() -> ExitCode {
    if std::env::var_os(RUNNER).is_some() {
        return models::runner();
    }
    let mut arguments = Arguments::from_args();
    // Each test starts several processes.
    arguments.test_threads.get_or_insert(1);
    let mut trials = Vec::new();
    for tests in [ranks::TESTS, crashes::TESTS, resume::TESTS, kills::TESTS, hosts::TESTS] {
        trials.extend(tests.iter().map(|&(name, test)| {
            Trial::test(name, move || {
                job::require("mpirun", "openmpi-bin");
                test();
                Ok(())
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The names and functions of tests.
type Tests = &'static [(&'static str, fn())];
