//! The process that runs models: takes batches of cases, reports what completed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::batch_progress::BatchProgress;
use super::case_location::CaseLocation;
use super::messages::{Batch, BatchSource, CaseFailure, FailureKind, ReplaySettings};
use super::replay::{Ran, Replayer};
use athena_core::display;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::{Parent, ProcessConfig, Request, Response, Responses, STACK_SIZE, Watchdog};

/// The role of such a process.
pub const ROLE: &str = "replay";

/// The maximum time between two checks of the watchdog.
const TICK: Duration = Duration::from_millis(50);

/// The milliseconds between two progress messages: only the last of them is lost with a process.
const REPORT_INTERVAL_MS: u64 = 100;

/// Replays what the supervisor sends, until it sends no more.
pub fn run_model_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: ReplaySettings| {
        display::set_base_dir(&settings.base_dir);
        Ok(settings)
    })?;
    let Some(settings) = opened else { return Ok(()) };
    let watch = parent.watch_of_main(TICK);
    let (responses, count) = (parent.responses(), parent.config.threads);
    let running = Arc::new(AtomicUsize::new(count));
    let parent = Arc::new(Mutex::new(parent));
    let mut threads = Vec::new();
    for index in 0..count {
        let parent = Arc::clone(&parent);
        let mut thread = ReplayThread {
            index,
            watchdog: watch.watchdog(),
            responses: Some(responses.clone()),
            ..ReplayThread::unsupervised(registry.clone(), settings.clone())
        };
        let end = ThreadEnd { running: Arc::clone(&running), main: std::thread::current() };
        let thread = std::thread::Builder::new()
            .name(format!("replay-{index}"))
            .stack_size(STACK_SIZE)
            .spawn(move || -> Result<()> {
                let _end = end;
                let mut frame = Vec::new();
                while let Some((id, batch)) = next_batch(&parent, &mut frame)? {
                    thread.replay(id, &batch);
                }
                Ok(())
            })
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        threads.push(thread);
    }
    watch.run(|| running.load(Ordering::Acquire) == 0);
    for thread in threads {
        let panicked = |_| Err(Error::failure("a replay thread panicked outside a model"));
        thread.join().unwrap_or_else(panicked)?;
    }
    Ok(())
}

/// Tells the main thread when a thread ends, however that is.
struct ThreadEnd {
    running: Arc<AtomicUsize>,
    main: Thread,
}

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::AcqRel);
        self.main.unpark();
    }
}

/// The next batch for the thread that asks. `None` if no more come.
fn next_batch(parent: &Mutex<Parent>, frame: &mut Vec<u8>) -> Result<Option<(u64, Batch)>> {
    if !parent.lock().unwrap_or_else(PoisonError::into_inner).next(frame)? {
        return Ok(None);
    }
    let request = Request::read(frame)
        .and_then(|request| Some((request.id, serde_json::from_slice(request.body).ok()?)));
    request.map(Some).ok_or_else(|| Error::failure("the supervisor sent an invalid request"))
}

/// A thread that replays cases.
pub(super) struct ReplayThread {
    registry: Registry,
    settings: ReplaySettings,
    replayers: HashMap<String, Replayer>,
    index: usize,
    watchdog: Arc<Watchdog>,
    /// `None` if nobody supervises.
    responses: Option<Responses>,
}

/// Cases of a batch that have completed and are not reported yet.
struct Progress<'a> {
    batch: u64,
    thread: usize,
    watchdog: &'a Watchdog,
    responses: Option<&'a Responses>,
    report: BatchProgress,
    began: Instant,
    /// When the case began, if a report wants its time.
    case_began: Option<Instant>,
    /// When the last report was sent, by the watchdog's time.
    reported: u64,
}

