//! The child's end of the pipes: requests come in, responses go out.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::config::ProcessConfig;
use super::frame::FrameReader;
use super::message::Response;
use super::responses::Responses;
use super::watch::{Clock, Watch};
use super::watchdog::Watchdog;
use athena_core::error::{Error, Result};
use athena_core::stdio;

/// The process that has started this one.
pub struct Parent {
    pub config: ProcessConfig,
    requests: FrameReader<File>,
    responses: Responses,
}

impl Parent {
    /// Takes standard output and standard input away from the models.
    pub fn connect(config: ProcessConfig) -> Result<Self> {
        let failed =
            |error: &io::Error| Error::failure(format!("can't connect to the parent: {error}"));
        let pipe = stdio::take_stdout().map_err(|error| failed(&error))?;
        let requests = stdio::take_stdin().map_err(|error| failed(&error))?;
        let requests = FrameReader::new(requests, &config.nonce);
        let responses = Responses::new(&config.nonce, pipe);
        Ok(Self { config, requests, responses })
    }

    /// Reads the settings and opens with them what answers requests.
    ///
    /// Returns `None` if that can't be done; the parent has been informed.
    pub fn open<S: DeserializeOwned, T>(
        &mut self,
        open: impl FnOnce(S) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut frame = Vec::new();
        if !self.next(&mut frame)? {
            return Ok(None);
        }
        let settings = serde_json::from_slice(&frame)
            .map_err(|error| Error::failure(format!("the settings can't be read: {error}")));
        match settings.and_then(open) {
            Ok(opened) => {
                self.responses.send(&Response::Ready);
                Ok(Some(opened))
            }
            Err(error) => {
                let (exit, message) = (error.exit().code(), error.to_string());
                self.responses.send(&Response::Failed { exit, message: &message });
                Ok(None)
            }
        }
    }

    /// Reads the next request; `false` once no more come. Buffered responses leave before it waits.
    pub fn next(&mut self, frame: &mut Vec<u8>) -> Result<bool> {
        if !self.requests.has_buffered() {
            self.responses.flush();
        }
        let read = self.requests.read(frame);
        read.map_err(|error| Error::failure(format!("can't read requests: {error}")))
    }

    pub fn responses(&self) -> Responses {
        self.responses.clone()
    }

    /// Starts the watch over this process, which looks at least once in a `tick`.
    pub fn watch(&self, tick: Duration) -> Arc<Watchdog> {
        self.watch_of_main(tick).start()
    }

    /// The same for a process whose main thread has nothing else to do: it runs the watch.
    pub fn watch_of_main(&self, tick: Duration) -> Watch {
        Watch::new(&self.config, self.responses(), tick, Clock::Wall)
    }

    /// The same, but time for which the machine has no core for this process does not count, if the system says how
    /// much that is: on a loaded machine the same runs are in time as on a quiet one.
    pub fn watch_running(&self, tick: Duration) -> Arc<Watchdog> {
        Watch::new(&self.config, self.responses(), tick, Clock::Running).start()
    }
}
