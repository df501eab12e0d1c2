//! The responses of a model process, on their way to its parent.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::frame::{append_frame, write_frame};
use super::message::Response;
use athena_core::stdio::print_stderr;

/// The number of buffered bytes that are written at once.
const BUFFER: usize = 64 << 10;

/// Where responses are written. One that can't be written ends the process: its parent is gone.
#[derive(Clone)]
pub struct Responses(Arc<Output>);

struct Output {
    nonce: String,
    pipe: Mutex<Pipe>,
}

struct Pipe {
    pipe: File,
    /// What the handle was opened for: a model may close it, and get its number for a file of its own.
    identity: Option<(u64, u64)>,
    buffer: Vec<u8>,
}

impl Responses {
    pub(super) fn new(nonce: &str, pipe: File) -> Self {
        let pipe = Mutex::new(Pipe { identity: identity(&pipe), pipe, buffer: Vec::new() });
        Self(Arc::new(Output { nonce: nonce.to_owned(), pipe }))
    }

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
        pipe.check();
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
    /// Ends the process if the handle is another one's now: nothing of ours is written to it.
    fn check(&self) {
        if identity(&self.pipe) != self.identity {
            print_stderr("a model closed the pipe to the parent of its process");
            std::process::exit(1);
        }
    }

    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.check();
            exit_if_failed(&self.pipe.write_all(&self.buffer));
            self.buffer.clear();
        }
    }
}

/// The device and the inode of a handle.
#[cfg(unix)]
fn identity(pipe: &File) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    pipe.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &File) -> Option<(u64, u64)> {
    None
}

/// Ends the process if nobody reads its responses any more.
fn exit_if_failed(written: &io::Result<()>) {
    if written.is_err() {
        std::process::exit(1);
    }
}
