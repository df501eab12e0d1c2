//! `cargo athena`: run, record and replay typed functions.
//!
//! [`cli`] says what can be typed and [`command`] has a file a verb. A verb looks at the
//! [`workspace`], has [`compile`] build its runners, learns from [`probe`] which executables are
//! runners, and asks them through [`child`]. [`session`] ties these together.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod base;
mod captured;
mod cargo;
mod catalog;
mod child;
mod cli;
mod command;
mod compared;
mod compile;
mod deny;
mod error;
mod manifest;
mod mpijob;
mod options;
mod pending;
mod printable;
mod probe;
mod replay;
mod report;
mod review;
mod scratch;
mod session;
mod shrink;
mod source;
mod style;
mod watch;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::parse();
    let style = style::Style::of_stderr(cli.output.color);
    match command::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            error.print(style);
            error.exit().into()
        }
    }
}
