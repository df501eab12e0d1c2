//! `cargo athena`: run, record and replay typed functions.
//!
//! [`cli`] says what can be typed and [`command`] has a file a verb. A verb looks at the
//! [`workspace`], has [`compile`] build its runners, learns from [`marker`] which executables are
//! runners, and asks them through [`runner_process`]. [`session`] ties these together.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod baseline;
mod capture;
mod cargo;
mod cargo_toml;
mod catalog;
mod cli;
mod command;
mod comparison;
mod compile;
mod console;
mod dependency;
mod display;
mod error;
mod exit;
mod finding_kind;
mod kubernetes;
mod marker;
mod pending;
mod replay;
mod report;
mod review;
mod runner_process;
mod scratch;
mod session;
mod shrink;
mod style;
mod target;
mod watch;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::parse();
    let style = style::Style::for_stderr(cli.output.color);
    match command::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print(style);
            error.exit().into()
        }
    }
}
