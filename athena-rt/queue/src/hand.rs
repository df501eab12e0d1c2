//! A process that runs models, as its worker sees it: started, fed, heard, ended and started again.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::pipe::{Done, Frames, PROCESS_VARIABLE};
use super::retry::Backoff;
use athena_core::random;
use athena_process::exit_status_message;

/// How much is read at once.
const MOST: usize = 64 << 10;

/// How long a process may take to start, or to end once it has said that it does.
const TURN: Duration = Duration::from_secs(30);

/// What is heard of a process.
pub(super) enum Heard {
    Done(Vec<Done>),
    /// How it ended, in words.
    Ended(String),
}

/// A process, and the messages it has, oldest first.
pub(super) struct Hand {
    place: usize,
    /// Counts the processes at this place: what an earlier one said late is told apart.
    pub(super) life: u64,
    feed: Option<UnboundedSender<Vec<u8>>>,
    is_ready: bool,
    task: Option<JoinHandle<()>>,
    pub(super) has: VecDeque<u64>,
    /// How many messages it has done.
    did: u64,
    /// When it was last heard, or given something while it had nothing.
    pub(super) heard: Instant,
    backoff: Backoff,
    /// When one that ended is started again.
    again: Option<Instant>,
    orders: Arc<Vec<u8>>,
    say: Sender<(usize, u64, Heard)>,
}

impl Hand {
    /// The process is not started yet.
    pub(super) fn new(
        place: usize,
        orders: Arc<Vec<u8>>,
        say: Sender<(usize, u64, Heard)>,
    ) -> Self {
        Self {
            place,
            life: 0,
            feed: None,
            is_ready: false,
            task: None,
            has: VecDeque::new(),
            did: 0,
            heard: Instant::now(),
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(10)),
            again: Some(Instant::now()),
            orders,
            say,
        }
    }

    /// Whether it may be given messages.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// It has read its orders.
    pub(super) fn set_ready(&mut self) {
        self.is_ready = true;
        self.heard = Instant::now();
    }

    /// Starts the process where it is time to.
    pub(super) fn start_if_due(&mut self) {
        if self.feed.is_some() || self.again.is_none_or(|again| again > Instant::now()) {
            return;
        }
        self.again = None;
        self.life += 1;
        self.did = 0;
        let (feed, food) = unbounded_channel();
        let _ = feed.send(Vec::clone(&self.orders));
        self.feed = Some(feed);
        self.heard = Instant::now();
        let (place, life, say) = (self.place, self.life, self.say.clone());
        self.task = Some(tokio::spawn(async move {
            let words = live(place, life, food, &say).await;
            let _ = say.send((place, life, Heard::Ended(words))).await;
        }));
    }

    /// Gives it messages.
    pub(super) fn give(&mut self, numbers: impl Iterator<Item = u64>, frames: Vec<u8>) {
        if self.has.is_empty() {
            self.heard = Instant::now();
        }
        self.has.extend(numbers);
        if let Some(feed) = &self.feed {
            // One that is gone says so by its end.
            let _ = feed.send(frames);
        }
    }

    /// It has said what came of a message.
    pub(super) fn has_done(&mut self, number: u64) {
        self.heard = Instant::now();
        self.did += 1;
        self.backoff.reset();
        if self.has.front() == Some(&number) {
            self.has.pop_front();
        } else {
            self.has.retain(|known| *known != number);
        }
    }

    /// Whether it has done no more than one message.
    pub(super) fn is_fresh(&self) -> bool {
        self.did <= 1
    }

    /// It has said that it ends, and is given nothing more; gives what it had.
    pub(super) fn is_ending(&mut self) -> VecDeque<u64> {
        self.is_ready = false;
        self.heard = Instant::now();
        std::mem::take(&mut self.has)
    }

    /// It has ended; gives what it had. Another one is started, not at once if this goes on.
    pub(super) fn has_ended(&mut self) -> VecDeque<u64> {
        self.feed = None;
        self.is_ready = false;
        self.task = None;
        self.again = Some(Instant::now() + self.backoff.next());
        std::mem::take(&mut self.has)
    }

    /// Whether it is silent for longer than it may be. One that neither starts nor ends would never
    /// be given anything, and never make place for another.
    pub(super) fn is_stuck(&self, patience: Duration) -> bool {
        let silent = self.heard.elapsed();
        if self.is_ready {
            !self.has.is_empty() && silent > patience
        } else {
            self.feed.is_some() && silent > TURN
        }
    }

    /// Kills it; its end is heard as ever.
    pub(super) fn kill(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let (place, life, say) = (self.place, self.life, self.say.clone());
            tokio::spawn(async move {
                let words = "it was killed: nothing was heard of it".to_owned();
                let _ = say.send((place, life, Heard::Ended(words))).await;
            });
        }
    }
}

/// Lives through a process, from its start to its end; tells how that was.
async fn live(
    place: usize,
    life: u64,
    food: UnboundedReceiver<Vec<u8>>,
    say: &Sender<(usize, u64, Heard)>,
) -> String {
    let nonce = random::random_hex() + &random::random_hex();
    let started = program().and_then(|program| {
        let mut command = Command::new(program);
        command
            .env(PROCESS_VARIABLE, &nonce)
            .env_remove(athena_protocol::REQUEST_VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        // Ctrl-C is for the worker, which lets what has begun come to its end.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    });
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return format!("it can't be started: {error}"),
    };
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return "it has no pipes".to_owned();
    };
    let feeding = tokio::spawn(feed(stdin, food));
    let wrong = hear(stdout, nonce.as_bytes(), place, life, say).await;
    feeding.abort();
    if let Some(wrong) = wrong {
        let _ = child.kill().await;
        return wrong.to_owned();
    }
    match child.wait().await {
        Ok(status) => format!("its process {}", exit_status_message(status)),
        Err(error) => error.to_string(),
    }
}

async fn feed(mut stdin: ChildStdin, mut food: UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = food.recv().await {
        if stdin.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Hears what a process says, until it says no more or nonsense.
async fn hear(
    mut stdout: ChildStdout,
    nonce: &[u8],
    place: usize,
    life: u64,
    say: &Sender<(usize, u64, Heard)>,
) -> Option<&'static str> {
    let mut frames = Frames::default();
    let mut before: Option<Vec<u8>> = Some(Vec::new());
    let mut buffer = vec![0; MOST];
    loop {
        let length = match stdout.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => length,
        };
        // What a program prints before it knows what it is comes first.
        if let Some(printed) = &mut before {
            printed.extend_from_slice(&buffer[..length]);
            let Some(at) = printed.windows(nonce.len()).position(|part| part == nonce) else {
                // What may be the beginning of it is kept, however much is printed.
                printed.drain(..(printed.len() + 1).saturating_sub(nonce.len()));
                continue;
            };
            frames.fill(&printed[at + nonce.len()..]);
            before = None;
        } else {
            frames.fill(&buffer[..length]);
        }
        let mut done = Vec::new();
        loop {
            match frames.next().map(|frame| frame.map(Done::read)) {
                Ok(Some(Some(one))) => done.push(one),
                Ok(None) => break,
                Ok(Some(None)) | Err(_) => return Some("it said what no process says"),
            }
        }
        if !done.is_empty() && say.send((place, life, Heard::Done(done))).await.is_err() {
            return None;
        }
    }
}

/// This program, even where its file was replaced meanwhile.
fn program() -> std::io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}