impl Progress<'_> {
    fn begin(&mut self) {
        if let Some(began) = &mut self.case_began {
            *began = Instant::now();
        }
        self.watchdog.begin(self.thread, self.batch, self.report.completed as u64);
    }

    fn end(&mut self, result: std::result::Result<(), CaseFailure>) {
        self.watchdog.end(self.thread);
        if let Some(began) = self.case_began {
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.report.micros.push(micros);
        }
        if let Err(failure) = result {
            self.report.failures.push((self.report.completed, failure));
        }
        self.report.completed += 1;
        if self.watchdog.now().saturating_sub(self.reported) > REPORT_INTERVAL_MS {
            self.send();
        }
    }

    fn observed(&mut self, result: std::result::Result<String, CaseFailure>) {
        let completed = self.report.completed;
        let result = result.map(|outcome| self.report.observed.push((completed, outcome)));
        self.end(result);
    }

    fn send(&mut self) {
        let Some(responses) = self.responses else { return };
        let nanos = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let body = self.report.to_bytes();
        responses.send(&Response::Done { id: self.batch, nanos, status: 0, body: &body });
        self.report.failures.clear();
        self.report.observed.clear();
        self.report.micros.clear();
        self.reported = self.watchdog.now();
    }
}

impl ReplayThread {
    /// One in a process without a supervisor.
    pub(super) fn unsupervised(registry: Registry, settings: ReplaySettings) -> Self {
        let watchdog = Arc::new(Watchdog::idle(1));
        let replayers = HashMap::new();
        Self { registry, settings, replayers, index: 0, watchdog, responses: None }
    }

    /// Replays a batch, and returns how many of its cases failed; of a supervised one, since the last
    /// report.
    pub(super) fn replay(&mut self, id: u64, batch: &Batch) -> usize {
        let mut progress = Progress {
            batch: id,
            thread: self.index,
            watchdog: &self.watchdog,
            responses: self.responses.as_ref(),
            report: BatchProgress::default(),
            began: Instant::now(),
            case_began: self.settings.detailed.then(Instant::now),
            reported: self.watchdog.now(),
        };
        let Some(entry) = self.registry.get(&batch.model) else { return 0 };
        let replayer = self
            .replayers
            .entry(batch.model.clone())
            .or_insert_with(|| Replayer::new(entry.clone(), &self.settings));
        match &batch.source {
            BatchSource::Files { folder, stems } => {
                let observe = self.settings.observe;
                files(replayer, folder, stems, observe, &mut progress);
            }
            BatchSource::Suite { path, stem, offset, length, first, count, lines } => {
                let wanted: Box<dyn Iterator<Item = usize>> = match lines {
                    Some(lines) => Box::new(lines.iter().copied()),
                    None => Box::new(*first..*first + *count),
                };
                match stretch(path, *offset, *length) {
                    Ok(text) => {
                        let place = CaseLocation { path, line: Some(*first), stem };
                        let observe = self.settings.observe;
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
        let failed = progress.report.failures.len();
        progress.send();
        failed
    }
}

fn broken(path: &Path, reason: &str) -> CaseFailure {
    let text = format!("{}: can't be read: {reason}", display::display_path(path));
    CaseFailure::new(FailureKind::Broken, text)
}

/// Replays one case. The time limit is the model's: a comparison takes the time that it takes.
fn replay(
    replayer: &mut Replayer,
    text: &str,
    place: CaseLocation<'_>,
    progress: &Progress<'_>,
) -> std::result::Result<(), CaseFailure> {
    match replayer.run(text, place)? {
        Ran::Same => Ok(()),
        Ran::NotByteForByte => {
            progress.watchdog.pause(progress.thread);
            replayer.compare(text, place)
        }
    }
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
                let result = replayer.observe(text, CaseLocation { path: &path, line: None, stem });
                progress.observed(result);
                path.pop();
                continue;
            }
            (Ok(_), Ok(text)) => {
                replay(replayer, text, CaseLocation { path: &path, line: None, stem }, progress)
            }
            (Ok(_), Err(error)) => Err(broken(&path, &error.to_string())),
            (Err(error), _) => Err(broken(&path, &error.to_string())),
        };
        progress.end(result);
        path.pop();
    }
}

fn suite(
    replayer: &mut Replayer,
    first: CaseLocation<'_>,
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
                let result = replayer.observe(line, CaseLocation { line: Some(number), ..first });
                progress.observed(result);
                continue;
            }
            Some((line, _)) => {
                replay(replayer, line, CaseLocation { line: Some(number), ..first }, progress)
            }
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
