//! The parent's end of the pipes, for code that may block: a thread reads, and one writes what has to wait.

use std::io::{self, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Serialize;
use tempfile::TempDir;

use super::config::ProcessConfig;
use super::exit::{ProcessExit, exit_status_message, stopped_message};
use super::frame::FrameReader;
use super::group::{ChildState, child_state, kill_group};
use super::message::Request;
use super::output_tail::OutputTail;
use super::request_pipe::{RequestPipe, SharedBody};
use super::spawn::{SpawnOptions, Stderr, command};
use athena_core::error::{Error, Result};
use athena_core::random::random_hex;

/// How often it is checked whether a silent process is there.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// How long a process may take to end once it has closed its output.
const EXIT_PATIENCE: Duration = Duration::from_secs(2);

/// How long is waited between two looks whether a process has ended: at first, and at most.
const SHORT_PAUSE: Duration = Duration::from_micros(10);
const LONG_PAUSE: Duration = Duration::from_micros(500);

/// How long a process may be stopped: a shell that stops and continues all of a job does so within this.
const STOP_PATIENCE: Duration = Duration::from_secs(1);

/// An event from a model process.
#[derive(Debug)]
pub enum ProcessEvent {
    /// The bytes of a [`Response`](super::Response).
    Response(Vec<u8>),
    /// Nothing in the time that it was waited.
    Nothing,
    /// It has ended.
    Exited(ProcessExit),
}

/// A model process. It is killed when this is dropped, with all that its models have started.
pub struct ModelProcess {
    child: Child,
    requests: Option<RequestPipe>,
    responses: Receiver<io::Result<Vec<u8>>>,
    output: OutputTail,
    output_reader: Option<JoinHandle<()>>,
    checked: Instant,
    /// Since when it is stopped.
    stopped: Option<Instant>,
    status: Option<ExitStatus>,
    /// A working directory of its own.
    _folder: Option<TempDir>,
}

impl ModelProcess {
    /// Starts this program again, and sends it its settings.
    pub fn start(
        config: &ProcessConfig,
        options: &SpawnOptions,
        settings: &impl Serialize,
    ) -> Result<Self> {
        let failed = |error: io::Error| {
            Error::failure(format!("can't start a process that runs models: {error}"))
        };
        let settings = serde_json::to_vec(settings).map_err(|error| failed(error.into()))?;
        let config = ProcessConfig { nonce: random_hex(), ..config.clone() };
        let (mut command, folder) = command(&config, options).map_err(failed)?;
        let mut child = command.spawn().map_err(failed)?;
        let (send, responses) = mpsc::channel();
        let nonce = config.nonce;
        let mut requests = None;
        if let Some(pipe) = child.stdin.take() {
            enlarge(&pipe, options);
            requests = Some(RequestPipe::new(pipe, nonce.clone()).map_err(failed)?);
        }
        if let Some(requests) = &mut requests {
            requests.send(&settings, None);
        }
        if let Some(pipe) = child.stdout.take() {
            enlarge(&pipe, options);
            spawn("read", move || read_frames(pipe, &nonce, &send)).map_err(failed)?;
        }
        let output = OutputTail::default();
        let output_reader = match child.stderr.take() {
            Some(pipe) if options.stderr == Stderr::Capture => {
                let output = output.clone();
                Some(spawn("output", move || output.read(pipe)).map_err(failed)?)
            }
            _ => None,
        };
        Ok(Self {
            child,
            requests,
            responses,
            output,
            output_reader,
            checked: Instant::now(),
            stopped: None,
            status: None,
            _folder: folder,
        })
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request. A process that is dead takes none; its end is an event.
    pub fn send(&mut self, request: &Request<'_>) {
        let mut head = Vec::new();
        request.append(&mut head);
        self.send_frame(&head, None);
    }

    /// Sends a request whose body is not copied.
    pub fn send_shared(&mut self, request: &Request<'_>, body: impl AsRef<[u8]> + Send + 'static) {
        self.send_frame(&request.head(), Some(Box::new(body)));
    }

    fn send_frame(&mut self, head: &[u8], body: Option<SharedBody>) {
        if let Some(requests) = &mut self.requests {
            requests.send(head, body);
        }
    }

    /// Waits for what the process sends next.
    pub fn next(&mut self, wait: Duration) -> ProcessEvent {
        let began = Instant::now();
        loop {
            // What an ended process has left in the pipe is read, and no longer waited for.
            let wait = if self.status.is_some() { CHECK_INTERVAL } else { wait };
            let left = wait.saturating_sub(began.elapsed());
            match self.responses.recv_timeout(left.min(CHECK_INTERVAL)) {
                Ok(Ok(response)) => return ProcessEvent::Response(response),
                Ok(Err(error)) => {
                    self.kill();
                    return ProcessEvent::Exited(ProcessExit::Fault(error.to_string()));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return ProcessEvent::Exited(match self.end(EXIT_PATIENCE) {
                        Ok((status, true)) => ProcessExit::new(status),
                        Ok((_, false)) => ProcessExit::Fault(
                            "closed the pipe to its parent and did not end".to_owned(),
                        ),
                        Err(error) => ProcessExit::Fault(format!("ended: {error}")),
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(status) = self.status {
                // A fork of it may hold the pipe open.
                return ProcessEvent::Exited(ProcessExit::new(status));
            }
            if self.checked.elapsed() >= CHECK_INTERVAL {
                self.checked = Instant::now();
                if let Some(exit) = self.check() {
                    return ProcessEvent::Exited(exit);
                }
            }
            if self.status.is_none() && began.elapsed() >= wait {
                return ProcessEvent::Nothing;
            }
        }
    }

    /// Waits for what the process sends next. One that is silent for longer than this is killed.
    pub fn next_within(&mut self, patience: Duration) -> Result<Vec<u8>, ProcessExit> {
        match self.next(patience) {
            ProcessEvent::Response(response) => Ok(response),
            ProcessEvent::Exited(exit) => Err(exit),
            ProcessEvent::Nothing => {
                self.kill();
                Err(ProcessExit::Killed(format!("did not respond for {patience:?} and was killed")))
            }
        }
    }

    /// What an ended process printed, if that was captured.
    pub fn output(&mut self) -> String {
        if let Some(reader) = self.output_reader.take() {
            // A fork of it may hold the pipe open: then what has come until now is all there is.
            for _ in 0..50 {
                if reader.is_finished() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        self.output.text()
    }

    /// Ends the process. One that is `done` may exit by itself, so that a coverage tool gets its data.
    /// Returns how it ended if that was by itself and not well: a sanitizer reports last.
    pub fn stop(mut self, done: bool) -> Option<String> {
        match self.end(if done { EXIT_PATIENCE } else { Duration::ZERO }) {
            Ok((status, true)) if done && !status.success() => Some(exit_status_message(status)),
            _ => None,
        }
    }

    /// Waits for the process to end, then kills it. Returns whether it ended by itself, too.
    fn end(&mut self, patience: Duration) -> io::Result<(ExitStatus, bool)> {
        self.requests = None;
        let began = Instant::now();
        let mut pause = SHORT_PAUSE;
        while began.elapsed() < patience {
            if let Some(status) = self.try_wait()? {
                return Ok((status, true));
            }
            // It closes its pipe when it ends, unless a fork of it holds that open.
            match self.responses.recv_timeout(LONG_PAUSE) {
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(pause);
                    pause = (2 * pause).min(LONG_PAUSE);
                }
            }
        }
        kill_group(self.child.id());
        self.child.kill()?;
        Ok((self.child.wait()?, false))
    }

    /// Looks whether it is there and runs. One that is stopped is not waited for.
    fn check(&mut self) -> Option<ProcessExit> {
        self.status = self.try_wait().ok().flatten();
        let Some(ChildState::Stopped(signal)) = child_state(self.child.id()) else {
            self.stopped = None;
            return None;
        };
        let since = *self.stopped.get_or_insert_with(Instant::now);
        (since.elapsed() >= STOP_PATIENCE).then(|| {
            self.kill();
            ProcessExit::Fault(stopped_message(signal))
        })
    }

    /// How the process ended, if it has; then what it has started is ended, too.
    fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        // As long as nobody has waited for it, no other process has its number.
        if child_state(self.child.id()) == Some(ChildState::Ended) {
            kill_group(self.child.id());
        }
        self.child.try_wait()
    }

    fn kill(&mut self) {
        if self.status.is_none() {
            kill_group(self.child.id());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for ModelProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(target_os = "linux")]
fn enlarge(pipe: &impl std::os::fd::AsFd, options: &SpawnOptions) {
    if options.large_pipes {
        let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    }
}

#[cfg(not(target_os = "linux"))]
fn enlarge<P>(_: &P, _: &SpawnOptions) {}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// Passes on every frame, then an error if that is what ends them.
fn read_frames(pipe: impl Read, nonce: &str, send: &Sender<io::Result<Vec<u8>>>) {
    let mut reader = FrameReader::new(pipe, nonce);
    loop {
        let mut frame = Vec::new();
        let read = match reader.read(&mut frame) {
            Ok(true) => Ok(frame),
            Ok(false) => return,
            Err(error) => Err(error),
        };
        let is_last = read.is_err();
        if send.send(read).is_err() || is_last {
            return;
        }
    }
}
