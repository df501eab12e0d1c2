//! Puts a fault into a folder, types its commands, and looks at what they do.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::lane::Lane;
use crate::table::{Fault, Project, Step};
use crate::{hostile, package, seed};

/// How much longer than promised a command may take on a busy machine.
const PATIENCE: u64 = 3;

/// Tries a fault; an error is what happened instead of what is promised.
pub(crate) fn try_fault(fault: &Fault) -> Result<(), String> {
    let folder = tempfile::Builder::new().prefix("fault-").tempdir().unwrap();
    let is_service = fault.before.contains("\"service\"");
    let lane = (fault.project == Project::Seed)
        .then(|| if is_service { Lane::of_services() } else { Lane::least_used() });
    let _lock = lane.as_ref().map(Lane::lock);
    let target = lane.as_ref().map_or_else(hostile::target, Lane::target);
    let write = |path: &str, text: &str| {
        let path = folder.path().join(package::fill_in(path, fault));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, package::fill_in(text, fault)).unwrap();
    };
    match fault.project {
        Project::Hostile => {
            hostile::folder();
            fs::create_dir(folder.path().join("fixtures")).unwrap();
        }
        Project::Seed => {
            let lockfile =
                Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
            fs::copy(lockfile, folder.path().join("Cargo.lock")).unwrap();
            for (path, text) in package::files() {
                write(path, text);
            }
        }
    }
    for act in &fault.acts {
        let (what, ms) = act.split_once(' ').unwrap_or((act, "0"));
        let data = format!("{{\"what\":\"{what}\",\"ms\":{ms}}}");
        write(
            &format!("fixtures/hostile/act/{what}.json"),
            &format!(
                "{{\n  \"format\": 1,\n  \"model\": \"hostile::act\",\n  \"env\": {{}},\n  \
                 \"input\": {data},\n  \"output\": {data}\n}}\n"
            ),
        );
    }
    for (path, text) in &fault.files {
        write(path, text);
    }
    let before = Step {
        run: format!("set -e\n{}", fault.before),
        exit: 0,
        says: Vec::new(),
        never_says: Vec::new(),
        seconds: 120,
    };
    std::iter::once(&before)
        .chain(&fault.steps)
        .try_for_each(|step| try_step(step, fault, folder.path(), &target))
        .map_err(|error| format!("{}\n{error}", fault.describe()))
}

/// Types one command.
fn try_step(step: &Step, fault: &Fault, folder: &Path, target: &Path) -> Result<(), String> {
    let line = package::fill_in(&step.run, fault);
    let files = tempfile::tempdir().unwrap();
    let (out, err) = (files.path().join("out"), files.path().join("err"));
    let mut command = Command::new("sh");
    hostile::clean(&mut command);
    command
        .args(["-c", &line])
        .current_dir(folder)
        .env("PATH", search_path())
        .env("CARGO", env!("CARGO"))
        .env("CARGO_TARGET_DIR", target)
        .envs(seed::SETTINGS)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_AUTHOR_NAME", "me"),
            ("GIT_AUTHOR_EMAIL", "me@localhost"),
        ])
        .envs([("GIT_COMMITTER_NAME", "me"), ("GIT_COMMITTER_EMAIL", "me@localhost")])
        .env_remove("ATHENA_FIXTURES")
        .stdin(Stdio::null())
        // Files, not pipes: a process that is left behind holds a pipe open.
        .stdout(fs::File::create(&out).unwrap())
        .stderr(fs::File::create(&err).unwrap())
        // A group of its own, which ends with the step whatever it started.
        .process_group(0);
    if fault.project == Project::Hostile {
        command.env("ATHENA_FIXTURES", folder.join("fixtures"));
    }
    let limit = Duration::from_secs(step.seconds * PATIENCE);
    let began = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if began.elapsed() > limit {
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if status.is_none() {
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status();
        let _ = child.wait();
    }
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let (out, err) = (read(&out), read(&err));
    let said = |text: &str| out.contains(text) || err.contains(text);
    let wrong = match status.map(|status| status.code()) {
        None => Some(format!("it did not end within {} s", limit.as_secs())),
        Some(code) if code != Some(step.exit) => {
            Some(format!("exit code {code:?} instead of {}", step.exit))
        }
        Some(_) => None,
    };
    let fill_in = |text: &String| package::fill_in(text, fault);
    let missing = step.says.iter().map(fill_in).find(|text| !said(text));
    let unwanted = step.never_says.iter().map(fill_in).find(|text| said(text));
    let wrong = wrong
        .or_else(|| missing.map(|text| format!("it does not say {text:?}")))
        .or_else(|| unwanted.map(|text| format!("it says {text:?}")));
    wrong.map_or(Ok(()), |wrong| {
        Err(format!("$ {line}\n{wrong}\nstdout:\n{}\nstderr:\n{}", cut(&out), cut(&err)))
    })
}

/// The end of a long output is enough to see what happened.
fn cut(text: &str) -> &str {
    let start = text.len().saturating_sub(4_000);
    text.get(start..).unwrap_or(text)
}

/// `PATH` with `cargo athena` and `tool` in front.
fn search_path() -> std::ffi::OsString {
    let folder_of = |program: &Path| program.parent().unwrap().to_path_buf();
    let mut folders = vec![
        folder_of(Path::new(env!("CARGO_BIN_EXE_cargo-athena"))),
        folder_of(&hostile::tool()),
        folder_of(Path::new(env!("CARGO"))),
    ];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(folders).unwrap()
}
