//! `cargo athena record --generate`

use crate::support::Project;

const SUITE: &str = "fixtures/generated/classify/generated.jsonl";

const MODELS: &str = r#"use athena_rt::prelude::*;

#[environment]
struct Settings {
    #[default(10)]
    limit: i64,
    #[secret]
    key: String,
}

#[structure]
struct Sample {
    #[example("quartz")]
    text: String,
    n: i64,
}

#[structure]
struct Class {
    class: String,
}

#[model]
fn classify(state: State<Sample, Settings>) -> State<Class, Settings> {
    let _ = state.env.key.len();
    let class = if state.data.text == "quartz" {
        "stone"
    } else if state.data.n > state.env.limit {
        "large"
    } else if state.data.n == -7 {
        panic!("seven")
    } else {
        "plain"
    };
    state.with(Class { class: class.into() })
}

/// Ends its process, or hangs; writes files and leaves threads behind.
#[model]
fn hostile(state: State<Count>) -> State<Count> {
    let n = state.data.n;
    if n < 3 {
        let _ = std::fs::write(format!("written-{n}"), "x");
    }
    match n {
        77 => std::process::exit(0),
        78 => std::process::abort(),
        79 => std::thread::sleep(std::time::Duration::from_secs(1_000)),
        81 => {
            let mut kept = Vec::new();
            loop {
                kept.push(vec![n; 1 << 17]);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
        80 => drop(std::thread::spawn(|| std::thread::sleep(std::time::Duration::from_secs(9)))),
        _ => {}
    }
    state.with(Count { n: size(n) })
}

fn size(n: u64) -> u64 {
    if n > 99 { 2 } else { 1 }
}

#[structure]
struct Count {
    n: u64,
}

/// One of its mutants waits with the input 4.
#[model]
fn waits(state: State<Count>) -> State<Count> {
    if state.data.n > 4 {
        std::thread::sleep(std::time::Duration::from_secs(1_000));
    }
    state
}

/// Its outcome depends on earlier calls.
#[model]
fn counts(state: State<Count>) -> State<Count> {
    static CALLS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let before = CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let n = if before > 3 { size(state.data.n) } else { 0 };
    state.with(Count { n })
}

/// What it has computed is not computed again.
#[model]
fn caches(state: State<Count>) -> State<Count> {
    static KNOWN: std::sync::Mutex<std::collections::BTreeMap<u64, u64>> =
        std::sync::Mutex::new(std::collections::BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let n = *known.entry(state.data.n).or_insert_with(|| size(state.data.n));
    drop(known);
    state.with(Count { n })
}

#[structure]
struct Foreign {
    #[field(text)]
    code: Code,
}

#[derive(Clone, Debug, PartialEq)]
struct Code;

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("c-o-d-e")
    }
}

impl std::str::FromStr for Code {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 12_345 { Ok(Code) } else { Err("not a code".into()) }
    }
}

#[model]
fn unknown(state: State<Foreign>) -> State<Foreign> {
    state
}

athena_rt::main!();
"#;

