//! A process that runs models for a worker: one message after the other, so that a crash takes down
//! no more than it must.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::pipe::{Frames, Job, Orders, What, write_done};
use crate::letter::Kind;
use athena_core::error::{Error, Result};
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_core::stdio;
use athena_engine::bound_model::Deployed;
use athena_process::memory;

/// How much is written at once.
const MOST: usize = 64 << 10;

/// How often outcomes are sent while models run, the time and the memory looked at.
const TICK: Duration = Duration::from_millis(5);

/// Runs what comes, until no more does.
pub fn run(nonce: &str, registry: &Registry) -> Result<()> {
    let failed = |what: &str, error: &std::io::Error| Error::failure(format!("{what}: {error}"));
    outlive_signals();
    let out = stdio::take_stdout().map_err(|error| failed("can't take stdout", &error))?;
    let mut jobs = stdio::take_stdin().map_err(|error| failed("can't take stdin", &error))?;
    // What was printed before this is not ours.
    (&out).write_all(nonce.as_bytes()).map_err(|error| failed("can't begin", &error))?;
    let mut frames = Frames::default();
    let mut buffer = vec![0; MOST];
    let mut runner: Option<Runner> = None;
    let said = Arc::new(Said::new(out));
    loop {
        let length = match jobs.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed("can't read", &error)),
        };
        frames.fill(&buffer[..length]);
        while let Some(frame) = frames.next().map_err(Error::failure)? {
            match &mut runner {
                None => {
                    runner = Some(Runner::new(frame, registry, &said)?);
                    let ready = &mut said.lock().waiting;
                    write_done(0, Duration::ZERO, What::Ready, ready, |_| {});
                }
                Some(runner) => runner.run(frame)?,
            }
        }
        said.send();
    }
}

struct Runner {
    models: Vec<Deployed>,
    json: Outcome,
    protobuf: Outcome,
    said: Arc<Said>,
}

impl Runner {
    fn new(orders: &[u8], registry: &Registry, said: &Arc<Said>) -> Result<Self> {
        let orders: Orders = serde_json::from_slice(orders)
            .map_err(|error| Error::failure(format!("these are no orders: {error}")))?;
        let open = |(id, variables): &(String, _)| {
            let variables = Clone::clone(variables);
            Deployed::new(registry.find(id)?, variables, orders.overridable)
        };
        let models = orders.models.iter().map(open).collect::<Result<_>>()?;
        watch(Arc::clone(said), &orders);
        Ok(Self {
            models,
            json: Outcome::default(),
            protobuf: Outcome::new(athena_protocol::Format::Protobuf),
            said: Arc::clone(said),
        })
    }

    fn run(&mut self, frame: &[u8]) -> Result<()> {
        let job = Job::read(frame).ok_or_else(|| Error::failure("this is no job"))?;
        let model = self.models.get(usize::from(job.model));
        let model = model.ok_or_else(|| Error::failure("the model was not in the orders"))?;
        let outcome = match job.format {
            athena_protocol::Format::Json => &mut self.json,
            athena_protocol::Format::Protobuf => &mut self.protobuf,
        };
        let began = self.said.begin(job.number);
        let span = tracing::error_span!("message", model = model.id(), trace = job.trace);
        let ran = span.in_scope(|| model.handle(job.message, job.format, outcome));
        self.said.end();
        let took = began.elapsed();
        let mut said = self.said.lock();
        let out = &mut said.waiting;
        if let Err(failure) = ran {
            let what = match failure {
                Failure::Message(_) => What::Unreadable,
                Failure::Panic(_) | Failure::Outcome(_) => What::Failed,
            };
            let words = failure.to_string();
            write_done(job.number, took, what, out, |out| out.extend(words.as_bytes()));
        } else {
            let what = What::Outcome(kind(model, outcome));
            write_done(job.number, took, what, out, |out| write(model, outcome, out));
        }
        if out.len() >= MOST {
            said.send();
        }
        Ok(())
    }
}

fn kind(model: &Deployed, outcome: &Outcome) -> Kind {
    if outcome.error.is_some() {
        Kind::Error
    } else if model.is_many() {
        Kind::Outputs
    } else {
        Kind::Output
    }
}

