//! Runs every command of the walk-through and of the book's section on clusters, and compares the
//! output.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Separates the outputs of two commands.
const MARK: char = '\u{1e}';

#[test]
fn every_command_of_the_walk_through_prints_what_it_shows() {
    let folder = Folder::new("walkthrough");
    // One host instead of three: the flags are accepted, and ranks are missing.
    folder.write("hosts", "localhost slots=1\n");
    let mut steps = steps(&read("examples/cluster/README.md"));
    let on_hosts = steps.iter_mut().find(|step| step.command.contains("--hostfile")).unwrap();
    on_hosts.command += " || echo \"exit code $?\"";
    let missed = "error: 3 ranks were expected, but the job has 1 rank";
    on_hosts.expected = ["...", missed, "...", "exit code 2"].map(str::to_owned).into();
    let killed = steps.iter().find(|step| step.command.ends_with('&')).unwrap();
    let undisturbed = killed.command.replace("again.jsonl", "undisturbed.jsonl");
    let undisturbed = format!("{} || true", undisturbed.trim_end_matches('&'));
    steps.push(Step { command: undisturbed, expected: vec!["...".to_owned()] });
    assert!(steps.len() > 12, "only {} commands were found", steps.len());
    let outputs = folder.run(&steps);

    let resumed = outputs.iter().find_map(|output| output.split_once("resuming: ")).unwrap().1;
    let before: usize = resumed.split_once(' ').unwrap().0.parse().unwrap();
    let messages = folder.read("rows.jsonl").lines().count();
    assert!((1..messages).contains(&before), "{before} of {messages} were done before the kill");
    assert!(folder.read("again.jsonl") == folder.read("undisturbed.jsonl"));
    assert_eq!(folder.read("again.jsonl").lines().count(), messages - 1);
    // `cargo athena mpi` wrote it last.
    assert!(folder.read("counted.jsonl") == folder.read("counted-by-run.jsonl"));
    let manifest = folder.read("job.yaml");
    assert!(manifest.contains("kind: MPIJob") && manifest.contains("count-mpi:1"), "{manifest}");
    let left: Vec<String> = folder
        .names()
        .filter(|name| name.contains("journal") || name.contains("partial"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn the_commands_in_the_books_section_on_clusters_work() {
    let page = read("docs/production.md");
    let (_, section) = page.split_once("\n## On a cluster\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let folder = Folder::new("readme");
    let rows = (0..40).map(|row| format!("{{\"y\":{}}}\n", f64::from(row) / 20.0));
    folder.write("in.jsonl", &rows.collect::<String>());
    let run = "target/release/cluster run count --messages in.jsonl > expected.jsonl";
    let mut steps = vec![Step { command: run.to_owned(), expected: Vec::new() }];
    let typed = section.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    for line in typed.lines() {
        let command = line.replace("RUNNER", "target/release/cluster").replace("compute", "count");
        steps.push(Step { command, expected: vec!["...".to_owned()] });
    }
    let outputs = folder.run(&steps);
    assert_eq!(outputs.len(), 3, "{typed}");
    assert!(folder.read("out.jsonl") == folder.read("expected.jsonl"));
    assert_eq!(folder.read("rejects.jsonl"), "");
    assert!(outputs[2].contains("kind: MPIJob"), "{}", outputs[2]);
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A command and its expected output; `...` stands for any number of lines.
struct Step {
    command: String,
    expected: Vec<String>,
}

/// Returns the commands of a walk-through.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines();
    while lines.any(|line| line == "```console") {
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { command: command.to_owned(), expected: Vec::new() });
                continue;
            }
            let step = steps.last_mut().unwrap();
            if step.command.ends_with('\\') {
                step.command.extend(["\n", line]);
            } else {
                step.expected.push(line.to_owned());
            }
        }
    }
    steps
}

/// The folder in which the commands run. It links to the repository's files and has its own outputs.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("target")).unwrap();
        // The profile of this test: it is built already, and a release build takes minutes.
        symlink(programs(), folder.join("target/release")).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap())
    }

    /// Runs commands in one shell, compares each output, and returns them.
    fn run(&self, steps: &[Step]) -> Vec<String> {
        let here = Here::new();
        let commands: Vec<String> = steps.iter().map(|step| here.command(&step.command)).collect();
        let mut script = "exec 2>&1\n".to_owned();
        for command in &commands {
            script += &format!("{command}\nprintf '{MARK}%d\\n' $?\n");
        }
        let mut shell = Command::new("timeout");
        // A command that hangs must not hang CI.
        shell.args(["600", "bash", "-c", &script]);
        let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
        let output = shell
            .current_dir(&self.0)
            .env("PATH", path)
            .env("CARGO_TARGET_DIR", programs().parent().unwrap())
            .envs(ENVIRONMENT)
            .env_remove("STEPS")
            .env_remove("WIDTH")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        let mut outputs: Vec<String> = Vec::new();
        let mut rest = &shown[..];
        for (step, command) in steps.iter().zip(&commands) {
            let (text, after) = rest.split_once(MARK).unwrap_or_else(|| {
                panic!("$ {command}\n\n{rest}\nand then no more: {}", output.status)
            });
            let (code, after) = after.split_once('\n').unwrap();
            let expected = step.expected.join("\n");
            assert_eq!(code, "0", "$ {command}\n\n{text}");
            assert!(
                matches(&step.expected, &text.lines().collect::<Vec<_>>()),
                "$ {command}\n\n{text}\nis not as the README says:\n\n{expected}"
            );
            outputs.push(text.to_owned());
            rest = after;
        }
        outputs
    }
}

