//! The process that runs models: takes jobs, notes what completed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::note::{CaseFailure, FailureKind, Job, JobSource, Note, Orders};
use super::replay::{Place, Replayer};
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::{display, stdio};
use athena_process::{STACK, memory};

/// A note is sent so many milliseconds after the one before, so that little is lost with a worker.
const NOTE_EVERY_MS: u64 = 100;

/// Replays what the supervisor sends, until it sends no more.
pub fn work(nonce: &str, registry: &Registry) -> Result<()> {
    // What models print must not get between the notes.
    let out = stdio::take_stdout()
        .map_err(|error| Error::failure(format!("can't take stdout: {error}")))?;
    // libtest has written half a line when it runs us: a note must begin a line.
    let _ = (&out).write_all(b"\n");
    let notes = Notes(Arc::new(Mutex::new(out)), nonce.to_owned());
    // Nor may a model take jobs for what it reads.
    let jobs = stdio::take_stdin()
        .map_err(|error| Error::failure(format!("can't take stdin: {error}")))?;
    let mut lines = BufReader::new(jobs).lines();
    let orders: Orders = match lines.next() {
        Some(Ok(line)) => parse(&line)?,
        _ => return Err(Error::usage("a worker is started by its supervisor only")),
    };
    display::set_base_dir(&orders.here);
    let (send, receive) = mpsc::channel::<Job>();
    let receive = Arc::new(Mutex::new(receive));
    let clocks: Arc<Vec<Clock>> = Arc::new((0..orders.threads).map(|_| Clock::default()).collect());
    watch(Arc::clone(&clocks), notes.clone(), &orders);
    let mut threads = Vec::new();
    for index in 0..orders.threads {
        let (receive, notes, clocks) = (Arc::clone(&receive), notes.clone(), Arc::clone(&clocks));
        let (registry, orders) = (registry.clone(), orders.clone());
        let thread = std::thread::Builder::new()
            .name(format!("replay-{index}"))
            .stack_size(STACK)
            .spawn(move || {
                let mut hands = Hands::new(registry, orders);
                loop {
                    let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    hands.job(&job, Some(&notes), &clocks[index]);
                }
            })
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        threads.push(thread);
    }
    for line in lines {
        let line = line.map_err(|error| Error::failure(format!("can't read jobs: {error}")))?;
        if send.send(parse(&line)?).is_err() {
            break;
        }
    }
    drop(send);
    for thread in threads {
        if thread.join().is_err() {
            return Err(Error::failure("a replay thread panicked outside a model"));
        }
    }
    Ok(())
}

fn parse<T: serde::de::DeserializeOwned>(line: &str) -> Result<T> {
    serde_json::from_str(line).map_err(|error| Error::failure(format!("not a job: {error}")))
}

/// Where notes are written, whole lines at a time.
#[derive(Clone)]
pub(super) struct Notes(Arc<Mutex<File>>, String);

impl Notes {
    fn send(&self, note: &Note) {
        let Ok(text) = serde_json::to_string(note) else { return };
        let line = format!("{} {text}\n", self.1);
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if out.write_all(line.as_bytes()).is_err() {
            // Nobody listens any more.
            std::process::exit(1);
        }
    }
}

/// Which case a thread is at, and since when.
#[derive(Default)]
pub(super) struct Clock {
    job: AtomicU64,
    index: AtomicU64,
    /// Milliseconds since the worker began, plus one; 0 while no model runs.
    since: AtomicU64,
}

/// Milliseconds since the worker began, plus one. Kept by the watch: a look at it costs nothing,
/// where asking the system twice a case would cost a twentieth of a replay.
static NOW: AtomicU64 = AtomicU64::new(1);

/// Keeps the time, and ends the worker when a case takes too long, telling the supervisor which.
fn watch(clocks: Arc<Vec<Clock>>, notes: Notes, orders: &Orders) {
    let began = Instant::now();
    let (limit, timeout) = (orders.memory_limit, orders.timeout_ms);
    // A model that only takes memory fills 50 MB between two looks.
    let slowest = if limit.is_some() { 20 } else { 50 };
    let tick = (Duration::from_millis(timeout) / 20)
        .clamp(Duration::from_millis(5), Duration::from_millis(slowest));
    std::thread::spawn(move || {
        let mut alive = Instant::now();
        loop {
            std::thread::sleep(tick);
            let now = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1;
            NOW.store(now, Ordering::Release);
            for clock in clocks.iter() {
                let since = clock.since.load(Ordering::Acquire);
                let index = clock.index.load(Ordering::Acquire);
                let job = clock.job.load(Ordering::Acquire);
                let is_late = since != 0 && now.saturating_sub(since) > timeout;
                // The same case still, or it has ended meanwhile.
                if is_late && clock.since.load(Ordering::Acquire) == since {
                    notes.send(&Note::Late { job, index: usize::try_from(index).unwrap_or(0) });
                    std::process::exit(1);
                }
            }
            if let (Some(limit), Some(bytes)) = (limit, memory::taken())
                && bytes > limit
            {
                notes.send(&Note::Large { bytes });
                std::process::exit(1);
            }
            // One that has nothing to do and is waited for has lost a job: let it be ended.
            let is_busy = clocks.iter().any(|clock| clock.since.load(Ordering::Acquire) != 0);
            if is_busy && alive.elapsed() > Duration::from_secs(1) {
                notes.send(&Note::Alive);
                alive = Instant::now();
            }
        }
    });
}

/// What one thread works with.
pub(super) struct Hands {
    registry: Registry,
    orders: Orders,
    replayers: HashMap<String, Replayer>,
}

