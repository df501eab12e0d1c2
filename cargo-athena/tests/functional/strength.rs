//! `cargo athena strength`

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{Outcome, Project, TEST_TARGET, manifest};

const LIBRARY: &str = "use athena_rt::prelude::*;
use std::sync::OnceLock;

mod memory;

#[structure]
pub struct Order {
    pub n: i64,
}

macro_rules! twice {
    ($n:expr) => { $n * 2 };
}

/// Its cases catch some mutants and miss one.
fn price(n: i64) -> i64 {
    if n > 10 { n - 1 } else { n + 1 }
}

fn never(n: i64) -> i64 {
    n * 3
}

const fn constant(n: i64) -> i64 {
    n + 5
}

pub struct Opaque(i64);

fn opaque(n: i64) -> Opaque {
    Opaque(n)
}

fn aborts(n: i64) -> bool {
    n == 77
}

fn exits(n: i64) -> bool {
    n == 78
}

fn hangs(n: i64) -> bool {
    n == 79
}

fn sleeps(n: i64) -> bool {
    n == 80
}

fn grows(n: i64) -> bool {
    n == 81
}

fn writes(n: i64) -> bool {
    n == 82
}

fn spawns(n: i64) -> bool {
    n == 83
}

/// What uses files is not mutated, but a mutant elsewhere decides whether it runs.
fn leave(text: &str) {
    std::fs::write(\"left-behind.txt\", text).unwrap();
    std::fs::write(std::env::temp_dir().join(\"left-behind.txt\"), text).unwrap();
}

fn start() -> i64 {
    40 + 2
}

/// What it calls runs once per process.
fn cached() -> i64 {
    static CACHE: OnceLock<i64> = OnceLock::new();
    *CACHE.get_or_init(start)
}

fn stop(n: i64) {
    if aborts(n) {
        std::process::abort();
    }
    if exits(n) {
        std::process::exit(0);
    }
}

#[model]
pub fn check(mut state: State<Order>) -> State<Order> {
    let n = state.data.n;
    stop(n);
    while hangs(n) {}
    if sleeps(n) {
        std::thread::sleep(std::time::Duration::from_secs(3600));
    }
    if grows(n) {
        let all: Vec<_> = (0..4096).map(|_| vec![1_u8; 1 << 20]).collect();
        state.data.n += i64::from(all[9][9]);
    }
    if writes(n) {
        leave(\"text\");
    }
    if spawns(n) {
        std::thread::spawn(|| std::thread::sleep(std::time::Duration::from_secs(3600)));
    }
    let more = if n == 1_000_000 { never(n) } else { 0 };
    state.data.n = twice!(price(n)) + more + constant(0) + opaque(n).0 + cached() + memory::first(n);
    state
}
";

const MEMORY: &str = "pub fn first(n: i64) -> i64 {
    let all = [n, 7];
    // SAFETY: it is in bounds.
    unsafe { *all.get_unchecked(usize::from(n == 1)) }
}
";

/// A package with models that are hostile under some mutants, and three recorded cases.
fn project() -> Project {
    let project = Project::new()
        .file("Cargo.toml", &manifest("strong", "", TEST_TARGET))
        .file("src/lib.rs", LIBRARY)
        .file("src/memory.rs", MEMORY)
        .file("tests/athena.rs", "athena_rt::main!(strong);\n")
        .file("many.jsonl", "{\"n\":1}\n{\"n\":20}\n{\"n\":5}\n");
    let recorded =
        project.athena(&["record", "check", "--messages", "many.jsonl", "--suite", "hand"]);
    assert_eq!(recorded.code, 0, "{}", recorded.err);
    // It catches nothing, and is no failure: as in a test.
    let known = "{\"format\":1,\"model\":\"strong::check\",\"env\":{},\"input\":{\"n\":2},\"output\":{\"n\":0},\"known_failure\":\"not built yet\"}\n";
    project.file("fixtures/strong/check/known.json", known)
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out)
        .unwrap_or_else(|error| panic!("{error}: {}\n{}", outcome.out, outcome.err))
}

fn names(report: &Value, list: &str) -> Vec<String> {
    let all = report[list].as_array().unwrap().iter();
    all.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// Every file of the project with its content and time.
fn files(project: &Project) -> BTreeMap<std::path::PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut open = vec![project.path("")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let time = entry.metadata().unwrap().modified().unwrap();
                found.insert(path.clone(), (std::fs::read(&path).unwrap(), time));
            }
        }
    }
    found
}

