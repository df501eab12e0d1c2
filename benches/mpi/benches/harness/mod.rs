//! The contestants, and their measurement.

mod flights;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(super) use flights::lines;

/// The work of a round.
pub(super) struct Race {
    pub(super) messages: PathBuf,
    pub(super) roots: u32,
    /// The size of a batch in bytes.
    pub(super) batch: usize,
}

/// A contestant.
pub(super) enum Peer {
    Athena,
    Bare,
    Mpi4py { bin: PathBuf, chunk: usize },
}

/// The result of a round.
pub(super) struct Measured {
    /// Messages per second, without the start of the ranks.
    pub(super) rate: f64,
    /// Microseconds of a core per message, of all processes, including their start.
    pub(super) cost: f64,
    /// The time of the whole command in seconds.
    pub(super) whole: f64,
}

/// mpirun with its number of ranks.
pub(super) struct Ranks {
    count: usize,
    folder: tempfile::TempDir,
}

impl Peer {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Athena => "Athena".to_owned(),
            Self::Bare => "hand-written loop".to_owned(),
            Self::Mpi4py { chunk, .. } => format!("mpi4py.futures, chunks of {chunk}"),
        }
    }
}

impl Ranks {
    pub(super) fn new(count: usize) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Ok(Self { count, folder })
    }

    /// Runs all messages with one contestant.
    pub(super) fn race(&self, race: &Race, peer: &Peer) -> Result<Measured, String> {
        let out = self.folder.path().join("out");
        let mut command = self.command(race, peer, &out);
        let with_name = |what: &dyn std::fmt::Display| format!("{}: {what}", peer.name());
        let before = children();
        let began = Instant::now();
        let output = command.output().map_err(|error| {
            with_name(&format!("mpirun can't be started ({error}): apt-get install -y openmpi-bin"))
        })?;
        let whole = began.elapsed();
        let cost = children().saturating_sub(before);
        let text = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(with_name(&text));
        }
        let messages = count(&race.messages)?;
        let outcomes = count(&out)?;
        if outcomes != messages {
            return Err(with_name(&format!("{outcomes} outcomes of {messages} messages")));
        }
        #[allow(clippy::cast_precision_loss, reason = "the number of lines is small")]
        let messages = messages as f64;
        Ok(Measured {
            rate: parse_rate(&text, messages).ok_or_else(|| with_name(&text))?,
            cost: cost.as_secs_f64() * 1e6 / messages,
            whole: whole.as_secs_f64(),
        })
    }

    fn command(&self, race: &Race, peer: &Peer, out: &Path) -> Command {
        let roots = race.roots.to_string();
        let mut command = Command::new("mpirun");
        command
            .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
            .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .args(["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"])
            .args(["-n", &self.count.to_string()]);
        match peer {
            Peer::Athena => {
                command.arg(env!("CARGO_BIN_EXE_mpi_runner")).args(["mpi", "rate", "--messages"]);
                command.arg(&race.messages).arg("--out").arg(out);
                command.args(["--batch-size", &format!("{}B", race.batch)]);
                command.args(["-e", &format!("ROOTS={roots}")]);
            }
            Peer::Bare => {
                command.arg(env!("CARGO_BIN_EXE_mpi_bare")).arg("--messages").arg(&race.messages);
                command.arg("--out").arg(out).args(["--batch", &race.batch.to_string()]);
                command.args(["--roots", &roots]);
            }
            Peer::Mpi4py { bin, chunk } => {
                let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mpi4py_peer.py");
                command.arg(bin.join("python")).args(["-m", "mpi4py.futures"]).arg(peer);
                command.arg(&race.messages).arg(out).args([&chunk.to_string(), &roots]);
            }
        }
        command
    }
}

/// Parses the rate that a contestant prints: `.. messages in .. s, RATE/s`, or `SECONDS seconds`.
fn parse_rate(text: &str, messages: f64) -> Option<f64> {
    text.lines().find_map(|line| {
        if let Some(seconds) = line.strip_suffix(" seconds") {
            return Some(messages / seconds.parse::<f64>().ok()?);
        }
        line.split_once(" messages in ")?.1.rsplit_once(", ")?.1.strip_suffix("/s")?.parse().ok()
    })
}

fn count(path: &Path) -> Result<usize, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(bytes.iter().filter(|&&byte| byte == b'\n').count())
}

/// The processor time of all ended child processes of this process, including their children.
fn children() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    // Fields 16 and 17; the first field here is the third. In hundredths of a second.
    let ticks =
        after.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}
