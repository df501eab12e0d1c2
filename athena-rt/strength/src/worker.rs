//! The supervisor's end of a process that runs models under mutants.

use athena_core::error::{Error, Result};
use athena_process::ModelProcess;

use crate::json_process;
use crate::launch::Launch;
use crate::messages::{StrengthRequest, StrengthResponse, StrengthSettings};

/// What became of a request. A process that refuses one is an error.
pub(crate) type Answer = json_process::Answer<StrengthResponse>;

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
        let process = match &mut self.process {
            Some(process) => process,
            none => {
                let Launch { config, options, .. } = self.launch;
                none.insert(ModelProcess::start(config, options, self.settings)?)
            }
        };
        match json_process::ask(process, request, |_| Ok(()))? {
            Answer::Refused(message) => Err(Error::failure(message)),
            answer @ Answer::Response(_) => Ok(answer),
            died => {
                self.discard();
                Ok(died)
            }
        }
    }

    /// Ends the process: the next request has a new one.
    pub(crate) fn discard(&mut self) {
        self.process = None;
    }
}
