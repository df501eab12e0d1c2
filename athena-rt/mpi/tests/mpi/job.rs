//! A job, its folder and its result.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::RUNNER;

/// A folder with an input.
pub(crate) struct Job {
    folder: TempDir,
    arguments: Vec<OsString>,
}

/// The result of a program.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
}

/// Fails if a program is missing, and names its package.
pub(crate) fn require(program: &str, package: &str) {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
    assert!(found.status.success(), "{program} is missing: apt-get install -y {package}");
}

impl Job {
    /// Runs `mpi::work` on this input.
    pub(crate) fn new(input: &str) -> Self {
        Self::with_model(input.as_bytes(), "mpi::work")
    }

    pub(crate) fn with_model(input: &[u8], model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in"), input).unwrap();
        Self { folder, arguments: vec![model.into()] }
    }

    /// With more arguments.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(Into::into));
        self
    }

    /// With the model as the only argument.
    pub(crate) fn without_arguments(mut self) -> Self {
        self.arguments.truncate(1);
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Reads a file of the job.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The arguments of the runner.
    pub(crate) fn mpi(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["mpi".into()];
        arguments.extend(self.arguments.iter().cloned());
        for (option, name) in [("--messages", "in"), ("--out", "out"), ("--rejects", "rejects")] {
            arguments.extend([option.into(), self.path(name).into_os_string()]);
        }
        arguments
    }

    /// The command that starts the job with this number of ranks.
    pub(crate) fn ranks(&self, ranks: usize, more: &[&str]) -> Command {
        let mut command = mpirun();
        command.args(["--oversubscribe", "-n", &ranks.to_string()]);
        command.arg(runner()).args(self.mpi()).args(more);
        command
    }

    /// Runs the job with this number of ranks.
    pub(crate) fn run(&self, ranks: usize, more: &[&str]) -> Finished {
        finish(&mut self.ranks(ranks, more))
    }

    /// Runs the job without mpirun.
    pub(crate) fn run_alone(&self, more: &[&str]) -> Finished {
        let mut command = Command::new(runner());
        finish(command.env(RUNNER, "1").args(self.mpi()).args(more))
    }

    /// A copy of this program with another [`BUILD`](crate::models::BUILD).
    pub(crate) fn other_build(&self) -> PathBuf {
        let path = self.path("other");
        std::fs::copy(runner(), &path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let build = crate::models::BUILD;
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&bytes[at..], &build) {
            at += found + build.len();
            bytes[at - 1] = b'!';
        }
        assert!(at > 0, "the program has no mark");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The outcomes and rejects of the local engine.
    pub(crate) fn local(&self) -> (Vec<u8>, Vec<u8>) {
        let mut command = Command::new(runner());
        command.env(RUNNER, "1").arg("run").args(&self.arguments);
        command.args(["--messages".as_ref(), self.path("in").as_os_str()]);
        command.args(["--rejects".as_ref(), self.path("local").as_os_str()]);
        let Output { stdout, stderr, .. } = command.output().unwrap();
        assert!(!stdout.is_empty(), "{}", String::from_utf8_lossy(&stderr));
        (stdout, self.read("local"))
    }

    /// Asserts that the job has the results of the local engine, and left no files behind.
    pub(crate) fn assert_local(&self, ended: &Finished) {
        let (out, rejects) = self.local();
        let code = i32::from(!rejects.is_empty());
        assert_eq!(ended.code, Some(code), "{}", ended.output);
        assert!(self.read("out") == out, "other bytes than the local engine's: {}", ended.output);
        assert!(self.read("rejects") == rejects, "{}", self.text("rejects"));
        self.assert_clean();
    }

    /// Asserts that no files are left behind.
    pub(crate) fn assert_clean(&self) {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> =
            names.filter(|name| name.contains("partial") || name.contains("journal")).collect();
        assert_eq!(left, Vec::<String>::new());
    }
}

/// This program.
pub(crate) fn runner() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// mpirun for ranks of this program. Waiting ranks yield, since there may be fewer cores than ranks.
pub(crate) fn mpirun() -> Command {
    let mut command = Command::new("mpirun");
    command
        .env(RUNNER, "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
        .args(["--mca", "mpi_yield_when_idle", "1", "-x", RUNNER])
        .stdin(Stdio::null());
    command
}

pub(crate) fn finish(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let mut output = String::from_utf8_lossy(&stdout).into_owned();
    output.push_str(&String::from_utf8_lossy(&stderr));
    Finished { code: status.code(), output }
}

/// The ids and environments of the descendants of a process.
pub(crate) fn descendants(child: &Child) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    let mut parents = vec![child.id()];
    while let Some(parent) = parents.pop() {
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        for id in children.unwrap_or_default().split_whitespace() {
            let id: u32 = id.parse().unwrap();
            let line = std::fs::read_to_string(format!("/proc/{id}/environ")).unwrap_or_default();
            all.push((id, line));
            parents.push(id);
        }
    }
    all
}

pub(crate) fn kill(id: u32) {
    let _ = Command::new("kill").args(["-9", &id.to_string()]).stderr(Stdio::null()).status();
}

/// Tasks, one per line, some of which fail.
pub(crate) fn tasks(count: usize, micros: u64) -> String {
    let line = |id: usize| match id % 97 {
        13 => format!("{{\"id\":{id},\"then\":\"err\"}}\n"),
        31 => format!("{{\"id\":{id},\"then\":\"panic\"}}\n"),
        45 => format!("{{\"id\":\"{id}\"}}\n"),
        60 => "\n".to_owned(),
        _ => format!("{{\"id\":{id},\"micros\":{micros},\"text\":\"{}\"}}\n", "x".repeat(id % 50)),
    };
    (0..count).map(line).collect()
}

/// Waits for a condition.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed() < std::time::Duration::from_mins(1), "waited for {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The size of a file, or 0 if it does not exist.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
