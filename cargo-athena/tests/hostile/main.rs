//! Hostile models, messages, files and terminals: one project, built once, whose cases each test
//! writes into a folder of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod crashes;
mod files;
mod messages;
mod project;
mod secrets;
#[path = "../seed/mod.rs"]
mod seed;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use project::{clean, folder as project, tool};

/// The outcome of `echo` for `{}`.
const EMPTY: &str =
    r#"{"text":"","number":0,"small":0,"float":0.0,"flag":false,"list":[],"map":{}}"#;

/// A folder of cases of the project's models.
struct Cases {
    folder: TempDir,
}

/// What a program did.
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Cases {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A case; `outcome` is its last key and value.
    fn case(&self, model: &str, name: &str, input: &str, outcome: &str) {
        let text = format!(
            "{{\n  \"format\": 1,\n  \"model\": \"hostile::{model}\",\n  \"env\": {{}},\n  \"input\": {input},\n  {outcome}\n}}\n"
        );
        self.write(&format!("hostile/{model}/{name}.json"), text);
    }

    /// A case that passes if the model survives the action.
    fn act(&self, name: &str, what: &str, ms: u64) {
        let data = format!("{{\"what\":\"{what}\",\"ms\":{ms}}}");
        self.case("act", name, &data, &format!("\"output\": {data}"));
    }

    /// Runs the runner directly on these cases.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool());
        command.args(arguments).arg("--fixtures").arg(self.folder.path()).stdin(Stdio::null());
        clean(&mut command);
        command
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        outcome(self.command(arguments).output().unwrap())
    }
}

impl Outcome {
    #[track_caller]
    fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        let said = self.out.contains(text) || self.err.contains(text);
        assert!(said, "no {text:?} in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn never_says(&self, text: &str) -> &Self {
        let said = self.out.contains(text) || self.err.contains(text);
        assert!(!said, "{text:?} in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails unless this case has a line with this verdict.
    #[track_caller]
    fn tells(&self, case: &str, verdict: &str) -> &Self {
        let is_line = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            words == ["test", &format!("hostile::{case}"), "...", verdict]
        };
        assert!(self.out.lines().any(is_line), "{case} is not {verdict}:\n{}", self.out);
        self
    }
}

fn outcome(output: Output) -> Outcome {
    Outcome {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn cargo(folder: &Path, arguments: &[&str]) -> Outcome {
    outcome(project::cargo(folder, arguments))
}
