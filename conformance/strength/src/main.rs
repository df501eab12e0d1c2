//! `judge`: generates cases for crates of others, and has cargo-mutants judge them.
//!
//! | file | its job |
//! |---|---|
//! | `../models` | the models: the sources of a package in that workspace |
//! | `crates` | which crates, and how much their cases must catch |
//! | `workspace` | the workspace in which they are built, and the programs that run there |
//! | `outcomes` | the reports of cargo-mutants and of `cargo athena strength` |
//! | `generate` | `generate`: cases of every crate, which replay and catch enough |
//! | `session` | the sessions of the documentation, which are executed |
//! | `table` | `table`: one row per model, with what its generated cases catch |
//! | `compare` | `compare`: cargo-mutants on the crate's own tests and on the generated cases |

mod compare;
mod crates;
mod generate;
mod outcomes;
mod session;
mod table;
mod workspace;

use std::process::ExitCode;

use crate::crates::{CRATES, JudgedCrate, OTHERS};

const USAGE: &str = "\
usage: judge generate [CRATE]..   generate cases, replay them, check how many mutants they catch
       judge compare [--shard K/N] [CRATE]..   then cargo-mutants on the cases and on the crate's own tests;
                                  with --shard on a part of the mutants, and only on the cases
       judge table [CRATE]..      generate cases, and print one row per model

CRATE is strsim, humantime or heck [default: all three], or one that nothing was tuned on: evalexpr, glob,
iso8601, topological-sort, timeago, bytesize, textwrap, email_address, numfmt, roots. `cargo-athena` must be built; `compare` needs
cargo-mutants: cargo install --locked cargo-mutants --version 27.1.0";

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let shard = words.iter().position(|word| word == "--shard").and_then(|at| {
        let given: Vec<String> = words.drain(at..words.len().min(at + 2)).collect();
        given.into_iter().nth(1)
    });
    let Some((verb, names)) = words.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let all = || CRATES.iter().chain(&OTHERS);
    let wanted: Vec<&JudgedCrate> = if names.is_empty() {
        CRATES.iter().collect()
    } else {
        names.iter().filter_map(|name| all().find(|one| one.name == name)).collect()
    };
    let done = match verb.as_str() {
        _ if wanted.len() < names.len() => Err(USAGE.to_owned()),
        "generate" => generate::run(&wanted),
        "table" => table::run(&wanted),
        "compare" => compare::run(&wanted, shard.as_deref()),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
