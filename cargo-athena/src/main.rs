//! `cargo athena`: run, record and replay typed functions.
//!
//! [`cli`] defines the command line and [`command`] has one file per verb. A verb loads the
//! [`workspace`], builds its targets with [`compile`], finds the runners among them with
//! [`marker`], and sends them requests through [`runner_process`]. [`session`] ties these together.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod advice;
mod baseline;
mod build_inputs;
mod capture;
mod cargo;
mod cargo_toml;
mod catalog;
mod checkout;
mod cli;
mod command;
mod comparison;
mod compile;
mod console;
mod dependency;
mod display;
mod error;
mod finding_kind;
mod findings;
mod gaps;
mod import;
mod kubernetes;
mod last_strength;
mod launch;
mod literals;
mod lock_file;
mod marker;
mod mutants;
mod options;
mod pending;
mod proto_import;
mod replay;
mod report;
mod review;
mod runner_process;
mod runner_results;
mod scratch;
mod session;
mod signals;
mod source_hash;
mod starter;
mod style;
mod suggest;
mod target;
mod unit;
mod unmatched;
mod watch;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(exit) = mutants::run_as_wrapper() {
        return exit;
    }
    let cli = cli::parse();
    let style = style::Style::for_stderr(cli.output.color);
    let ended = command::run(cli);
    signals::end_program();
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print(style);
            error.exit().into()
        }
    }
}
