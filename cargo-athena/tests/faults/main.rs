//! The catalogue of faults in `conformance/faults/`: what each does to a project, and what must happen.
//!
//! Faults of models, of case files and of messages share one build and run with `cargo test`. The others
//! build a package each: they are ignored, and `.ci/test` runs them with `--ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../hostile/project.rs"]
mod hostile;
#[path = "../lane/mod.rs"]
mod lane;
mod package;
#[path = "../seed/mod.rs"]
mod seed;
mod shell;
mod table;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use table::Project;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let table = table::read();
    let trials = table.into_iter().map(|fault| {
        let builds = fault.project == Project::Seed;
        let trial =
            Trial::test(fault.full_name(), move || shell::try_fault(&fault).map_err(Into::into));
        trial.with_ignored_flag(builds)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
