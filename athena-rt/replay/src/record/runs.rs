//! The two runs of a recording, each in model processes: a model that exits, crashes or hangs is named
//! with its message. In the second run everything that a model should not depend on is different.

use std::path::Path;
use std::time::Duration;

use super::evaluate::{Call, CallFailure, Calls, ROLE, TextPlace, Unreadable};
use crate::hidden::{hidden_variables, secrets};
use athena_cases::case::CaseOutcome;
use athena_cases::message_input::unreadable;
use athena_core::display::{escape, truncate};
use athena_core::error::{Error, Result};
use athena_core::progress::Progress;
use athena_core::registry::Registry;
use athena_process::memory::{self, megabytes};
use athena_process::{ModelProcess, ProcessConfig, ProcessExit, Response, SpawnOptions, Stderr};

/// What is different in the second run.
pub(super) const HELP: &str = "the second run is in a fresh process, in the opposite order, with another time zone, locale, working directory and hash seed";

/// The default time limit of a call.
const TIMEOUT_MS: u64 = 60_000;

/// How long a process may be silent: it says every second that it lives.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many bytes of messages a process gets: it holds them all, and is silent until it has read them.
const PORTION: usize = 16 << 20;

/// How many processes may die before the rest is given up.
const DEATHS: usize = 50;

/// How many characters of a message are shown.
const WIDTH: usize = 200;

/// How calls are run.
#[derive(Clone, Copy)]
pub(super) struct RunOptions<'a> {
    pub(super) registry: &'a Registry,
    pub(super) timeout_ms: Option<u64>,
    /// Whether it is the second run: in the opposite order, where all else is different, too.
    pub(super) is_second: bool,
    /// Whether a call that takes the time limit, or a process, ends the run; the others that fail are all found.
    pub(super) stops_at_failure: bool,
    /// Whether a terminal shows the progress.
    pub(super) shows_progress: bool,
    /// The working directory of the first run, and its folder for temporary files. The caller's if absent.
    pub(super) directory: Option<&'a Path>,
}

/// The outcome of every call, in their order. `None` if it did not run: another one ended the run, or too many
/// processes had died.
///
/// # Errors
///
/// No process can be started.
pub(super) fn run(
    options: RunOptions<'_>,
    calls: &[&Call],
) -> Result<Vec<Option<Result<CaseOutcome>>>> {
    let mut runs = Runs::new(options, calls);
    runs.run()?;
    let is_second = options.is_second;
    let results = calls.iter().zip(runs.results).map(|(call, result)| {
        result.map(|result| result.map_err(|failure| failure.to_error(call, is_second)))
    });
    Ok(results.collect())
}

/// The outcome of every call, in their order. Those that did not run have an error, too.
///
/// # Errors
///
/// No process can be started.
pub(super) fn run_all(
    options: RunOptions<'_>,
    calls: &[&Call],
) -> Result<Vec<Result<CaseOutcome>>> {
    let not_run = || CallFailure::Ended("was not run: too many processes had died".to_owned());
    let results = run(options, calls)?.into_iter().zip(calls);
    let run = |(result, call): (Option<Result<CaseOutcome>>, &&Call)| {
        result.unwrap_or_else(|| Err(not_run().to_error(call, options.is_second)))
    };
    Ok(results.map(run).collect())
}

/// The outcomes of a call that runs alone, in a process as the first run's and in one as the second's.
pub(super) fn run_alone(
    options: RunOptions<'_>,
    call: &Call,
) -> Option<(CaseOutcome, CaseOutcome)> {
    let run = |is_second| {
        let calls = [call];
        let mut runs = Runs::new(RunOptions { is_second, ..options }, &calls);
        // One that is answered immediately has no warm-up.
        runs.run_process(&[0], true).ok()?;
        runs.results.pop()??.ok()
    };
    Some((run(false)?, run(true)?))
}

/// How a process ended that should have run calls.
enum Ended {
    Completed,
    /// What became of the calls that it ran is known.
    Explained,
    Died(ProcessExit),
}

struct Runs<'a> {
    options: RunOptions<'a>,
    calls: &'a [&'a Call],
    results: Vec<Option<Result<CaseOutcome, CallFailure>>>,
    deaths: usize,
    /// Whether a call took the time limit, or its process.
    has_ended: bool,
}

