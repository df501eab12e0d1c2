//! Whatever is killed, and whenever: what was begun goes on, and gives the same bytes.

use std::process::Child;
use std::time::{Duration, Instant};

use crate::Tests;
use crate::job::{Job, below, kill, tasks};

pub(crate) const TESTS: Tests =
    &[("after_any_kill_at_any_time_the_job_goes_on_to_the_same_bytes", any_kill)];

/// How many times something is killed, unless `ATHENA_KILLS` says so.
const KILLS: usize = 12;

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Rank(usize),
    Launcher,
    All,
    /// A process that runs models: the job itself goes on.
    ModelProcess,
}

const VICTIMS: [Victim; 6] = [
    Victim::Rank(0),
    Victim::Rank(1),
    Victim::Rank(2),
    Victim::Launcher,
    Victim::All,
    Victim::ModelProcess,
];

impl Victim {
    /// The processes that are to be killed; none where they are not there.
    fn ids(self, child: &Child) -> Vec<u32> {
        let all = below(child);
        let is_model_process = |environ: &str| environ.contains("ATHENA_MODEL_PROCESS=");
        let ids = |is_meant: &dyn Fn(&str) -> bool| -> Vec<u32> {
            all.iter().filter(|(_, environ)| is_meant(environ)).map(|(id, _)| *id).collect()
        };
        match self {
            Self::Rank(rank) => {
                let rank = format!("OMPI_COMM_WORLD_RANK={rank}\0");
                ids(&|environ| environ.contains(&rank) && !is_model_process(environ))
            }
            Self::ModelProcess => ids(&is_model_process).into_iter().take(1).collect(),
            Self::Launcher => vec![child.id()],
            Self::All => std::iter::once(child.id()).chain(ids(&|_| true)).collect(),
        }
    }
}

fn any_kill() {
    let job = Job::new(&tasks(4000, 1500));
    let (out, rejects) = job.local();
    let mut random = Random(std::process::id().into());
    println!("seed {}", random.0);
    let mut killed = Vec::new();
    let mut rounds_since = 0;
    let kills = std::env::var("ATHENA_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    while killed.len() < kills.max(VICTIMS.len()) {
        let victim = VICTIMS[killed.len() % VICTIMS.len()];
        let more = ["--resume", "--batch-size", "4KB", "--jobs", "1"];
        let mut child = job
            .ranks(3, &more)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let wait = Duration::from_millis(200 + random.next() % 1500);
        let began = Instant::now();
        while began.elapsed() < wait && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        // On a busy machine a process of models comes late.
        let mut ids = victim.ids(&child);
        while ids.is_empty() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
            ids = victim.ids(&child);
        }
        if child.try_wait().unwrap().is_none() && !ids.is_empty() {
            for id in ids {
                kill(id);
            }
            killed.push((victim, wait));
        }
        let status = child.wait().unwrap();
        rounds_since += 1;
        if status.code() == Some(1) && job.path("out").exists() {
            assert!(job.read("out") == out && job.read("rejects") == rejects, "{killed:?}");
            println!("done after {rounds_since} attempts");
            rounds_since = 0;
            std::fs::remove_file(job.path("out")).unwrap();
        }
    }
    let ended = job.run(3, &["--resume"]);
    assert!(job.read("out") == out, "{killed:?}: {}", ended.said);
    assert!(job.read("rejects") == rejects, "{killed:?}: {}", ended.said);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    job.assert_clean();
    for victim in VICTIMS {
        assert!(killed.iter().any(|(killed, _)| *killed == victim), "{victim:?} was never killed");
    }
    println!("{} kills, identical bytes", killed.len());
}

/// xorshift: any order of numbers does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
