//! Plain libtest-mimic: one trial per case, with its own threads and printer.

use athena_bench_replay::{check, folder};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let folder = folder();
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut trials = Vec::new();
    for path in paths {
        if path.extension().is_some_and(|end| end == "jsonl") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for (number, line) in text.lines().enumerate() {
                let line = line.to_owned();
                trials.push(Trial::test(format!("line {number}"), move || {
                    check(&line).map_err(Into::into)
                }));
            }
        } else {
            let name = path.display().to_string();
            trials.push(Trial::test(name, move || {
                check(&std::fs::read_to_string(&path)?).map_err(Into::into)
            }));
        }
    }
    libtest_mimic::run(&Arguments::default(), trials).exit();
}
