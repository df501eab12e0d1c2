//! The broker keeps what every broker promises.

#[path = "../src/files.rs"]
mod files;

use std::process::ExitCode;

use athena_rt::queue::testing::conformance;

fn main() -> ExitCode {
    let Ok(folder) = tempfile::tempdir() else { return ExitCode::FAILURE };
    let path = folder.path().display().to_string();
    conformance(move |queue| format!("files:{path}?queue={queue}")).main()
}
