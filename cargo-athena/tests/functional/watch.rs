//! `cargo athena watch`: a real one on a real workspace, its output awaited.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::support::Project;

/// For how long a round may take, with the build of what it runs, on a machine at work.
const ROUND: Duration = Duration::from_mins(4);

/// What ends a round.
const END: &str = "waiting for changes";

/// A watch that was started.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    _lock: File,
}

impl Watch {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let (mut command, lock) = project.athena_to_start(&[&["watch"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        send_lines(child.stdout.take().unwrap(), sender.clone());
        send_lines(child.stderr.take().unwrap(), sender);
        Self { child, lines, _lock: lock }
    }

    /// The output up to the end of the round.
    fn round(&mut self) -> String {
        let end = Instant::now() + ROUND;
        let mut said = String::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("no end of the round:\n{said}"));
            let is_last = line.contains(END);
            said.push_str(&line);
            said.push('\n');
            if is_last {
                // What went to the other stream may come a little later.
                while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(300)) {
                    said.push_str(&line);
                    said.push('\n');
                }
                return said;
            }
        }
    }

    /// Fails if anything is printed within a moment.
    fn is_silent(&mut self) {
        let line = self.lines.recv_timeout(Duration::from_secs(2));
        assert!(line.is_err(), "{line:?}");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn send_lines(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

fn workspace() -> Project {
    let project = Project::new()
        .file(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\", \"user\"]\n",
        )
        .file(".gitignore", "*.log\n")
        .with_library("one", "watched_one")
        .with_library("two", "watched_two")
        .with_library("user", "watched_user");
    // It depends on one, and is therefore affected with it.
    let manifest = project.read("user/Cargo.toml");
    project.write("user/Cargo.toml", &format!("{manifest}watched_one = {{ path = \"../one\" }}\n"));
    for (model, case, value) in [
        ("watched_one", "a", 1),
        ("watched_one", "m", 0),
        ("watched_one", "z", 3),
        ("watched_two", "c", 1),
        ("watched_user", "u", 1),
    ] {
        let message = format!("{{\"value\":{value}}}");
        let model = format!("{model}::double");
        project.athena(&["record", &model, "--case", case, "-m", &message]).exits(0);
    }
    project
}

/// Whether a failure is shown in full.
fn has_case(said: &str, name: &str) -> bool {
    said.lines().any(|line| line.starts_with(&format!("{name} ")))
}

#[test]
fn a_change_replays_what_it_affects_and_shows_what_is_new() {
    let project = workspace();
    let mut watch = Watch::start(&project, &[]);
    let said = watch.round();
    assert!(said.contains("5 cases: 5 passed, 0 failed"), "{said}");

    // A source: its package, and the one that depends on it.
    project.edit("one/src/lib.rs", "*= 2", "*= 3");
    let said = watch.round();
    assert!(said.contains("changed: one/src/lib.rs\n"), "{said}");
    assert!(said.contains("4 cases: 2 passed, 2 failed"), "{said}");
    assert!(has_case(&said, "watched_one::double::a") && !said.contains("watched_two"), "{said}");

    // Another outcome is shown, and the same again only counted. What passes has no line.
    project.edit("one/src/lib.rs", "*= 3", "*= 4");
    let said = watch.round();
    let has = |name: &str| has_case(&said, &format!("watched_one::double::{name}"));
    assert!(has("a") && has("z") && !has("m") && !said.contains("... ok"), "{said}");
    assert!(said.contains("4 cases: 2 passed, 2 failed"), "{said}");
    project.edit("one/src/lib.rs", "*= 4", "*= 2 * 2");
    let said = watch.round();
    assert!(said.contains("2 cases fail as before") && !said.contains("double::a"), "{said}");
    assert!(said.contains("4 cases: 2 passed, 2 failed"), "{said}");

    // A case: its package alone.
    project.edit("fixtures/watched_two/double/c.json", "\"value\": 2", "\"value\": 5");
    let said = watch.round();
    assert!(said.contains("1 case: 0 passed, 1 failed"), "{said}");
    assert!(!said.contains("watched_one") && !said.contains("watched_user"), "{said}");

    // A build that fails is watched on, and what it kept from being run is owed.
    project.edit("one/src/lib.rs", "*= 2 * 2;", "*= ;");
    let said = watch.round();
    assert!(said.contains("the build failed"), "{said}");
    project.edit("one/src/lib.rs", "*= ;", "*= 2;");
    let said = watch.round();
    assert!(said.contains("4 cases: 4 passed, 0 failed"), "{said}");
    assert!(
        said.contains("passes again: watched_one::double::a, watched_one::double::z"),
        "{said}"
    );

    // Ignored files, and files outside of packages, start no run.
    project.write("one/out.log", "text");
    project.write("README.md", "text");
    watch.is_silent();

    // The workspace's manifest affects all packages. A broken one is reported.
    project.edit("Cargo.toml", "resolver", "# Members.\nresolver");
    let said = watch.round();
    assert!(said.contains("5 cases: 4 passed, 1 failed"), "{said}");
    project.edit("Cargo.toml", "members =", "members");
    let said = watch.round();
    assert!(said.contains("error:"), "{said}");
    project.edit("Cargo.toml", "members", "members =");
    project.edit("fixtures/watched_two/double/c.json", "\"value\": 5", "\"value\": 2");
    let said = watch.round();
    assert!(said.contains("5 cases: 5 passed, 0 failed"), "{said}");

    interrupt(watch);
}

#[test]
fn what_can_never_be_watched_ends_it() {
    let project = Project::library("unwatched");
    for (arguments, code, says) in [
        (&["-p", "nope"][..], 2, "package `nope` is not in this workspace"),
        (&["--bin", "nope"][..], 2, "no bin `nope`"),
        (&["--manifest-path", "nope/Cargo.toml"][..], 2, "nope/Cargo.toml"),
        (&["--timeout", "2"][..], 2, "not a duration"),
        (&["--partition", "hash:5/4"][..], 2, "from 1 to 4"),
        (&["--report", "pdf=x"][..], 2, "`pdf` is not a kind of report"),
        (&["--retries", "1", "--repeat", "2"][..], 2, "cannot be used with"),
        (&["--nope"][..], 2, "--nope"),
        (&["--jobs", "0"][..], 2, "0"),
    ] {
        project.athena(&[&["watch"], arguments].concat()).exits(code).says(says);
    }
    project.write("Cargo.toml", "[package\n");
    project.athena(&["watch"]).exits(2).says("Cargo.toml");
}

#[cfg(unix)]
fn interrupt(mut watch: Watch) {
    let status = Command::new("kill").args(["-INT", &watch.child.id().to_string()]).status();
    assert!(status.unwrap().success());
    assert_eq!(watch.child.wait().unwrap().code(), Some(0), "Ctrl-C is no failure");
}

#[cfg(not(unix))]
fn interrupt(watch: Watch) {
    drop(watch);
}
