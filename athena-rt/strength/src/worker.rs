//! The supervisor's end of a process that runs models under mutants.

use std::time::Duration;

use athena_core::error::{Error, Result};
use athena_process::{ModelProcess, ProcessExit, Request, Response};
use athena_protocol::Catch;

use crate::launch::Launch;
use crate::messages::{StrengthRequest, StrengthResponse, StrengthSettings};

/// How long a process may be silent: it reports every second that it lives.
const PATIENCE: Duration = Duration::from_mins(1);

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Response(StrengthResponse),
    /// The process has ended by itself, or was ended for its time or memory; at this of the cases, if
    /// that is known.
    Died {
        by: Catch,
        index: Option<usize>,
        reason: String,
    },
    /// Something outside has ended it: that says nothing about the mutant.
    Killed(String),
}

/// A process, which is started when it is needed.
pub(crate) struct Worker<'a> {
    launch: &'a Launch,
    settings: &'a StrengthSettings,
    process: Option<ModelProcess>,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(launch: &'a Launch, settings: &'a StrengthSettings) -> Self {
        Self { launch, settings, process: None }
    }

    /// Sends a request and waits for the response. A process that ends is started again by the next
    /// request.
    pub(crate) fn ask(&mut self, request: &StrengthRequest) -> Result<Answer> {
        let body =
            serde_json::to_vec(request).map_err(|error| Error::failure(error.to_string()))?;
        let process = match &mut self.process {
            Some(process) => process,
            none => {
                let Launch { config, options, .. } = self.launch;
                none.insert(ModelProcess::start(config, options, self.settings)?)
            }
        };
        process.send(&Request { id: 0, model: 0, meta: &[], body: &body });
        let died = loop {
            let bytes = match process.next_within(PATIENCE) {
                Ok(bytes) => bytes,
                Err(ProcessExit::Killed(reason)) => break Answer::Killed(reason),
                Err(ProcessExit::Fault(reason)) => {
                    break Answer::Died { by: Catch::Crash, index: None, reason };
                }
            };
            match Response::read(&bytes) {
                Some(Response::Done { body, .. }) => {
                    let response = serde_json::from_slice(body).map_err(|error| {
                        Error::failure(format!("a model process sent an invalid response: {error}"))
                    })?;
                    return Ok(Answer::Response(response));
                }
                Some(Response::Failed { message, .. }) => return Err(Error::failure(message)),
                Some(Response::TimedOut { index, .. }) => {
                    let index = usize::try_from(index).ok();
                    let reason = "it ran longer than it may".to_owned();
                    break Answer::Died { by: Catch::Timeout, index, reason };
                }
                Some(Response::OutOfMemory { .. }) => {
                    let reason = "it used more memory than it may".to_owned();
                    break Answer::Died { by: Catch::Memory, index: None, reason };
                }
                _ => {}
            }
        };
        self.discard();
        Ok(died)
    }

    /// Ends the process: the next request has a new one.
    pub(crate) fn discard(&mut self) {
        self.process = None;
    }
}