#[test]
#[ignore = "builds and searches a program with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn cases_are_generated_from_the_types_and_the_code() {
    let project = Project::bin("generated");
    project.write("src/main.rs", MODELS);
    let generate = ["record", "--generate", "classify"];
    // CI is refused before anything is built, and nothing is written by a dry run.
    project.athena_with(&generate, &[("CI", "1")]).exits(2).says("only replays");
    let dry = ["record", "--generate", "classify", "--dry-run", "-e", "KEY=hunter2"];
    project.athena(&dry).exits(0).says("quartz").never_says("hunter2");
    assert!(!project.has(SUITE));

    let made = project.athena_with(&generate, &[("KEY", "hunter2"), ("LIMIT", "3")]);
    made.exits(0).says("not what it should do").says("-7").says("seven");
    let suite = project.read(SUITE);
    for part in ["\"stone\"", "\"large\"", "\"plain\"", "\"generated\":\"", "\"case\":\"quartz\""] {
        assert!(suite.contains(part), "{part}: {suite}");
    }
    for part in ["hunter2", "seven", "\"n\":-7,"] {
        assert!(!suite.contains(part), "{part}: {suite}");
    }
    project.athena(&["test"]).exits(0);
    // The secret is in no file: of the project, of the build with mutants.
    for folder in [project.path(""), project.artifact("")] {
        let found =
            std::process::Command::new("grep").args(["-rl", "hunter2"]).arg(folder).output();
        assert_eq!(String::from_utf8(found.unwrap().stdout).unwrap(), "");
    }

    // Another number of processes changes nothing.
    std::fs::remove_file(project.path(SUITE)).unwrap();
    project.athena(&[&generate[..], &["--jobs", "4"]].concat()).exits(0);
    assert_eq!(project.read(SUITE), suite);

    // A case that catches what another catches is removed when asked for.
    let quartz = suite.lines().find(|line| line.contains("\"case\":\"quartz\"")).unwrap();
    let copy =
        quartz.replace("\"quartz\",\"format", "\"copy\",\"format").replace("\"n\":0", "\"n\":1");
    project.write(SUITE, &format!("{suite}{copy}\n"));
    project.athena(&[&generate[..], &["--jobs", "1"]].concat()).exits(0).says("unneeded  copy");
    project.athena(&[&generate[..], &["--prune"]].concat()).exits(0).says("1 case removed");
    assert_eq!(project.read(SUITE), suite);

    // A second run adds nothing, and what was deleted comes back byte by byte, also if lines have moved.
    assert!(suite.contains(" in classify: state.data.n "), "{suite}");
    project.edit("src/main.rs", "use athena_rt::prelude", "// moved\n\nuse athena_rt::prelude");
    project.athena(&generate).exits(0).says("0 new cases");
    assert_eq!(project.read(SUITE), suite);
    std::fs::remove_file(project.path(SUITE)).unwrap();
    project.athena(&generate).exits(0);
    assert_eq!(project.read(SUITE), suite);

    // After a changed comparison a few cases are added.
    project.edit("src/main.rs", "n > state.env.limit", "n >= state.env.limit");
    // The case at the limit fails now: it catches nothing until it is recorded again.
    project.athena(&generate).exits(0).says("failing   generated::classify::generated/");
    let more = project.read(SUITE);
    assert!(
        more.starts_with(&suite) && more.lines().count() <= suite.lines().count() + 5,
        "{more}"
    );
    project.edit("src/main.rs", "n >= state.env.limit", "n > state.env.limit");
    project.write(SUITE, &suite);

    // A rejected case stays away, and a case made by hand stays as it is.
    let by_hand = ["record", "classify", "--case", "mine", "--message", "{\"text\":\"\",\"n\":99}"];
    project.athena_with(&by_hand, &[("KEY", "")]).exits(0);
    let mine = project.read("fixtures/generated/classify/mine.json");
    let reject = ["record", "--generate", "classify", "--reject"];
    project.athena(&[&reject[..], &["nothing"]].concat()).exits(2).says("no generated case");
    project.athena(&[&reject[..], &["quartz"]].concat()).exits(0).says("1 case removed");
    assert!(!project.read(SUITE).contains("\"case\":\"quartz\""));
    project.athena(&generate).exits(0);
    let quartz = "\"input\":{\"n\":0,\"text\":\"quartz\"}";
    assert!(suite.contains(quartz) && !project.read(SUITE).contains(quartz));
    assert_eq!(project.read("fixtures/generated/classify/mine.json"), mine);

    // Recording again keeps the reason.
    project.edit("src/main.rs", "\"large\"", "\"big\"");
    project.athena(&["record", "--rerecord", "generated"]).exits(0);
    let again = project.read(SUITE);
    assert!(again.contains("\"big\""), "{again}");
    assert_eq!(again.matches("\"generated\":").count(), again.lines().count());

    // What ends its process or hangs is a finding; files are written elsewhere.
    let made = project.athena(&[
        "record",
        "--generate",
        "hostile",
        "--timeout",
        "2s",
        "--memory-limit",
        "150MB",
    ]);
    made.exits(0)
        .says("exited")
        .says("SIGABRT")
        .says("longer than it may")
        .says("more memory than it may");
    for n in [77, 78, 79, 81] {
        made.says(&format!("{{\"n\":{n}}} -> "));
    }
    let suite = project.read("fixtures/generated/hostile/generated.jsonl");
    assert!(suite.contains("\"n\":1}") && suite.contains("\"n\":2}"), "{suite}");
    for n in 0..3 {
        assert!(!project.has(&format!("written-{n}")));
    }

    models_that_remember(&project);

    #[cfg(target_os = "linux")]
    ends_with_its_command(&project);

    project.athena(&["list", "--long"]).exits(0).says("#[example(\"quartz\")]");
    wrong_commands_write_nothing(&project);
    for number in ["0", "-1"] {
        let wrong = ["record", "--generate", "classify", "--effort", number];
        project.athena(&wrong).exits(2).says("must be greater than zero");
    }
    let seed = ["record", "--generate", "classify", "--seed", "-1"];
    project.athena(&seed).exits(2).says("must not be negative");
    project.athena(&["strength", "--verify", "many"]).exits(2).says("not a whole number");
    project.athena(&["strength", "--verify", "0"]).exits(2).says("must be greater than zero");
    project.athena(&["record", "classify", "--seed", "1"]).exits(2).says("--generate");
}