impl<'a> Runs<'a> {
    fn new(options: RunOptions<'a>, calls: &'a [&'a Call]) -> Self {
        Self { options, calls, results: vec![None; calls.len()], deaths: 0, has_ended: false }
    }

    /// Keeps the result of a call, and returns whether it is the first.
    fn keep(&mut self, call: usize, result: Result<CaseOutcome, CallFailure>) -> bool {
        self.has_ended |= matches!(result, Err(CallFailure::TimedOut(_) | CallFailure::Ended(_)));
        self.results[call].replace(result).is_none()
    }

    fn run(&mut self) -> Result<()> {
        // Calls run at once until a process dies; then one after the other, which names the call.
        let mut died: Option<ProcessExit> = None;
        let mut is_explained = true;
        loop {
            let waiting = self.waiting();
            if waiting.is_empty() || self.deaths > DEATHS || self.is_over() {
                break;
            }
            match self.run_process(&waiting, died.is_some())? {
                Ended::Completed => {}
                Ended::Explained => self.deaths += 1,
                Ended::Died(exit) => {
                    self.deaths += 1;
                    let alone = self.waiting().first().copied().filter(|_| died.is_some());
                    if let Some(call) = alone {
                        let reason = format!("the model's process {exit}");
                        self.keep(call, Err(CallFailure::Ended(reason)));
                    }
                    is_explained = alone.is_some();
                    died = Some(exit);
                }
            }
        }
        match died {
            Some(exit) if !is_explained && !self.is_over() => Err(Error::failure(format!(
                "a model process {exit} while it ran several messages, but each message completes when they run one after the other: nothing is recorded"
            ))
            .help("a model may leave a thread running, or the machine may be out of memory")),
            _ => Ok(()),
        }
    }

    /// The calls without a result that run next in one process, in their order.
    fn waiting(&self) -> Vec<usize> {
        let calls = self.calls.len();
        let in_order =
            (0..calls).map(|at| if self.options.is_second { calls - 1 - at } else { at });
        let mut left = PORTION;
        let is_next = |call: &usize| {
            let is_next = left > 0;
            left = left.saturating_sub(self.calls[*call].input.len());
            is_next
        };
        in_order.filter(|call| self.results[*call].is_none()).take_while(is_next).collect()
    }

    fn is_over(&self) -> bool {
        self.options.stops_at_failure && self.has_ended
    }

    fn run_process(&mut self, waiting: &[usize], is_immediate: bool) -> Result<Ended> {
        let is_second = self.options.is_second;
        let calls = Calls {
            calls: waiting.iter().map(|&call| self.calls[call]).collect(),
            is_immediate,
            // No call has as many others before it as in the first run.
            has_warm_up: is_second && waiting.len() % 2 == 1 && !is_immediate,
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if is_immediate { 1 } else { cores.min(waiting.len()) };
        let config = ProcessConfig {
            timeout_ms: Some(self.options.timeout_ms.unwrap_or(TIMEOUT_MS)),
            memory_limit: memory::default_limit(),
            ..ProcessConfig::new(ROLE, threads)
        };
        let registry = self.options.registry;
        let first_variables = || {
            let mut variables = secrets(registry);
            if let Some(folder) = self.options.directory {
                let folder = folder.to_string_lossy();
                variables.extend(
                    ["TMPDIR", "TMP", "TEMP"].map(|it| (it.to_owned(), folder.to_string())),
                );
            }
            variables
        };
        let options = SpawnOptions {
            stderr: if is_second { Stderr::Discard } else { Stderr::Inherit },
            perturbed: is_second,
            hidden: if is_second { hidden_variables(registry) } else { Vec::new() },
            // A model that reads the process environment by itself finds no secret there.
            variables: if is_second { Vec::new() } else { first_variables() },
            directory: self.options.directory.map(Path::to_path_buf),
            ..SpawnOptions::default()
        };
        let mut process = ModelProcess::start(&config, &options, &calls)?;
        let mut left = waiting.len();
        let noun = if is_second { "repetition" } else { "message" };
        let shown = self.options.shows_progress;
        let mut progress = Progress::counting(shown, left as u64, noun);
        while left > 0 && !self.is_over() {
            let bytes = match process.next_within(PATIENCE) {
                Ok(bytes) => bytes,
                Err(exit) => return Ok(Ended::Died(exit)),
            };
            // A warm-up is behind the last call.
            let call = |id: u64| {
                let at = usize::try_from(id).unwrap_or(usize::MAX).min(waiting.len() - 1);
                waiting[at]
            };
            match Response::read(&bytes) {
                Some(Response::Done { id, body, .. }) => {
                    let result = serde_json::from_slice(body).map_err(|error| {
                        Error::failure(format!(
                            "an answer of a model process is unreadable: {error}"
                        ))
                    })?;
                    left -= usize::from(self.keep(call(id), result));
                    let done = (waiting.len() - left) as u64;
                    progress.at(done, done);
                }
                Some(Response::Failed { message, .. }) => return Err(Error::failure(message)),
                Some(Response::TimedOut { id, .. }) => {
                    let limit = Duration::from_millis(config.timeout_ms.unwrap_or_default());
                    let reason = format!("timed out: it ran longer than {limit:?}");
                    self.keep(call(id), Err(CallFailure::TimedOut(reason)));
                    return Ok(Ended::Explained);
                }
                Some(Response::OutOfMemory { running: Some((id, _)), bytes }) => {
                    let reason = format!("out of memory: its process used {}", megabytes(bytes));
                    self.keep(call(id), Err(CallFailure::Ended(reason)));
                    return Ok(Ended::Explained);
                }
                Some(Response::OutOfMemory { running: None, bytes }) => {
                    let reason = format!("used {}, more than it may", megabytes(bytes));
                    return Ok(Ended::Died(ProcessExit::Fault(reason)));
                }
                _ => {}
            }
        }
        match process.stop(left == 0) {
            None => Ok(Ended::Completed),
            Some(how) => Err(Error::failure(format!(
                "a model process {how} after its last message: nothing is recorded"
            ))),
        }
    }
}

impl CallFailure {
    fn to_error(&self, call: &Call, is_second: bool) -> Error {
        let Call { model, origin, input, .. } = call;
        let text = match self {
            Self::Message(found) => return Self::unreadable(call, found, is_second),
            Self::Environment(text)
            | Self::Panic(text)
            | Self::Outcome(text)
            | Self::TimedOut(text)
            | Self::Ended(text) => text,
        };
        let error = match self {
            Self::Environment(text) if !is_second => return Error::usage(text),
            _ if is_second => Self::second(call, text),
            _ => Error::failure(format!("{model} on {origin}: {text}")),
        };
        let error = match self {
            Self::Ended(_) | Self::TimedOut(_) => {
                error.detail(&format!("  message: {}", escape(&truncate(input, WIDTH))))
            }
            _ => error,
        };
        match self {
            _ if is_second => error.help(HELP),
            Self::Panic(_) => error.help("a panic is never recorded"),
            Self::Outcome(_) => error.help(
                "an outcome is recorded as JSON: have the model return what JSON can hold, or an error",
            ),
            Self::TimedOut(_) => error.help("raise the limit with --timeout"),
            _ => error.help("a message without an outcome is not recorded"),
        }
    }

    /// The error of a message that can't be read, with one place: `in.jsonl:2:14: ..`.
    fn unreadable(call: &Call, found: &Unreadable, is_second: bool) -> Error {
        let Call { model, origin, place, .. } = call;
        let Unreadable { reason, line, column } = found;
        let (origin, text) = match place {
            TextPlace::Line if *column > 0 => (format!("{origin}:{column}"), reason.to_owned()),
            TextPlace::Whole if *line > 0 => {
                (origin.clone(), format!("{reason} (line {line}, column {column})"))
            }
            _ => (origin.clone(), reason.to_owned()),
        };
        if is_second {
            Self::second(call, &text).help(HELP)
        } else {
            unreadable(model, &origin, &text)
        }
    }

    /// The error of a call that failed in the second run only.
    fn second(Call { model, origin, .. }: &Call, text: &str) -> Error {
        Error::failure(format!(
            "{model} on {origin} is not recorded: the second run failed, the first did not: {text}"
        ))
    }
}
