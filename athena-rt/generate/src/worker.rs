//! The supervisor's end of a process that searches.

use athena_core::error::{Error, Result};
use athena_process::ModelProcess;
use athena_strength::Launch;
use athena_strength::json_process::{Answer, ask, read_response};

use crate::messages::{SearchRequest, SearchResponse, SearchSettings};
use crate::model_subject::RunId;

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

    /// Sends a request and waits for the response, and for the run that began last: of a process that has ended,
    /// if it is a careful one or ran too long.
    pub(crate) fn ask(
        &mut self,
        request: &SearchRequest,
    ) -> Result<(Answer<SearchResponse>, Option<RunId>)> {
        let mut last = None;
        let note = |body: &[u8]| {
            last = Some(read_response(body)?);
            Ok(())
        };
        match ask(&mut self.process, request, note)? {
            Answer::Refused(message) => Err(Error::usage(message)),
            Answer::Died { request: Some(input), index: Some(mutant), by, reason } => {
                let mutant = u32::try_from(mutant).unwrap_or_default();
                let ended = RunId { input, mutant };
                let answer = Answer::Died { request: Some(input), index: None, by, reason };
                Ok((answer, Some(ended)))
            }
            answer => Ok((answer, last)),
        }
    }
}
