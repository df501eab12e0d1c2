//! Detects that another rank does not respond, since its host or the network is gone. MPI itself
//! would wait for a quarter of an hour, or forever.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;

/// The interval at which each rank tells the other side that it is alive.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// The seconds that the launcher has to end the job before it is killed.
const LAUNCHER_TIMEOUT: u32 = 10;

/// The names of launchers.
const LAUNCHERS: [&str; 4] = ["mpirun", "mpiexec", "orterun", "prterun"];

const HELP: &str =
    "check the hosts and the network, then run the same command with --resume to continue";

/// Ends this rank, and with it the job.
pub(super) fn abort_job(message: &str) -> ! {
    print_stderr(&format!("error: {}", Error::failure(message).help(HELP)));
    end_launcher();
    std::process::exit(1)
}

/// Kills the launcher after a while: it waits for all hosts to end, even for those that are gone.
fn end_launcher() {
    let Some(parent) = rustix::process::getppid() else { return };
    let parent = parent.as_raw_nonzero().to_string();
    let name = std::fs::read_to_string(format!("/proc/{parent}/comm")).unwrap_or_default();
    if !LAUNCHERS.contains(&name.trim()) {
        return;
    }
    // Another process may have the id by then, with another start time.
    let script = "start() { cut -d ' ' -f 22 /proc/$0/stat; }; was=$(start); sleep $1; \
                  [ \"$(start)\" = \"$was\" ] && kill -9 $0";
    // In a process group of its own, since the launcher ends ours.
    let _ = Command::new("sh")
        .args(["-c", script, &parent, &LAUNCHER_TIMEOUT.to_string()])
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

/// Aborts the job if the manager is blocked, for example by a message to a host that is gone.
pub(super) struct Heartbeat {
    /// The time of the last renewal, in milliseconds since the start.
    last: Arc<AtomicU64>,
    began: Instant,
}

impl Heartbeat {
    pub(super) fn start(timeout: Duration) -> Result<Self> {
        let began = Instant::now();
        let last = Arc::new(AtomicU64::new(0));
        let renewed = Arc::downgrade(&last);
        let watch = move || {
            while let Some(last) = renewed.upgrade() {
                let last = Duration::from_millis(last.load(Ordering::Relaxed));
                if began.elapsed().saturating_sub(last) > timeout {
                    abort_job(&format!(
                        "rank 0 was blocked for {timeout:?}, by a message or a disk"
                    ));
                }
                std::thread::sleep(HEARTBEAT_INTERVAL.min(timeout / 2));
            }
        };
        std::thread::Builder::new()
            .spawn(watch)
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        Ok(Self { last, began })
    }

    /// Reports that the manager is not blocked.
    pub(super) fn renew(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }
}
