//! Jobs under a real mpirun. This program is runner and tests: started with [`RUNNER`] set it is a
//! runner of the models below.

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

/// Set where this program is the runner.
const RUNNER: &str = "ATHENA_MPI_TEST_RUNNER";

fn main() -> ExitCode {
    if std::env::var_os(RUNNER).is_some() {
        return models::runner();
    }
    let mut arguments = Arguments::from_args();
    // Each is several processes already.
    arguments.test_threads.get_or_insert(1);
    let mut trials = Vec::new();
    for tests in [ranks::TESTS, crashes::TESTS, resume::TESTS, kills::TESTS, hosts::TESTS] {
        trials.extend(tests.iter().map(|&(name, test)| {
            Trial::test(name, move || {
                job::needs("mpirun", "openmpi-bin");
                test();
                Ok(())
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What it shows and how.
type Tests = &'static [(&'static str, fn())];
