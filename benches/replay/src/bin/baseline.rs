//! A hand-written loop: read, parse, call, compare, on all cores.

use athena_bench_replay::{check, folder, on_all_cores};

fn main() {
    let folder = folder();
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let is_suite =
        paths.first().is_some_and(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let (total, passed) = if is_suite {
        let text = std::fs::read_to_string(&paths[0]).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        (lines.len(), on_all_cores(&lines, |line| check(line).is_ok()))
    } else {
        let read = |path: &std::path::PathBuf| {
            std::fs::read_to_string(path).is_ok_and(|text| check(&text).is_ok())
        };
        (paths.len(), on_all_cores(&paths, read))
    };
    println!("{passed} of {total}");
    std::process::exit(i32::from(passed != total));
}
