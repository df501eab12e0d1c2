//! One worker process, seen from its supervisor.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::super::note::{Job, Note, Orders, WORKER_VARIABLE};
use super::printed::Printed;
use athena_core::error::{Error, Result};
use athena_core::random;
use athena_process::exit_status::exit_status_message;
use athena_process::perturb::elsewhere;

/// How often a silent worker is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How a worker of this program is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// Arguments that lead to the worker's entry.
    pub arguments: Vec<String>,
    /// Variables that no model may see: those that models declare.
    pub hidden: Vec<&'static str>,
    /// What models print is shown as it comes.
    pub show_output: bool,
    /// All that a model should not depend on is another: time zone, locale, working directory.
    pub elsewhere: bool,
}

/// What a worker says, or that it says no more.
pub(super) enum Event {
    Note(Note),
    /// How it ended: `exited with code 0`, `was killed by signal 6 (SIGABRT)`.
    Ended(String),
}

pub(crate) struct Worker {
    child: Child,
    jobs: Option<ChildStdin>,
    notes: Receiver<Note>,
    printed: Printed,
    reader: Option<std::thread::JoinHandle<()>>,
    /// A working directory of its own.
    _folder: Option<tempfile::TempDir>,
}

impl Worker {
    /// Starts this program again, as a worker.
    pub(crate) fn start(launch: &Launch, orders: &Orders, show_output: bool) -> Result<Self> {
        let failed =
            |error: std::io::Error| Error::failure(format!("can't start a worker: {error}"));
        // What no model's output begins with by chance.
        let nonce = random::random_hex();
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command
            .args(&launch.arguments)
            .env(WORKER_VARIABLE, &nonce)
            .env_remove(athena_protocol::REQUEST_VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if show_output { Stdio::inherit() } else { Stdio::piped() });
        for name in &launch.hidden {
            command.env_remove(name);
        }
        let folder = launch.elsewhere.then(|| elsewhere(&mut command)).transpose();
        let folder = folder.map_err(failed)?;
        let mut child = command.spawn().map_err(failed)?;
        let printed = Printed::default();
        let reader = child.stderr.take().map(|stderr| {
            let printed = printed.clone();
            std::thread::spawn(move || printed.read(stderr))
        });
        let (send, notes) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut lines = BufReader::with_capacity(64 << 10, stdout);
                let mut line = Vec::new();
                // A line may be anything that a program prints before it is a worker.
                while matches!(lines.read_until(b'\n', &mut line), Ok(length) if length > 0) {
                    let note = std::str::from_utf8(&line)
                        .ok()
                        .and_then(|line| line.strip_prefix(&nonce))
                        .and_then(|note| serde_json::from_str(note).ok());
                    line.clear();
                    if let Some(note) = note
                        && send.send(note).is_err()
                    {
                        return;
                    }
                }
            });
        }
        let mut worker =
            Self { jobs: child.stdin.take(), child, notes, printed, reader, _folder: folder };
        worker.write(orders);
        Ok(worker)
    }

    /// Deals a job. A worker that is gone says so by its notes' end.
    pub(super) fn send(&mut self, job: &Job) {
        self.write(job);
    }

    fn write<T: serde::Serialize>(&mut self, line: &T) {
        let (Some(jobs), Ok(mut text)) = (&mut self.jobs, serde_json::to_string(line)) else {
            return;
        };
        text.push('\n');
        if jobs.write_all(text.as_bytes()).is_err() {
            self.jobs = None;
        }
    }

    /// Waits for what the worker says next. One that says nothing for too long is killed.
    pub(super) fn next(&mut self, patience: Duration) -> Event {
        let began = Instant::now();
        let mut gone = None;
        loop {
            match self.notes.recv_timeout(LOOK_EVERY) {
                Ok(note) => return Event::Note(note),
                Err(RecvTimeoutError::Disconnected) => {
                    return Event::Ended(match self.end(Duration::from_secs(2)) {
                        Ok((status, _)) => before_done(status),
                        Err(error) => format!("ended: {error}"),
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            // A fork of the worker may hold the pipe open when the worker is gone.
            if let Some(status) = gone {
                return Event::Ended(before_done(status));
            }
            gone = self.child.try_wait().ok().flatten();
            if gone.is_none() && began.elapsed() >= patience {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return Event::Ended(format!("said nothing for {patience:?} and was ended"));
            }
        }
    }

    /// What a dead worker printed.
    pub(super) fn output(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // A grandchild may hold the pipe open: what came until now must do.
            for _ in 0..50 {
                if reader.is_finished() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        self.printed.text()
    }

    /// Ends a worker: one that is done may leave in peace, so that a coverage tool gets its data.
    /// Gives how it ended where that was by itself and not well: a sanitizer speaks last.
    pub(super) fn stop(mut self, done: bool) -> Option<String> {
        match self.end(if done { Duration::from_secs(2) } else { Duration::ZERO }) {
            Ok((status, true)) if done && !status.success() => Some(exit_status_message(status)),
            _ => None,
        }
    }

    /// Waits for the process to end by itself, which is told, then ends it.
    fn end(&mut self, patience: Duration) -> std::io::Result<(ExitStatus, bool)> {
        self.jobs = None;
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, true));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        self.child.kill()?;
        Ok((self.child.wait()?, false))
    }
}

fn before_done(status: ExitStatus) -> String {
    let how = exit_status_message(status);
    if status.code().is_some() { format!("{how} before it was done") } else { how }
}
