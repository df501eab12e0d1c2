//! Hostile models, messages, files and terminals: one project, built once, whose cases each test
//! writes into a folder of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod crashes;
mod files;
mod messages;
mod secrets;
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

const MANIFEST: &str = "[package]
name = \"hostile\"
version = \"0.1.0\"
edition = \"2024\"

[[test]]
name = \"athena\"
harness = false

[workspace]

[dependencies]
athena-rt = { path = ATHENA }
";

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

fn clean(command: &mut Command) {
    for variable in
        ["CI", "NO_COLOR", "CARGO_TERM_COLOR", "RUST_LOG", "LOG_LEVEL", "USER", "RUST_BACKTRACE"]
    {
        command.env_remove(variable);
    }
}

/// The project's folder, with the program `tool` built.
fn project() -> &'static Path {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(folder.join("src/bin")).unwrap();
        fs::create_dir_all(folder.join("tests")).unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            // What is as it was is not built again.
            if fs::read_to_string(&path).ok().as_deref() != Some(text) {
                fs::write(path, text).unwrap();
            }
        };
        let runtime = format!("{:?}", repository.join("athena-rt").to_str().unwrap());
        write("Cargo.toml", &MANIFEST.replace("ATHENA", &runtime));
        write("src/lib.rs", include_str!("../data/hostile/lib.rs"));
        write("src/bin/tool.rs", "athena_rt::main!(hostile);\n");
        write("tests/athena.rs", "athena_rt::main!(hostile);\n");
        fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let built = cargo(&folder, &["build", "--quiet", "--bins"]);
        assert_eq!(built.code, Some(0), "{}", built.err);
        folder
    })
}

fn cargo(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO"));
    clean(&mut command);
    outcome(
        command
            .current_dir(folder)
            .args(arguments)
            .env("CARGO_TARGET_DIR", target())
            .envs([("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")])
            .output()
            .unwrap(),
    )
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-target")
}

fn tool() -> PathBuf {
    project();
    target().join("debug").join(format!("tool{}", std::env::consts::EXE_SUFFIX))
}
