//! A process that answers requests in JSON, one after the other, on a thread with the stack of models; and the
//! supervisor's end of it.

use std::time::Duration;

use athena_core::error::{Error, Result};
use athena_process::{ModelProcess, Parent, ProcessExit, Request, Response};
use athena_protocol::Catch;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::verdict::STACK_SIZE;

/// How long a process may be silent: it reports every second that it lives.
const PATIENCE: Duration = Duration::from_mins(1);

/// What became of a request.
#[derive(Debug)]
pub enum Answer<R> {
    Response(R),
    /// The process has ended by itself, or was ended for its time or memory; in this of its runs, if that is
    /// known, with the number that the process gave it.
    Died {
        by: Catch,
        request: Option<u64>,
        index: Option<usize>,
        reason: String,
    },
    /// Something outside has ended it: that says nothing about the model.
    Killed(String),
    /// The process can't serve such requests.
    Refused(String),
}

/// Sends a request to a process and waits for the response. `on_note` gets the bodies of responses of other
/// numbers that the process sends before it. After any other answer than a response the process is of no more use.
///
/// # Errors
///
/// A response that can't be read; an error of `on_note`.
pub fn ask<R: DeserializeOwned>(
    process: &mut ModelProcess,
    request: &impl Serialize,
    mut on_note: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Answer<R>> {
    let body = serde_json::to_vec(request).map_err(|error| Error::failure(error.to_string()))?;
    process.send(&Request { id: 0, model: 0, meta: &[], body: &body });
    loop {
        let bytes = match process.next_within(PATIENCE) {
            Ok(bytes) => bytes,
            Err(ProcessExit::Killed(reason)) => return Ok(Answer::Killed(reason)),
            Err(ProcessExit::Fault(reason)) => {
                return Ok(Answer::Died { by: Catch::Crash, request: None, index: None, reason });
            }
        };
        match Response::read(&bytes) {
            Some(Response::Done { id: 0, body, .. }) => {
                return read_response(body).map(Answer::Response);
            }
            Some(Response::Done { body, .. }) => on_note(body)?,
            Some(Response::Failed { message, .. }) => {
                return Ok(Answer::Refused(message.to_string()));
            }
            Some(Response::TimedOut { id, index }) => {
                let (request, index) = (Some(id), usize::try_from(index).ok());
                let reason = "ran longer than it may".to_owned();
                return Ok(Answer::Died { by: Catch::Timeout, request, index, reason });
            }
            Some(Response::OutOfMemory { running, .. }) => {
                let (request, index) = running.unzip();
                let index = index.and_then(|index| usize::try_from(index).ok());
                let reason = "used more memory than it may".to_owned();
                return Ok(Answer::Died { by: Catch::Memory, request, index, reason });
            }
            _ => {}
        }
    }
}

/// Reads the JSON of a process.
///
/// # Errors
///
/// JSON of another type.
pub fn read_response<R: DeserializeOwned>(body: &[u8]) -> Result<R> {
    serde_json::from_slice(body).map_err(|error| {
        Error::failure(format!("a model process sent an invalid response: {error}"))
    })
}

/// Runs the process on a thread of its own, whose stack is as large as the models under mutants need it.
///
/// # Errors
///
/// Those of `serve`, a thread that can't be started, or a panic outside a model.
pub fn run_on_model_stack(
    name: &str,
    serve: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<()> {
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_SIZE)
        .spawn(serve)
        .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
    thread.join().unwrap_or_else(|_| Err(Error::failure("a thread panicked outside a model")))
}

/// Answers requests, with their numbers, until the supervisor sends no more.
///
/// # Errors
///
/// A request that can't be read.
pub fn answer_requests<Q: DeserializeOwned, A: Serialize>(
    parent: &mut Parent,
    mut answer: impl FnMut(u64, Q) -> A,
) -> Result<()> {
    let responses = parent.responses();
    let mut frame = Vec::new();
    while parent.next(&mut frame)? {
        let invalid = || Error::failure("the supervisor sent an invalid request");
        let request = Request::read(&frame).ok_or_else(invalid)?;
        let asked = serde_json::from_slice(request.body).map_err(|_| invalid())?;
        // Numbers and texts: nothing in them can't be written.
        let body = serde_json::to_vec(&answer(request.id, asked)).unwrap_or_default();
        responses.send(&Response::Done { id: request.id, nanos: 0, status: 0, body: &body });
    }
    Ok(())
}
