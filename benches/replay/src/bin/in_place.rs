//! The harness without its supervisor.

use athena_bench_replay as _;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_default();
    if let Err(error) = athena_rt::__private::replay_in_place(folder.as_ref()) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