/// What depends on earlier calls is not a case. A cache is said, for it hides mutants.
fn models_that_remember(project: &Project) {
    let counts = project.athena(&["record", "--generate", "counts"]);
    counts.exits(1).says("depends on what ran before it in the same process");
    assert!(!project.has("fixtures/generated/counts/generated.jsonl"));
    let caches = project.athena(&["record", "--generate", "caches"]);
    caches.exits(0).says("the model keeps state between calls");
}

/// Every model and environment is checked before the first is searched.
fn wrong_commands_write_nothing(project: &Project) {
    project.write("fixtures/environments/small.env", "LIMIT=1\n");
    let generate = |arguments: &[&str]| {
        let words = ["record", "--generate", "waits", "--suite", "fresh"];
        project.athena(&[&words[..], arguments].concat())
    };
    generate(&["unknown"]).exits(2).says("/code").says("by hand");
    generate(&["nothing"]).exits(2).says("no model is named `nothing`");
    let environments = ["--environment", "small", "--environment", "smal"];
    generate(&environments).exits(2).says("no environment is called `smal`, did you mean `small`?");
    generate(&["--env-file", "no.env"]).exits(2).says("no.env: no such file");
    generate(&["-e", "LIMIT=2"]).exits(2).says("waits reads no variable LIMIT");
    generate(&["classify", "--reject", "quartz"]).exits(2).says("exactly one model");
    let name = ["record", "--generate", "waits", "--suite", "a b"];
    project.athena(&name).exits(2).says("\"a b\" is not a valid suite name");
    assert!(!project.has("fixtures/generated/waits/fresh.jsonl"));
    assert!(!project.has("fixtures/generated/waits/fresh@small.jsonl"));
}

/// A search and an examination go on in processes of the runner. When a signal ends their command, all of them end,
/// and what was temporary is removed.
#[cfg(target_os = "linux")]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
fn ends_with_its_command(project: &Project) {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let programs = project.artifact("strength");
    let running = || {
        let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let exe = |entry: std::fs::DirEntry| std::fs::read_link(entry.path().join("exe")).ok();
        processes.filter_map(exe).filter(|path| path.starts_with(&programs)).count()
    };
    let wait = |is_done: &dyn Fn() -> bool| {
        let end = Instant::now() + Duration::from_mins(2);
        while !is_done() {
            assert!(Instant::now() < end, "{} processes run", running());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let four = ["record", "waits", "--case", "four", "--message", "{\"n\":4}"];
    project.athena(&four).exits(0);
    let temporary = project.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    // One input is waited for, or one mutant.
    let generate = ["record", "--generate", "waits", "--timeout", "5m"];
    let strength = ["strength", "waits", "--timeout", "5m"];
    for (arguments, signal) in
        [(&generate[..], "TERM"), (&generate[..], "INT"), (&strength[..], "INT")]
    {
        let (mut command, _lock) = project.athena_to_start(arguments);
        command.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = command.spawn().unwrap();
        wait(&|| running() > 1);
        let files = std::fs::read_dir(&temporary).unwrap().count();
        assert!(files > 0, "{arguments:?} has no temporary folder");
        let id = command.id().to_string();
        let name = format!("-{signal}");
        assert!(Command::new("kill").args([&name, &id]).status().unwrap().success());
        // A shell says 130 for the signal 2.
        let number = if signal == "INT" { 2 } else { 15 };
        assert_eq!(command.wait().unwrap().signal(), Some(number), "{arguments:?}");
        wait(&|| running() == 0);
        let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().collect();
        assert!(left.is_empty(), "{arguments:?}: {left:?}");
    }
    assert!(!project.has("fixtures/generated/waits/generated.jsonl"));
    std::fs::remove_file(project.path("fixtures/generated/waits/four.json")).unwrap();
}
