//! The child's end of the pipes: requests come in, responses go out.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::config::ProcessConfig;
use super::frame::{FrameReader, append_frame, write_frame};
use super::message::Response;
use super::watchdog::Watchdog;
use athena_core::error::{Error, Result};
use athena_core::stdio;

/// So many buffered bytes are written at once.
const BUFFER: usize = 64 << 10;

/// The process that has started this one.
pub struct Parent {
    pub config: ProcessConfig,
    requests: FrameReader<File>,
    responses: Responses,
}

/// Where responses are written. One that can't be written ends the process: its parent is gone.
#[derive(Clone)]
pub struct Responses(Arc<Output>);

struct Output {
    nonce: String,
    pipe: Mutex<Pipe>,
}

struct Pipe {
    pipe: File,
    buffer: Vec<u8>,
}

impl Parent {
    /// Takes standard output and standard input away from the models.
    pub fn connect(config: ProcessConfig) -> Result<Self> {
        let failed =
            |error: &io::Error| Error::failure(format!("can't connect to the parent: {error}"));
        let pipe = stdio::take_stdout().map_err(|error| failed(&error))?;
        let requests = stdio::take_stdin().map_err(|error| failed(&error))?;
        let requests = FrameReader::new(requests, &config.nonce);
        let pipe = Mutex::new(Pipe { pipe, buffer: Vec::new() });
        let output = Output { nonce: config.nonce.clone(), pipe };
        Ok(Self { config, requests, responses: Responses(Arc::new(output)) })
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

    /// Starts the watchdog of this process; see [`Watchdog::start`].
    pub fn watch(&self, tick: Duration) -> Arc<Watchdog> {
        Watchdog::start(&self.config, self.responses(), tick)
    }
}

impl Responses {
    /// Writes a response, behind those that are buffered.
    pub fn send(&self, response: &Response<'_>) {
        let body = if let Response::Done { body, .. } = response { body } else { &[][..] };
        self.send_parts(response, &[body]);
    }

    /// Writes a response whose body is in parts.
    pub fn send_parts(&self, response: &Response<'_>, body: &[&[u8]]) {
        let mut head = Vec::new();
        response.append_head(&mut head);
        let (last, front) =
            body.split_last().map_or((&[][..], &[][..]), |(last, front)| (*last, front));
        head.extend(front.iter().copied().flatten());
        let mut pipe = self.lock();
        pipe.flush();
        let written = write_frame(&mut pipe.pipe, &self.0.nonce, &head, last);
        exit_if_failed(&written);
    }

    /// Buffers a response whose body `write` appends. It leaves with those behind it.
    pub fn buffer(&self, response: &Response<'_>, write: impl FnOnce(&mut Vec<u8>)) {
        let mut pipe = self.lock();
        append_frame(&mut pipe.buffer, &self.0.nonce, |out| {
            response.append_head(out);
            write(out);
        });
        if pipe.buffer.len() >= BUFFER {
            pipe.flush();
        }
    }

    pub(super) fn flush(&self) {
        self.lock().flush();
    }

    /// Writes what is buffered, unless another thread writes at present.
    pub(super) fn try_flush(&self) {
        if let Ok(mut pipe) = self.0.pipe.try_lock() {
            pipe.flush();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pipe> {
        self.0.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipe {
    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            exit_if_failed(&self.pipe.write_all(&self.buffer));
            self.buffer.clear();
        }
    }
}

/// Ends the process if nobody reads its responses any more.
fn exit_if_failed(written: &io::Result<()>) {
    if written.is_err() {
        std::process::exit(1);
    }
}
