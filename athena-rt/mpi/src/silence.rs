//! When another rank says nothing any more: its host is gone, or the network. MPI itself would wait,
//! for a quarter of an hour or for ever.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::worker::SIGN;
use athena_core::error::{Error, Result};
use athena_core::stdio::say;

/// How long the launcher has to end the job, in seconds, before it is ended itself.
const PATIENCE: u32 = 10;

/// The names of the launcher.
const LAUNCHERS: [&str; 4] = ["mpirun", "mpiexec", "orterun", "prterun"];

/// What to do about it.
const HELP: &str = "a host or the network may be gone: the same command with --resume goes on";

/// Ends this rank, and with it the job.
pub(super) fn give_up(words: &str) -> ! {
    say(&format!("error: {}", Error::failure(words).help(HELP)));
    end_launcher();
    std::process::exit(1)
}

/// The launcher waits for all hosts to end, also for those that are gone. It gets a while.
fn end_launcher() {
    let Some(parent) = rustix::process::getppid() else { return };
    let parent = parent.as_raw_nonzero().to_string();
    let name = std::fs::read_to_string(format!("/proc/{parent}/comm")).unwrap_or_default();
    if !LAUNCHERS.contains(&name.trim()) {
        return;
    }
    // Another process may have the number by then, with another time of its start.
    let script = "start() { cut -d ' ' -f 22 /proc/$0/stat; }; was=$(start); sleep $1; \
                  [ \"$(start)\" = \"$was\" ] && kill -9 $0";
    // In a group of its own, since the launcher ends ours.
    let _ = Command::new("sh")
        .args(["-c", script, &parent, &PATIENCE.to_string()])
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

/// Ends the job where the manager is stuck, as in a message to a host that is gone.
pub(super) struct Beat {
    /// In milliseconds since the start.
    last: Arc<AtomicU64>,
    began: Instant,
}

impl Beat {
    pub(super) fn start(silence: Duration) -> Result<Self> {
        let began = Instant::now();
        let last = Arc::new(AtomicU64::new(0));
        let beaten = Arc::downgrade(&last);
        let watch = move || {
            while let Some(last) = beaten.upgrade() {
                let last = Duration::from_millis(last.load(Ordering::Relaxed));
                if began.elapsed().saturating_sub(last) > silence {
                    give_up(&format!(
                        "rank 0 was stuck for {silence:?}, in a message or on a disk"
                    ));
                }
                std::thread::sleep(SIGN.min(silence / 2));
            }
        };
        std::thread::Builder::new()
            .spawn(watch)
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        Ok(Self { last, began })
    }

    /// It is not stuck.
    pub(super) fn beat(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }
}
