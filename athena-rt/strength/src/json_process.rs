//! A process that answers requests in JSON, one after the other, on a thread with the stack of models.

use athena_core::error::{Error, Result};
use athena_process::{Parent, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::verdict::STACK_SIZE;

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