/// Cases of a job that have completed and are not noted yet.
struct Progress<'a> {
    job: u64,
    /// None where nobody supervises.
    notes: Option<&'a Notes>,
    clock: &'a Clock,
    completed: usize,
    failures: Vec<(usize, CaseFailure)>,
    observed: Vec<(usize, String)>,
    began: Instant,
    /// When the last note was sent, by the watch's time.
    noted: u64,
}

impl Progress<'_> {
    fn begin(&self) {
        self.clock.index.store(self.completed as u64, Ordering::Release);
        self.clock.since.store(NOW.load(Ordering::Relaxed), Ordering::Release);
    }

    fn end(&mut self, result: std::result::Result<(), CaseFailure>) {
        self.clock.since.store(0, Ordering::Release);
        if let Err(failure) = result {
            self.failures.push((self.completed, failure));
        }
        self.completed += 1;
        if NOW.load(Ordering::Relaxed).saturating_sub(self.noted) > NOTE_EVERY_MS {
            self.note();
        }
    }

    fn observed(&mut self, result: std::result::Result<String, CaseFailure>) {
        let completed = self.completed;
        let result = result.map(|outcome| self.observed.push((completed, outcome)));
        self.end(result);
    }

    fn note(&mut self) {
        let Some(notes) = self.notes else { return };
        let nanos = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let failures = std::mem::take(&mut self.failures);
        let observed = std::mem::take(&mut self.observed);
        let (job, completed) = (self.job, self.completed);
        notes.send(&Note::Done { job, completed, failures, observed, nanos });
        self.noted = NOW.load(Ordering::Relaxed);
    }
}

impl Hands {
    pub(super) fn new(registry: Registry, orders: Orders) -> Self {
        Self { registry, orders, replayers: HashMap::new() }
    }

    /// Replays a job's cases; gives how many failures nobody was told of.
    pub(super) fn job(&mut self, job: &Job, notes: Option<&Notes>, clock: &Clock) -> usize {
        clock.job.store(job.id, Ordering::Release);
        let mut progress = Progress {
            job: job.id,
            notes,
            clock,
            completed: 0,
            failures: Vec::new(),
            observed: Vec::new(),
            began: Instant::now(),
            noted: NOW.load(Ordering::Relaxed),
        };
        let Some(entry) = self.registry.get(&job.model) else { return 0 };
        let replayer = self
            .replayers
            .entry(job.model.clone())
            .or_insert_with(|| Replayer::new(entry.clone(), &self.orders));
        match &job.source {
            JobSource::Files { folder, stems } => {
                let observe = self.orders.observe;
                files(replayer, folder, stems, observe, &mut progress);
            }
            JobSource::Suite { path, stem, offset, length, first, count, lines } => {
                let wanted: Box<dyn Iterator<Item = usize>> = match lines {
                    Some(lines) => Box::new(lines.iter().copied()),
                    None => Box::new(*first..*first + *count),
                };
                match stretch(path, *offset, *length) {
                    Ok(text) => {
                        let place = Place { path, line: Some(*first), stem };
                        let observe = self.orders.observe;
                        suite(replayer, place, &text, wanted, observe, &mut progress);
                    }
                    Err(error) => {
                        for _ in wanted {
                            progress.end(Err(broken(path, &error.to_string())));
                        }
                    }
                }
            }
        }
        progress.note();
        progress.failures.len()
    }
}

fn broken(path: &Path, reason: &str) -> CaseFailure {
    let text = format!("{}: can't be read: {reason}", display::display_path(path));
    CaseFailure::new(FailureKind::Broken, text)
}

fn files(
    replayer: &mut Replayer,
    folder: &Path,
    stems: &[String],
    observe: bool,
    progress: &mut Progress<'_>,
) {
    let mut path = folder.to_path_buf();
    let mut bytes = Vec::new();
    for stem in stems {
        path.push(format!("{stem}.json"));
        progress.begin();
        bytes.clear();
        let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
        let result = match (read, std::str::from_utf8(&bytes)) {
            (Ok(_), Ok(text)) if observe => {
                let result = replayer.observe(text, Place { path: &path, line: None, stem });
                progress.observed(result);
                path.pop();
                continue;
            }
            (Ok(_), Ok(text)) => replayer.replay(text, Place { path: &path, line: None, stem }),
            (Ok(_), Err(error)) => Err(broken(&path, &error.to_string())),
            (Err(error), _) => Err(broken(&path, &error.to_string())),
        };
        progress.end(result);
        path.pop();
    }
}

fn suite(
    replayer: &mut Replayer,
    first: Place<'_>,
    text: &str,
    wanted: impl Iterator<Item = usize>,
    observe: bool,
    progress: &mut Progress<'_>,
) {
    let mut lines = text.lines().zip(first.line.unwrap_or(1)..);
    for number in wanted {
        progress.begin();
        let result = match lines.find(|(_, at)| *at == number) {
            Some((line, _)) if observe => {
                let result = replayer.observe(line, Place { line: Some(number), ..first });
                progress.observed(result);
                continue;
            }
            Some((line, _)) => replayer.replay(line, Place { line: Some(number), ..first }),
            None => Err(broken(first.path, "it changed while it was replayed")),
        };
        progress.end(result);
    }
}

/// A stretch of a file, as text.
fn stretch(path: &Path, offset: u64, length: usize) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut text = String::with_capacity(length);
    file.take(length as u64).read_to_string(&mut text)?;
    Ok(text)
}
