//! Times processes in turn.

#![allow(dead_code, reason = "no benchmark needs all of it")]
#![allow(clippy::cast_precision_loss, reason = "memory and counts are far below 2^52")]

pub(crate) mod cases;
pub(crate) mod folders;
pub(crate) mod package;
pub(crate) mod table;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long is waited between two looks at the memory of a contestant.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A contestant.
#[derive(Clone)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<std::ffi::OsString>,
    variables: Vec<(&'static str, String)>,
    preparation: Option<(&'static str, &'static str)>,
    folder: Option<PathBuf>,
    code: i32,
}

impl Contestant {
    pub(crate) fn new(name: &'static str, program: &str) -> Self {
        Self {
            name,
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            preparation: None,
            folder: None,
            code: 0,
        }
    }

    pub(crate) fn cases(self, folder: &Path) -> Self {
        let folder = folder.display().to_string();
        self.variable("BENCH_CASES", &folder)
    }

    pub(crate) fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Runs once with this variable before the timed rounds.
    pub(crate) fn prepared_by(mut self, name: &'static str, value: &'static str) -> Self {
        self.preparation = Some((name, value));
        self
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(Into::into));
        self
    }

    pub(crate) fn path(mut self, path: &Path) -> Self {
        self.arguments.push(path.into());
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Expects exit code 1, because cases fail.
    pub(crate) fn fails(mut self) -> Self {
        self.code = 1;
        self
    }

    pub(crate) fn is_expected_to_fail(&self) -> bool {
        self.code != 0
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    fn time(&self) -> Duration {
        let began = Instant::now();
        let status = self.command().status().expect("the contestant starts");
        let took = began.elapsed();
        assert_eq!(status.code(), Some(self.code), "{} failed: {status}", self.name);
        took
    }

    /// Returns the peak memory of the process and its children, in MB.
    fn memory(&self) -> f64 {
        self.measured().1
    }

    /// Returns how long the process took, and its peak memory with that of its children, in MB.
    pub(crate) fn measured(&self) -> (Duration, f64) {
        let began = Instant::now();
        let mut child = self.command().spawn().expect("the contestant starts");
        let mut most = 0;
        let status = loop {
            if let Some(status) = child.try_wait().expect("a status") {
                break status;
            }
            most = most.max(resident(&child));
            // A look takes time from what it looks at: a long run has fewer of them.
            std::thread::sleep((began.elapsed() / 200).clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
        };
        let took = began.elapsed();
        assert_eq!(status.code(), Some(self.code), "{} failed: {status}", self.name);
        (took, most as f64 / 1024.0)
    }
}

/// How a contestant did.
pub(crate) struct Standing {
    /// The median, in milliseconds.
    pub(crate) median: f64,
    /// The median of the ratios to the first contestant.
    pub(crate) ratio: f64,
}

/// Runs all contestants in turn, round by round. Ratios are relative to the first.
pub(crate) fn race(field: &[Contestant], rounds: usize) -> Vec<Standing> {
    for contestant in field {
        if let Some((name, value)) = contestant.preparation {
            let status = contestant.command().env(name, value).status().expect("it starts");
            assert!(status.success(), "{} could not be prepared", contestant.name);
        }
        contestant.time();
    }
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); field.len()];
    for _ in 0..rounds {
        for (contestant, times) in field.iter().zip(&mut times) {
            times.push(contestant.time());
        }
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let mut standings = Vec::new();
    for (contestant, own) in field.iter().zip(&times) {
        let ratios =
            own.iter().zip(&times[0]).map(|(own, first)| own.as_secs_f64() / first.as_secs_f64());
        let median_time = milliseconds(median(own.clone()));
        let ratio = median(ratios.collect());
        println!(
            "{:<34} {median_time:>6.1} ms {:>6.1} ms {ratio:>8.2}x {:>5.0} MB",
            contestant.name,
            milliseconds(*own.iter().min().expect("a round")),
            contestant.memory(),
        );
        standings.push(Standing { median: median_time, ratio });
    }
    standings
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    values[values.len() / 2]
}

/// Returns the resident memory of a process and all its descendants, in KB.
fn resident(child: &Child) -> u64 {
    let mut waiting = vec![(child.id(), None)];
    let mut sum = 0;
    while let Some((id, parent)) = waiting.pop() {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let memory = Memory::of(&status);
        // A child has the memory of its parent until it executes another program.
        if parent.is_none_or(|parent: Memory| !parent.is_shared_with(memory)) {
            sum += memory.resident;
        }
        for task in std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let children =
                std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace().filter_map(|id| id.parse::<u32>().ok());
            waiting.extend(children.map(|id| (id, Some(memory))));
        }
    }
    sum
}

/// The memory of a process, in KB.
#[derive(Clone, Copy)]
struct Memory {
    resident: u64,
    /// The address space: its size, and the largest that it was.
    size: [u64; 2],
}

impl Memory {
    fn of(status: &str) -> Self {
        let value = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
        };
        Self { resident: value("VmRSS:"), size: [value("VmSize:"), value("VmPeak:")] }
    }

    fn is_shared_with(self, other: Self) -> bool {
        self.size == other.size
    }
}