#[test]
#[ignore = "builds programs with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn strength_reports_what_the_cases_would_not_notice() {
    let project = project();
    let before = files(&project);
    let page = tempfile::tempdir().unwrap();
    let page = page.path().join("strength.html");
    let flag = format!("html={}", page.display());
    let mut arguments = vec!["strength", "--format", "json", "--timeout", "2s"];
    arguments.extend(["--memory-limit", "256MB", "--report", &flag]);
    let run = project.athena_with(&arguments, &[("SECRET_KEY", "hunter2")]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report = json(&run);

    let missed = names(&report, "missed");
    let expected = [
        "src/lib.rs:17:10: replace > with >= in price",
        "src/lib.rs:21:5: replace never -> i64 with -1",
        "src/lib.rs:21:5: replace never -> i64 with 0",
        "src/lib.rs:21:5: replace never -> i64 with 1",
        "src/lib.rs:21:7: replace * with + in never",
        "src/lib.rs:21:7: replace * with / in never",
    ];
    for name in expected {
        assert!(missed.iter().any(|it| it == name), "{name} is not in {missed:?}");
    }
    // Caught by the outcome, a crash, an exit, a loop, a sleep, and in a process of their own.
    for part in
        ["replace - with + in price", "aborts", "exits", "hangs", "sleeps", "in start", "in first"]
    {
        let wrong: Vec<_> =
            missed.iter().filter(|it| it.contains(part) && !it.contains("with false")).collect();
        assert!(wrong.is_empty(), "{wrong:?}\n{}", run.err);
    }
    // What ended a process is named, with how; what a mutant wrote was in a temporary folder.
    let died = report["died"].as_array().unwrap();
    for (function, by) in [("aborts", "crash"), ("exits", "crash"), ("grows", "memory")] {
        let name = format!("replace {function} -> bool with true");
        let found = died.iter().find(|it| it["name"].as_str().unwrap().ends_with(&name));
        assert_eq!(found.unwrap_or_else(|| panic!("{function}: {}", run.out))["by"], by);
    }
    assert!(!std::env::temp_dir().join("left-behind.txt").exists());
    let reason = |name: &str| {
        let all = report["not_examined"].as_array().unwrap();
        let found = all.iter().find(|it| it["name"].as_str().unwrap().contains(name));
        found.map(|it| it["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(reason("in constant").unwrap(), "it is in a const fn");
    assert_eq!(reason("macro_rules! twice").unwrap(), "it is in a macro");
    assert_eq!(
        reason("stop with ()").unwrap(),
        "its function uses std::process, see --mutate-effects"
    );
    // `opaque` has one, `check` four.
    assert_eq!(report["unviable"], 5, "{}", run.out);
    let number = |key: &str| report[key].as_u64().unwrap_or_else(|| panic!("{key}: {}", run.out));
    assert_eq!(number("caught") + missed.len() as u64, number("examined"));
    assert!(number("reached") + 5 <= number("examined") && number("mutants") > number("examined"));
    assert_eq!(report["stateful"][0], "strong::check");
    let first = &report["missed"][0];
    for key in ["name", "file", "line", "column", "function", "genre", "replacement"] {
        assert!(!first[key].is_null(), "{key}: {first}");
    }
    assert_eq!(report["never_reached"][0]["function"], "never");
    assert!(report["seconds"].as_f64().is_some());

    let html = std::fs::read_to_string(&page).unwrap();
    assert!(
        html.contains("price")
            && html.contains("replace &gt; with &gt;=")
            && !html.contains("<script")
    );
    let pages = project.read_artifact("strength/pages/strong.html");
    assert!(pages.contains("replace &gt; with &gt;="));
    for text in [&run.out, &run.err, &html, &pages] {
        assert!(!text.contains("hunter2"), "a secret is in {text}");
    }
    assert_eq!(files(&project), before, "the user's files changed");
    // The user's own build is as it was, and its green report links to the page.
    let built = project.athena(&["test", "--report", &flag]);
    let green = std::fs::read_to_string(&page).unwrap();
    assert!(green.contains("strength/pages/strong.html\">strong: "), "{green}");
    let doctor = || project.athena(&["doctor"]);
    doctor().exits(0).says("strength/pages/strong.html").never_says("changed since");
    project.write("fixtures/environments/later.env", "");
    doctor().exits(0).says("the cases changed since then; measure again: cargo athena strength");
    project.athena(&["test", "--report", &flag]).exits(0);
    let stale = std::fs::read_to_string(&page).unwrap();
    assert!(
        stale.contains("This is from before the cases changed") && !green.contains("from before")
    );
    std::fs::remove_file(project.path("fixtures/environments/later.env")).unwrap();
    doctor().exits(0).never_says("changed since");
    assert_eq!(built.code, 0, "{}", built.err);
    assert!(!built.err.contains("Compiling"), "{}", built.err);

    // A second run is for a person, and forbids what is missed.
    let denied = project.athena(&["strength", "--deny", "missed", "--timeout", "2s"]);
    assert_eq!(denied.code, 1, "{}", denied.err);
    assert!(denied.err.contains("found what --deny forbids"), "{}", denied.err);
    assert!(denied.out.contains("src/lib.rs:17:10: replace > with >= in price"), "{}", denied.out);
    assert!(denied.out.contains(" mutants caught, "), "{}", denied.out);
    assert!(denied.out.contains(" caught by a crash"), "{}", denied.out);
    assert!(!denied.err.contains("Compiling"), "{}", denied.err);

    let none = project.athena(&["strength", "nothing_has_this_name"]);
    assert_eq!(none.code, 4, "{}", none.err);
    changed_lines(&project);
}

/// A wrapper of the compiler that notes its calls.
#[cfg(unix)]
fn wrapper(project: &Project, name: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let log = project.path(&format!("{name}.log"));
    let script = format!("#!/bin/sh\necho \"$*\" >> {}\nexec \"$@\"\n", log.display());
    project.write(name, &script);
    let path = project.path(name);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A virtual workspace: packages of every edition, a build script with an included file, a procedural
/// macro, code that `cfg` leaves out, wrappers of the user, a package that no runner is linked with.
#[cfg(unix)]
fn obstacles() -> Project {
    let member = |name: &str, edition: &str, more: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n{more}"
        )
    };
    let paths =
        ["old", "built", "derived", "newest"].map(|name| format!("{name}.path = \"../{name}\"\n"));
    let app = manifest("app", &paths.concat(), TEST_TARGET);
    Project::new()
        .file(
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"app\", \"old\", \"built\", \"derived\", \"newest\", \"lonely\"]\n",
        )
        .file(".cargo/config.toml", "[build]\nrustc-workspace-wrapper = \"./members\"\n")
        .file("app/Cargo.toml", &app)
        .file("app/tests/athena.rs", "athena_rt::main!(app);\n")
        .file(
            "app/src/lib.rs",
            "use athena_rt::prelude::*;
#[structure]
pub struct Order { pub n: i64 }
#[model]
pub fn check(mut state: State<Order>) -> State<Order> {
    let n = state.data.n;
    state.data.n = old::price(n) + built::own(n) + built::included(n) + derived::same!(n) + newest::chain(Some(n));
    state
}
",
        )
        .file("old/Cargo.toml", &member("old", "2015", ""))
        .file(
            "old/src/lib.rs",
            "mod inner;\nmod word;\npub fn price(n: i64) -> i64 { if n > 10 { ::inner::more(n) + word::same(0) } else { n + 1 } }\n",
        )
        .file("old/src/inner.rs", "pub fn more(n: i64) -> i64 { let f: Box<Fn(i64) -> i64> = Box::new(move |by| n - by); f(1) }\n")
        // A name that later editions have as a keyword.
        .file("old/src/word.rs", "pub fn same(async: i64) -> i64 { async }\n")
        .file("built/Cargo.toml", &member("built", "2018", ""))
        .file(
            "built/build.rs",
            "fn main() { let out = std::env::var(\"OUT_DIR\").unwrap(); std::fs::write(out + \"/made.rs\", \"pub fn included(n: i64) -> i64 { n + 3 }\").unwrap(); }\n",
        )
        .file("built/src/text.txt", "four")
        .file(
            "built/src/lib.rs",
            "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));
const TEXT: &str = include_str!(\"text.txt\");
pub fn own(n: i64) -> i64 { fixed(n) * TEXT.len() as i64 }
pub const fn fixed(n: i64) -> i64 { n + 5 }
#[cfg(feature = \"absent\")]
pub fn left_out(n: i64) -> i64 { n - 9 }
",
        )
        .file("derived/Cargo.toml", &member("derived", "2021", "[lib]\nproc-macro = true\n"))
        .file(
            "derived/src/lib.rs",
            "use proc_macro::TokenStream;\n#[proc_macro]\npub fn same(input: TokenStream) -> TokenStream { input }\n",
        )
        .file("newest/Cargo.toml", &member("newest", "2024", ""))
        .file(
            "newest/src/lib.rs",
            "pub fn chain(n: Option<i64>) -> i64 { if let Some(n) = n && n > 2 { n * 2 } else { 0 } }\n",
        )
        .file("lonely/Cargo.toml", &member("lonely", "2021", ""))
        .file("lonely/src/lib.rs", "pub fn lonely(n: i64) -> i64 { n + 1 }\n")
        .file("many.jsonl", "{\"n\":1}\n{\"n\":20}\n")
}

#[cfg(unix)]
#[test]
#[ignore = "builds programs with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn strength_of_a_workspace_with_everything_that_is_in_the_way() {
    let project = obstacles();
    wrapper(&project, "members");
    let all = wrapper(&project, "all");
    let variables = [("RUSTC_WRAPPER", all.as_str()), ("CARGO_NET_OFFLINE", "true")];
    let recorded = ["record", "check", "--messages", "many.jsonl", "--suite", "hand"];
    project.athena_with(&recorded, &variables).exits(0);
    let _ = std::fs::remove_file(project.path("members.log"));
    let _ = std::fs::remove_file(project.path("all.log"));
    let run = project.athena_with(&["strength", "--offline", "--format", "json"], &variables);
    run.exits(0);
    let report = json(&run);
    let missed = names(&report, "missed");
    for name in [
        "old/src/lib.rs:3:36: replace > with >= in price",
        "newest/src/lib.rs:1:63: replace > with >= in chain",
    ] {
        assert!(missed.iter().any(|it| it == name), "{name} is not in {missed:?}\n{}", run.err);
    }
    let wrong = missed.iter().find(|it| it.contains("in own") || it.contains("in more"));
    assert_eq!(wrong, None, "{missed:?}");
    let all = report["not_examined"].as_array().unwrap();
    for (name, reason) in [
        ("the file", "it can't be parsed"),
        ("include!", "it is included from another file"),
        ("replace + with - in fixed", "it is in a const fn"),
        ("replace - with + in left_out", "absent"),
        ("package derived", "it is a procedural macro, which runs in the compiler"),
        ("package lonely", "no runner is linked with it"),
    ] {
        let found = all.iter().find(|it| it["name"].as_str().unwrap().ends_with(name));
        let found = found.unwrap_or_else(|| panic!("{name}: {}", run.out));
        assert!(found["reason"].as_str().unwrap().contains(reason), "{found}");
    }
    // Both wrappers were called for rewritten code, the second by the first.
    let (members, all) = (project.read("members.log"), project.read("all.log"));
    let rewritten = |log: &str| {
        log.lines().any(|line| line.contains("--crate-name old") && line.contains("athena_switch"))
    };
    assert!(rewritten(&members) && rewritten(&all), "{members}\n{all}");
    assert!(all.lines().all(|line| !line.contains("athena-rustc-")), "{all}");

    let denied = project.athena(&["strength", "--offline", "-p", "nowhere"]);
    denied.exits(2).says("package `nowhere` is not in this workspace");
    let missing = project.athena_with(&["strength", "--offline"], &[("RUSTC", "/nowhere/rustc")]);
    assert!(missing.code != 0, "{}", missing.out);
    missing.says("/nowhere/rustc");
}

/// With `--base` only changed lines count; a real build of a mutant has the same verdict.
fn changed_lines(project: &Project) {
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=me", "-c", "user.email=me@localhost"]).args(arguments);
        let outcome = project.call("", command);
        assert_eq!(outcome.code, 0, "{}", outcome.err);
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    project.edit("src/lib.rs", "if n > 10 {", "if n > 11 {");
    let run = project.athena(&["strength", "--format", "json", "--base", "HEAD", "--verify", "1"]);
    let report = json(&run);
    let missed = names(&report, "missed");
    assert_eq!(missed, ["src/lib.rs:17:10: replace > with >= in price"], "{}", run.err);
    assert!(report["caught"].as_u64().unwrap() >= 4, "{}", run.out);
    assert!(run.err.contains("verified: 1 of 1 mutant agree"), "{}", run.err);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(Path::new(&project.path("src/lib.rs")).is_file());
}

/// The page, with the repository's own file names.
const PAGE: &str = include_str!("../../../docs/strength.md");

/// The first session of docs/strength.md: its files are written, its commands run, and they print what the
/// page says, but for times.
#[test]
#[ignore = "builds programs with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn the_page_about_strength_says_what_happens() {
    let project = Project::new().file("Cargo.toml", &manifest("shop", "", ""));
    let mut lines = PAGE.lines();
    let mut file = None;
    let mut commands = 0;
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- file: ") {
            file = Some(name.trim_end_matches(" -->"));
        } else if line.starts_with("<!-- crate: ") {
            // `judge generate` runs that session, beside the crate.
            lines.by_ref().skip(1).find(|line| *line == "```");
        } else if line.starts_with("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match file.take() {
                Some(name) => project.write(name, &(block.join("\n") + "\n")),
                None if line == "```console" => commands += console(&project, &block),
                None => {}
            }
        }
    }
    assert_eq!(commands, 4);
}

fn console(project: &Project, block: &[&str]) -> usize {
    let mut commands = 0;
    let mut lines = block.iter().peekable();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ cargo athena ").unwrap_or_else(|| panic!("{line}"));
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push(without_time(line));
        }
        let ran = project.athena(&command.split(' ').collect::<Vec<_>>());
        let shown: Vec<_> = ran.out.lines().map(without_time).collect();
        assert_eq!(shown, expected, "{command}: {}", ran.err);
        assert_eq!(ran.code, 0, "{command}: {}", ran.err);
        commands += 1;
    }
    commands
}

/// `2 cases in 1.0 s` without the number of seconds.
fn without_time(line: &str) -> String {
    line.rsplit_once(" in ")
        .filter(|(_, time)| time.ends_with(" s"))
        .map_or(line.to_owned(), |(before, _)| before.to_owned())
}