/// Writes an outcome as it travels.
fn write(model: &Deployed, outcome: &Outcome, out: &mut Vec<u8>) {
    let is_json = outcome.format == athena_protocol::Format::Json;
    match (&outcome.error, outcome.single()) {
        (Some(error), _) => {
            out.push(b'{');
            if model.is_many() && is_json {
                out.extend_from_slice(b"\"outputs\":");
                outcome.write_array(out);
                out.push(b',');
            }
            out.extend_from_slice(b"\"error\":");
            // Two texts: nothing in them can't be written.
            let _ = serde_json::to_writer(&mut *out, error);
            out.push(b'}');
        }
        (None, Some(single)) if !model.is_many() => out.extend_from_slice(single),
        _ if is_json => outcome.write_array(out),
        _ => outcome.write_stream(out),
    }
}

/// What is said to the worker, and what runs at present.
struct Said {
    out: Mutex<Out>,
    /// Which message runs, plus one; 0 while none does.
    running: AtomicU64,
    /// Since when, in microseconds since the process began.
    since: AtomicU64,
    began: Instant,
}

struct Out {
    pipe: File,
    waiting: Vec<u8>,
}

impl Said {
    fn new(pipe: File) -> Self {
        Self {
            out: Mutex::new(Out { pipe, waiting: Vec::with_capacity(2 * MOST) }),
            running: AtomicU64::new(0),
            since: AtomicU64::new(0),
            began: Instant::now(),
        }
    }

    fn begin(&self, number: u64) -> Instant {
        let now = Instant::now();
        let since = now.duration_since(self.began).as_micros();
        self.since.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Release);
        self.running.store(number + 1, Ordering::Release);
        now
    }

    fn end(&self) {
        self.running.store(0, Ordering::Release);
    }

    /// The message that runs, and for how long.
    fn running(&self) -> Option<(u64, Duration)> {
        let number = self.running.load(Ordering::Acquire).checked_sub(1)?;
        let since = Duration::from_micros(self.since.load(Ordering::Acquire));
        let took = self.began.elapsed().saturating_sub(since);
        // Another one meanwhile has not run long.
        (self.running.load(Ordering::Acquire) == number + 1).then_some((number, took))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self) {
        self.lock().send();
    }
}

impl Out {
    fn send(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if self.pipe.write_all(&self.waiting).is_err() {
            // Nobody listens any more.
            std::process::exit(1);
        }
        self.waiting.clear();
    }
}

/// Sends outcomes while models run, and ends the process when one takes too long, when it holds too
/// much memory, or when the worker is gone.
fn watch(said: Arc<Said>, orders: &Orders) {
    let (timeout, limit) = (orders.timeout, orders.memory_limit);
    let parent = parent();
    std::thread::spawn(move || {
        let mut looks = 0_u32;
        loop {
            std::thread::sleep(TICK);
            looks = looks.wrapping_add(1);
            if parent != self::parent() {
                std::process::exit(1);
            }
            if let Some((number, took)) = said.running() {
                if took > timeout {
                    end(&said, number, took, What::Late, &format!("longer than {timeout:?}"));
                }
                // To ask the system costs more than the rest.
                if looks.is_multiple_of(4)
                    && let (Some(limit), Some(taken)) = (limit, memory::taken())
                    && taken > limit
                {
                    let words =
                        format!("{} of {}", memory::megabytes(taken), memory::megabytes(limit));
                    end(&said, number, took, What::Large, &words);
                }
            }
            // While the pipe is full, or an outcome is being written, others look after it.
            if let Ok(mut out) = said.out.try_lock() {
                out.send();
            }
        }
    });
}

fn end(said: &Said, number: u64, took: Duration, what: What, words: &str) -> ! {
    let mut out = said.lock();
    write_done(number, took, what, &mut out.waiting, |out| out.extend(words.as_bytes()));
    out.send();
    std::process::exit(1)
}

/// A signal to all processes of a service, as systemd sends it, is for the worker: it lets what has
/// begun come to its end, and then ends this process.
#[cfg(unix)]
fn outlive_signals() {
    use tokio::signal::unix::{SignalKind, signal};
    // Only the first steps of the runtime are needed: what catches a signal stays.
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
        let _inside = runtime.enter();
        let _caught = signal(SignalKind::terminate());
    }
}

#[cfg(not(unix))]
fn outlive_signals() {}

#[cfg(unix)]
fn parent() -> Option<u32> {
    let parent = rustix::process::getppid()?;
    u32::try_from(parent.as_raw_nonzero().get()).ok()
}

#[cfg(not(unix))]
fn parent() -> Option<u32> {
    None
}
