//! A project in a temporary folder, and `cargo athena` in it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::lane::Lane;
use crate::seed;

/// A file of a library with one model, `double`.
pub(crate) const LIBRARY: &str = "use athena_rt::prelude::*;

/// A number.
#[structure]
pub struct Number {
    /// What is doubled.
    #[default(1)]
    pub value: i64,
}

/// Doubles the number.
#[model]
pub fn double(mut state: State<Number>) -> State<Number> {
    state.data.value *= 2;
    state
}
";

/// A file of a program that does what no test allows: it says that it was started.
pub(crate) const FOREIGN: &str =
    "fn main() { std::fs::write(\"started\", \"\").unwrap(); println!(\"foreign\"); }\n";

/// The lines of a manifest that make the target `athena` a runner.
pub(crate) const TEST_TARGET: &str = "[[test]]\nname = \"athena\"\nharness = false\n";

/// What a test sets or has not.
pub(crate) const NOT_INHERITED: [&str; 5] =
    ["CI", "NO_COLOR", "CARGO_TERM_COLOR", "ATHENA_FIXTURES", "RUST_LOG"];

/// A project in a temporary folder.
pub(crate) struct Project {
    folder: TempDir,
    lane: Lane,
}

/// What a program did.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// An empty folder, with this repository's lockfile so that all projects share one build.
    pub(crate) fn new() -> Self {
        Self::in_lane(Lane::least_used())
    }

    /// A package of this name that has the feature `service`, and no code yet.
    pub(crate) fn service(name: &str) -> Self {
        let features = "athena-rt = { features = [\"service\"],";
        let manifest = manifest(name, "", "").replace("athena-rt = {", features);
        Self::in_lane(Lane::of_services()).file("Cargo.toml", &manifest)
    }

    fn in_lane(lane: Lane) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), lane };
        fs::copy(repository().join("Cargo.lock"), project.path("Cargo.lock")).unwrap();
        project
    }

    /// A package of this name whose one bin is a runner of `double`.
    pub(crate) fn bin(name: &str) -> Self {
        Self::new()
            .file("Cargo.toml", &manifest(name, "", ""))
            .file("src/main.rs", &format!("{LIBRARY}\nathena_rt::main!();\n"))
    }

    /// A package of this name whose library has `double`, with its test target.
    pub(crate) fn library(name: &str) -> Self {
        Self::new().with_library("", name)
    }

    /// Adds a library package in a folder, with the model `double` and the test target.
    pub(crate) fn with_library(self, folder: &str, name: &str) -> Self {
        let at = |file: &str| Path::new(folder).join(file).to_str().unwrap().to_owned();
        let runner = format!("athena_rt::main!({name});\n");
        self.file(&at("Cargo.toml"), &manifest(name, "", TEST_TARGET))
            .file(&at("src/lib.rs"), LIBRARY)
            .file(&at("tests/athena.rs"), &runner)
    }

    /// Writes a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces text in a file, which must have it.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// What is in a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// A path in the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// `cargo athena` in the project's root.
    pub(crate) fn athena(&self, arguments: &[&str]) -> Outcome {
        self.athena_in("", arguments)
    }

    /// `cargo athena` in a folder of the project.
    pub(crate) fn athena_in(&self, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(arguments);
        self.call(folder, command)
    }

    /// `cargo athena` in the project's root, with more variables.
    pub(crate) fn athena_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(arguments).envs(variables.iter().copied());
        self.call("", command)
    }

    /// `cargo` in the project's root, with one more variable.
    pub(crate) fn cargo_with(&self, arguments: &[&str], name: &str, value: &str) -> Outcome {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).env(name, value);
        self.call("", command)
    }

    /// What is in a file that a run left behind.
    pub(crate) fn read_artifact(&self, path: &str) -> String {
        let path = self.artifact(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The path of a file that a run leaves behind.
    pub(crate) fn artifact(&self, path: &str) -> PathBuf {
        // A target folder serves many projects: each has a folder in it.
        let name = self.folder.path().file_name().unwrap().to_str().unwrap();
        let folders = fs::read_dir(self.target().join("athena")).unwrap().flatten();
        let own = |entry: &fs::DirEntry| entry.file_name().to_str().unwrap().starts_with(name);
        let folder = folders.into_iter().find(own).unwrap_or_else(|| panic!("nothing of {name}"));
        folder.path().join(path)
    }

    /// `cargo` in the project's root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments);
        self.call("", command)
    }

    /// The binary stdout of `cargo athena`, which must exit with 0.
    pub(crate) fn athena_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(arguments);
        let output = self.output("", command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Any program, in a folder of the project.
    pub(crate) fn call(&self, folder: &str, command: Command) -> Outcome {
        let output = self.output(folder, command);
        Outcome {
            code: output.status.code().expect("no signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn output(&self, folder: &str, mut command: Command) -> Output {
        let _lock = self.prepare(folder, &mut command);
        command.output().unwrap()
    }

    /// `cargo athena` in the project's root, to be started. No other project builds until the lock
    /// is dropped.
    pub(crate) fn athena_to_start(&self, arguments: &[&str]) -> (Command, File) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-athena"));
        command.arg("athena").args(arguments);
        let lock = self.prepare("", &mut command);
        (command, lock)
    }

    fn prepare(&self, folder: &str, command: &mut Command) -> File {
        let target = self.target();
        // Executables of the same name share a place in the target folder: one at a time.
        let lock = self.lock_target();
        self.take_over(&target);
        let is_set = |command: &Command, name: &str| command.get_envs().any(|(its, _)| its == name);
        for variable in NOT_INHERITED {
            if !is_set(command, variable) {
                command.env_remove(variable);
            }
        }
        if !is_set(command, "CARGO") {
            command.env("CARGO", env!("CARGO"));
        }
        command
            .current_dir(self.path(folder))
            .env("CARGO_TARGET_DIR", target)
            .envs(seed::SETTINGS)
            .stdin(std::process::Stdio::null());
        lock
    }

    /// The target folder, which other projects share.
    pub(crate) fn target(&self) -> PathBuf {
        self.lane.target()
    }

    /// Keeps other projects from building in the target folder until the lock is dropped.
    pub(crate) fn lock_target(&self) -> File {
        self.lane.lock()
    }

    /// Makes cargo look at this project's sources again if another project built a package of the same
    /// name last.
    ///
    /// cargo leaves the folder of a workspace out of a package's hash, so packages of the same name in
    /// two projects share their artifacts. A project that was written before the other was built would
    /// pass for up to date, and the other's program would run.
    fn take_over(&self, target: &Path) {
        let marks = target.join("built-by");
        fs::create_dir_all(&marks).unwrap();
        let own = self.folder.path().to_str().unwrap();
        let mut is_last = true;
        for name in package_names(self.folder.path()) {
            let mark = marks.join(name);
            if !fs::read_to_string(&mark).is_ok_and(|last| last == own) {
                is_last = false;
                fs::write(mark, own).unwrap();
            }
        }
        if !is_last {
            touch_sources(self.folder.path());
        }
    }
}

/// The names of the packages below a folder.
fn package_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            names.extend(package_names(&path));
        } else if path.ends_with("Cargo.toml") {
            let text = fs::read_to_string(&path).unwrap();
            let name = text.lines().find_map(|line| line.strip_prefix("name = \""));
            names.extend(name.and_then(|name| name.split('"').next()).map(str::to_owned));
        }
    }
    names
}

/// Sets the time of every Rust file below a folder to now.
fn touch_sources(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            touch_sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = File::options().append(true).open(&path).unwrap();
            file.set_modified(std::time::SystemTime::now()).unwrap();
        }
    }
}

impl Outcome {
    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails unless stdout is this.
    #[track_caller]
    pub(crate) fn prints(&self, out: &str) -> &Self {
        assert_eq!(self.out, out, "stderr:\n{}", self.err);
        self
    }

    /// Fails unless stdout or stderr has this text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let said = self.said(text);
        assert!(said, "no {text:?} in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails if stdout or stderr has this text.
    #[track_caller]
    pub(crate) fn never_says(&self, text: &str) -> &Self {
        let said = self.said(text);
        assert!(!said, "{text:?} in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    fn said(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }
}

/// A manifest that depends on `athena-rt`, with more dependencies and more sections.
pub(crate) fn manifest(name: &str, dependencies: &str, more: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{more}\n\
         [dependencies]\nathena-rt = {{ path = {:?} }}\n{dependencies}",
        runtime()
    )
}

/// The folder of `athena-rt`.
pub(crate) fn runtime() -> String {
    repository().join("athena-rt").to_str().unwrap().to_owned()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
