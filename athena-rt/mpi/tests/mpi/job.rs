//! A job, its folder and what it comes to.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::RUNNER;

/// A folder with an input.
pub(crate) struct Job {
    folder: TempDir,
    words: Vec<OsString>,
}

/// What came of a program.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

/// Fails with what installs a program that is not there.
pub(crate) fn needs(program: &str, package: &str) {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
    assert!(found.status.success(), "{program} is missing: apt-get install -y {package}");
}

impl Job {
    /// Runs `mpi::work` on this input.
    pub(crate) fn new(input: &str) -> Self {
        Self::over(input.as_bytes(), "mpi::work")
    }

    pub(crate) fn over(input: &[u8], model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in"), input).unwrap();
        Self { folder, words: vec![model.into()] }
    }

    /// With more words.
    pub(crate) fn with(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(Into::into));
        self
    }

    /// With the model and nothing else.
    pub(crate) fn plain(mut self) -> Self {
        self.words.truncate(1);
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of the job; what it has.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// The words behind the runner.
    pub(crate) fn mpi(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["mpi".into()];
        words.extend(self.words.iter().cloned());
        for (option, name) in [("--messages", "in"), ("--out", "out"), ("--rejects", "rejects")] {
            words.extend([option.into(), self.path(name).into_os_string()]);
        }
        words
    }

    /// mpirun with so many ranks, not started yet.
    pub(crate) fn ranks(&self, ranks: usize, more: &[&str]) -> Command {
        let mut command = mpirun();
        command.args(["--oversubscribe", "-n", &ranks.to_string()]);
        command.arg(runner()).args(self.mpi()).args(more);
        command
    }

    /// Runs it with so many ranks.
    pub(crate) fn run(&self, ranks: usize, more: &[&str]) -> Ended {
        ended(&mut self.ranks(ranks, more))
    }

    /// Runs it without mpirun.
    pub(crate) fn run_alone(&self, more: &[&str]) -> Ended {
        let mut command = Command::new(runner());
        ended(command.env(RUNNER, "1").args(self.mpi()).args(more))
    }

    /// A program that does the same and has another [`BUILD`](crate::models::BUILD).
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

    /// What the local engine gives, and its rejects.
    pub(crate) fn local(&self) -> (Vec<u8>, Vec<u8>) {
        let mut command = Command::new(runner());
        command.env(RUNNER, "1").arg("run").args(&self.words);
        command.args(["--messages".as_ref(), self.path("in").as_os_str()]);
        command.args(["--rejects".as_ref(), self.path("local").as_os_str()]);
        let Output { stdout, stderr, .. } = command.output().unwrap();
        assert!(!stdout.is_empty(), "{}", String::from_utf8_lossy(&stderr));
        (stdout, self.read("local"))
    }

    /// Asserts that the job gave what the local engine gives, and left nothing behind.
    pub(crate) fn assert_local(&self, ended: &Ended) {
        let (out, rejects) = self.local();
        let code = i32::from(!rejects.is_empty());
        assert_eq!(ended.code, Some(code), "{}", ended.said);
        assert!(self.read("out") == out, "other bytes than the local engine's: {}", ended.said);
        assert!(self.read("rejects") == rejects, "{}", self.text("rejects"));
        self.assert_clean();
    }

    /// Asserts that nothing is left behind.
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

/// mpirun, for ranks of this program. Where ranks outnumber cores, those that wait must yield.
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

pub(crate) fn ended(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let mut said = String::from_utf8_lossy(&stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&stderr));
    Ended { code: status.code(), said }
}

/// The processes below this one, as `/proc` has them: those of the runner only, if `runners`.
pub(crate) fn below(child: &Child) -> Vec<(u32, String)> {
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

/// Lines of tasks, some of which fail.
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

/// Waits for something.
pub(crate) fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed() < std::time::Duration::from_mins(1), "waited for {what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The size of a file; 0 where there is none.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
