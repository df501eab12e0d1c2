//! The supervisor's end of a process that searches.

use std::time::Duration;

use athena_core::error::{Error, Result};
use athena_process::{ModelProcess, Request, Response};
use athena_strength::Launch;

use crate::messages::{SearchRequest, SearchResponse, SearchSettings};
use crate::model_subject::{NOTE, Note};

/// How long a process may be silent: it reports every second that it lives.
const PATIENCE: Duration = Duration::from_mins(1);

/// What became of a request.
pub(crate) enum Answer {
    Response(Box<SearchResponse>),
    /// The process has ended; in a careful one it is known with which run.
    Died {
        reason: String,
        last: Option<Note>,
    },
}

/// A process.
pub(crate) struct Worker {
    process: ModelProcess,
    /// How many entries of the corpus it has.
    pub(crate) known: usize,
}

impl Worker {
    pub(crate) fn start(launch: &Launch, settings: &SearchSettings) -> Result<Self> {
        let process = ModelProcess::start(&launch.config, &launch.options, settings)?;
        Ok(Self { process, known: 0 })
    }

    pub(crate) fn ask(&mut self, request: &SearchRequest) -> Result<Answer> {
        let body =
            serde_json::to_vec(request).map_err(|error| Error::failure(error.to_string()))?;
        self.process.send(&Request { id: 0, model: 0, meta: &[], body: &body });
        let mut last = None;
        loop {
            let bytes = match self.process.next_within(PATIENCE) {
                Ok(bytes) => bytes,
                Err(exit) => return Ok(Answer::Died { reason: exit.to_string(), last }),
            };
            let unreadable = |error: serde_json::Error| {
                Error::failure(format!("a model process sent an invalid response: {error}"))
            };
            match Response::read(&bytes) {
                Some(Response::Done { id: NOTE, body, .. }) => {
                    last = Some(serde_json::from_slice(body).map_err(unreadable)?);
                }
                Some(Response::Done { body, .. }) => {
                    let response = serde_json::from_slice(body).map_err(unreadable)?;
                    return Ok(Answer::Response(Box::new(response)));
                }
                Some(Response::Failed { message, .. }) => return Err(Error::usage(message)),
                Some(Response::TimedOut { .. }) => {
                    return Ok(Answer::Died { reason: "ran longer than it may".to_owned(), last });
                }
                Some(Response::OutOfMemory { .. }) => {
                    return Ok(Answer::Died {
                        reason: "used more memory than it may".to_owned(),
                        last,
                    });
                }
                _ => {}
            }
        }
    }
}
