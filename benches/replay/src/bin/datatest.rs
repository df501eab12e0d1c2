//! datatest-stable: one test per file.

#![allow(missing_docs, clippy::needless_pass_by_value, reason = "as the macro wants it")]

use std::path::Path;

use athena_bench_replay::{check, folder};

fn case(_: &Path, text: String) -> datatest_stable::Result<()> {
    Ok(check(&text)?)
}

fn root() -> String {
    folder().display().to_string()
}

datatest_stable::harness! {
    { test = case, root = root(), pattern = r"\.json$" },
}
