//! The parent's end of the pipes, for code on tokio.

use std::io;

use athena_core::error::{Error, Result};
use athena_core::random::random_hex;
use serde::Serialize;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::config::ProcessConfig;
use super::exit::ProcessExit;
use super::frame::{FrameDecoder, append_frame};
use super::group::kill_group;
use super::message::{Request, Response};
use super::spawn::{SpawnOptions, command};

/// How much is read at once.
const BUFFER: usize = 64 << 10;

/// A model process. It is killed when this is dropped, with all that its models have started.
#[derive(Debug)]
pub struct AsyncModelProcess {
    child: Child,
    /// The group that it leads, until it has ended.
    group: Option<u32>,
    stdout: ChildStdout,
    decoder: FrameDecoder,
    buffer: Vec<u8>,
    /// A working directory of its own.
    _folder: Option<TempDir>,
}

/// Sends requests to a model process. One that is dead takes none.
#[derive(Clone, Debug)]
pub struct RequestSender {
    nonce: String,
    frames: UnboundedSender<Vec<u8>>,
}

impl AsyncModelProcess {
    /// Starts this program again, and sends it its settings.
    pub fn start(
        config: &ProcessConfig,
        options: &SpawnOptions,
        settings: &impl Serialize,
    ) -> Result<(Self, RequestSender)> {
        let failed = |error: io::Error| Error::failure(format!("it can't be started: {error}"));
        let settings = serde_json::to_vec(settings).map_err(|error| failed(error.into()))?;
        let config = ProcessConfig { nonce: random_hex(), ..config.clone() };
        let (command, folder) = command(&config, options).map_err(failed)?;
        let mut child = Command::from(command).kill_on_drop(true).spawn().map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(io::ErrorKind::BrokenPipe.into()));
        };
        let (frames, waiting) = unbounded_channel();
        tokio::spawn(write_frames(stdin, waiting));
        let decoder = FrameDecoder::new(&config.nonce);
        let sender = RequestSender { nonce: config.nonce, frames };
        sender.send_frames(|nonce, out| {
            append_frame(out, nonce, |out| out.extend_from_slice(&settings));
        });
        let group = child.id();
        let process =
            Self { child, group, stdout, decoder, buffer: vec![0; BUFFER], _folder: folder };
        Ok((process, sender))
    }

    /// Waits for responses, and calls `each` with all that have come.
    ///
    /// # Errors
    ///
    /// The process has ended.
    pub async fn next(
        &mut self,
        mut each: impl FnMut(Response<'_>),
    ) -> std::result::Result<(), ProcessExit> {
        let length = self.stdout.read(&mut self.buffer).await.unwrap_or(0);
        if length == 0 {
            let ended = self.child.wait().await;
            self.kill_group();
            return Err(match ended {
                Ok(status) => ProcessExit::new(status),
                Err(error) => ProcessExit::Fault(format!("ended: {error}")),
            });
        }
        self.decoder.fill(&self.buffer[..length]);
        loop {
            match self.decoder.next() {
                Ok(None) => return Ok(()),
                Ok(Some(frame)) if let Some(response) = Response::read(frame) => each(response),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        self.kill_group();
        let _ = self.child.kill().await;
        Err(ProcessExit::Fault("sent an invalid frame".to_owned()))
    }

    /// Whether it has not ended, as far as is known: it may be ending at present.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn kill_group(&mut self) {
        if let Some(leader) = self.group.take() {
            kill_group(leader);
        }
    }
}

impl Drop for AsyncModelProcess {
    fn drop(&mut self) {
        self.kill_group();
    }
}

impl RequestSender {
    /// Sends requests with one write.
    pub fn send<'a>(&self, requests: impl IntoIterator<Item = Request<'a>>) {
        self.send_frames(|nonce, out| {
            for request in requests {
                append_frame(out, nonce, |out| request.append(out));
            }
        });
    }

    fn send_frames(&self, append: impl FnOnce(&str, &mut Vec<u8>)) {
        let mut bytes = Vec::new();
        append(&self.nonce, &mut bytes);
        let _ = self.frames.send(bytes);
    }
}

/// Writes until nobody sends any more; then the process has nothing to read.
async fn write_frames(mut stdin: ChildStdin, mut frames: UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = frames.recv().await {
        if stdin.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
