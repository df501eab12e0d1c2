//! The testee of Google's conformance suite.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    match athena_conformance::google::serve(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
