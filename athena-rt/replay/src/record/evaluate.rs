//! The model process of a recording: calls models on all cores, and answers each call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use athena_cases::case::CaseOutcome;
use athena_core::environment::{ErasedEnv, Variables};
use athena_core::error::{Error, Result};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_process::{Parent, ProcessConfig, Response, Responses, STACK_SIZE, Watchdog};
use athena_structure::json::MessageError;

/// The role of such a process.
pub const ROLE: &str = "record";

/// How often its watchdog looks.
const TICK: Duration = Duration::from_millis(50);

/// A thread takes several calls at once, but leaves the others this many portions.
const PORTIONS: usize = 64;

/// A model called with a message under an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) model: String,
    pub(super) variables: Variables,
    pub(super) input: String,
    /// The name of the message in errors.
    pub(super) origin: String,
    /// How a place in the text is shown in errors.
    pub(super) place: TextPlace,
    /// Why the user's text can't be read, if `input` is another: one with placeholders for secrets.
    pub(super) given: Option<Unreadable>,
}

impl Call {
    /// A call with a text that is not as the user wrote it.
    pub(super) fn new(model: &str, variables: Variables, input: String, origin: String) -> Self {
        let model = model.to_owned();
        Self { model, variables, input, origin, place: TextPlace::Unknown, given: None }
    }
}

/// What the lines and columns of a message's text are to the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TextPlace {
    /// Those of what the origin names.
    #[default]
    Whole,
    /// Columns of the line that the origin names.
    Line,
    /// Nothing: the text is not as the user wrote it.
    Unknown,
}

/// What the process runs: its first frame.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Calls<C> {
    pub(super) calls: Vec<C>,
    /// Whether each call is answered before the next one begins.
    pub(super) is_immediate: bool,
    /// Whether the last call runs before all others, without an answer.
    pub(super) has_warm_up: bool,
}

/// Why a message can't be read, at this line and column of its text; 0 if it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unreadable {
    pub(super) reason: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl From<MessageError> for Unreadable {
    fn from(error: MessageError) -> Self {
        let reason = error.without_place().to_string();
        Self { reason, line: error.line, column: error.column }
    }
}

/// Why a call has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum CallFailure {
    /// The settings can't be read.
    Environment(String),
    /// The message can't be read.
    Message(Unreadable),
    Panic(String),
    /// The outcome can't be written.
    Outcome(String),
    /// It took longer than it may.
    TimedOut(String),
    /// The process ended, or was ended, while it ran.
    Ended(String),
}

/// Runs the calls that the parent sends.
pub fn run_record_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let mut parent = Parent::connect(config)?;
    let Some(calls) = parent.open(|calls: Calls<Call>| Ok(calls))? else { return Ok(()) };
    let watchdog = parent.watch(TICK);
    let responses = parent.responses();
    let run = CallRun { registry, calls: &calls, watchdog: &watchdog, responses: &responses };
    if let Some(last) = calls.calls.last().filter(|_| calls.has_warm_up) {
        watchdog.begin(0, calls.calls.len() as u64, 0);
        let _ = Caller::new(registry).call(last);
        watchdog.end(0);
    }
    let next = AtomicUsize::new(0);
    let threads = parent.config.threads.min(calls.calls.len());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (run, next) = (&run, &next);
            std::thread::Builder::new()
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || run.work(thread, threads, next))
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        }
        Ok(())
    })?;
    // The answers leave before it waits for the end.
    parent.next(&mut Vec::new()).map(|_| ())
}

struct CallRun<'a> {
    registry: &'a Registry,
    calls: &'a Calls<Call>,
    watchdog: &'a Watchdog,
    responses: &'a Responses,
}

impl CallRun<'_> {
    /// Runs calls until none is left.
    fn work(&self, thread: usize, threads: usize, next: &AtomicUsize) {
        let all = &self.calls.calls;
        let portion = (all.len() / (threads * PORTIONS)).clamp(1, PORTIONS);
        let mut caller = Caller::new(self.registry);
        loop {
            let first = next.fetch_add(portion, Ordering::Relaxed);
            let Some(calls) = all.get(first..(first + portion).min(all.len())) else { return };
            for (at, call) in (first..).zip(calls) {
                self.watchdog.begin(thread, at as u64, 0);
                let result = caller.call(call);
                self.watchdog.end(thread);
                self.answer(at as u64, &result);
            }
        }
    }

    fn answer(&self, id: u64, result: &Result<CaseOutcome, CallFailure>) {
        let response = Response::Done { id, nanos: 0, status: 0, body: &[] };
        // Texts and numbers: nothing in them can't be written.
        let body = serde_json::to_vec(result).unwrap_or_default();
        if self.calls.is_immediate {
            self.responses.send_parts(&response, &[&body]);
        } else {
            self.responses.buffer(&response, |out| out.extend_from_slice(&body));
        }
    }
}

/// Calls models one after the other. Calls with equal variables share their settings.
struct Caller<'a> {
    registry: &'a Registry,
    outcome: Outcome,
    last_env: Option<(&'a Variables, &'a str, ErasedEnv)>,
}

impl<'a> Caller<'a> {
    fn new(registry: &'a Registry) -> Self {
        Self { registry, outcome: Outcome::default(), last_env: None }
    }

    fn call(&mut self, call: &'a Call) -> Result<CaseOutcome, CallFailure> {
        if let Some(given) = &call.given {
            return Err(CallFailure::Message(given.clone()));
        }
        let environment = |error: Error| CallFailure::Environment(error.to_string());
        let entry = self.registry.find(&call.model).map_err(environment)?;
        let known = self
            .last_env
            .as_ref()
            .filter(|(variables, model, _)| **variables == call.variables && *model == call.model);
        let env = match known {
            Some((_, _, env)) => env.clone(),
            None => entry.model.read_env(call.variables.clone()).map_err(environment)?,
        };
        let message = Message::Json(&call.input);
        invoke(entry.model, &env, message, &mut self.outcome).map_err(|failure| {
            let text = failure.to_string();
            match failure {
                Failure::Message(error) => CallFailure::Message(error.into()),
                Failure::Panic(_) => CallFailure::Panic(text),
                Failure::Outcome(_) => CallFailure::Outcome(text),
            }
        })?;
        let recorded = CaseOutcome::new(entry.model.source().many, &self.outcome);
        self.last_env = Some((&call.variables, &call.model, env));
        Ok(recorded)
    }
}