/// The folder with the programs of this test's profile.
fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cluster")).parent().unwrap()
}

const ENVIRONMENT: [(&str, &str); 3] = [
    ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    // The command in the README needs a machine with three cores.
    ("OMPI_MCA_rmaps_base_oversubscribe", "1"),
];

/// The differences between this machine and a reader's.
struct Here {
    manifest: String,
    /// The number of rows that keep this machine busy for about ten seconds at a high resolution.
    rows: usize,
}

impl Here {
    /// Fails if a tool is missing; builds `cargo athena`.
    fn new() -> Self {
        for (tool, package) in [("mpirun", "openmpi-bin"), ("pkill", "procps")] {
            let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
            let found = found.unwrap().status.success();
            assert!(found, "{tool} is missing: apt-get install -y {package}");
        }
        let mut build = Command::new(env!("CARGO"));
        // With the features that `cargo test` builds it with: others would build its dependencies again.
        build
            .args(["test", "--no-run", "--quiet", "--locked", "--test", "functional"])
            .args(RELEASE);
        build.arg("--target-dir").arg(programs().parent().unwrap());
        assert!(build.current_dir(root()).status().unwrap().success());
        let cores = std::thread::available_parallelism().unwrap().get();
        // A debug build needs six times as long per row.
        let rows = cores * if cfg!(debug_assertions) { 400 } else { 2400 };
        Self { manifest: root().join("Cargo.toml").display().to_string(), rows }
    }

    fn command(&self, command: &str) -> String {
        if command.starts_with("apt-get install") {
            // The packages are installed, otherwise this test would not have been built.
            return "true".to_owned();
        }
        let mut command = command.to_owned();
        if command.starts_with("cargo") {
            let package = format!("-p cluster --locked --manifest-path '{}'", self.manifest);
            command = command.replace("-p cluster", &package);
            if RELEASE.is_empty() {
                command = command.replace(" --release", "");
            }
        }
        if command.starts_with("seq ") {
            let (last, scale) = ("19999", "$1 / 5000");
            assert!(command.contains(last) && command.contains(scale), "other sizes: {command}");
            command = command
                .replace(last, &(self.rows - 1).to_string())
                .replace(scale, &format!("$1 / {}", self.rows / 4));
        }
        command
    }
}

/// The flags that build in the profile of this test.
const RELEASE: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };

/// Whether the lines are as expected.
fn matches(expected: &[String], shown: &[&str]) -> bool {
    match (expected, shown) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "..." => {
            (0..=shown.len()).any(|skipped| matches(rest, &shown[skipped..]))
        }
        ([first, expected @ ..], [line, shown @ ..]) => first == line && matches(expected, shown),
        _ => false,
    }
}

#[test]
fn dots_stand_for_any_lines_and_nothing_else_does() {
    let matches = |expected: &[&str], shown: &[&str]| {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        matches(&expected, shown)
    };
    assert!(matches(&["a", "...", "z"], &["a", "b", "c", "z"]));
    assert!(matches(&["...", "z"], &["z"]));
    assert!(!matches(&["a", "z"], &["a", "b", "z"]));
    assert!(!matches(&["a"], &["a", "b"]));
}
