//! The parent's end of the pipe that requests go into. A small request is written at once: a thread that writes it would
//! have to be started, and woken for each. What the pipe does not take is left to such a thread, which may wait.

use std::io::{self, Write as _};
use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::frame::{SMALL, frame_front};

/// Writes frames, and never waits.
pub(super) struct RequestPipe {
    nonce: String,
    /// `None` if it is closed.
    end: Option<WriteEnd>,
}

enum WriteEnd {
    /// Takes what it has room for.
    Pipe(ChildStdin),
    /// A thread writes.
    Thread(Sender<Bytes>),
}

/// Bytes of a frame, and bytes behind them that may be shared.
struct Bytes {
    front: Vec<u8>,
    body: Option<SharedBody>,
}

/// A body that is not copied.
pub(super) type SharedBody = Box<dyn AsRef<[u8]> + Send>;

impl RequestPipe {
    pub(super) fn new(pipe: ChildStdin, nonce: String) -> io::Result<Self> {
        let end = match without_waiting(&pipe, true) {
            Ok(()) => WriteEnd::Pipe(pipe),
            Err(_) => WriteEnd::Thread(start_thread(pipe)?),
        };
        Ok(Self { nonce, end: Some(end) })
    }

    /// Sends a frame of `head`, then `body`. Nobody reads it if the process is gone.
    pub(super) fn send(&mut self, head: &[u8], body: Option<SharedBody>) {
        let bytes = body.as_deref().map_or(&[][..], AsRef::as_ref);
        let is_small = bytes.len() <= SMALL;
        let front = frame_front(&self.nonce, head, bytes);
        let more = Bytes { front, body: body.filter(|_| !is_small) };
        self.end = match self.end.take() {
            Some(WriteEnd::Pipe(pipe)) => write_at_once(pipe, more),
            Some(WriteEnd::Thread(waiting)) => {
                waiting.send(more).ok().map(|()| WriteEnd::Thread(waiting))
            }
            None => None,
        };
    }
}

/// Writes what the pipe has room for, and leaves the rest to a thread. `None` if that can't be done.
fn write_at_once(mut pipe: ChildStdin, mut bytes: Bytes) -> Option<WriteEnd> {
    let mut written = 0;
    while written < bytes.front.len() {
        match pipe.write(&bytes.front[written..]) {
            Ok(count) => written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => return None,
        }
    }
    bytes.front.drain(..written);
    if bytes.front.is_empty() && bytes.body.is_none() {
        return Some(WriteEnd::Pipe(pipe));
    }
    without_waiting(&pipe, false).ok()?;
    let waiting = start_thread(pipe).ok()?;
    waiting.send(bytes).ok()?;
    Some(WriteEnd::Thread(waiting))
}

fn start_thread(mut pipe: ChildStdin) -> io::Result<Sender<Bytes>> {
    let (send, waiting): (_, Receiver<Bytes>) = channel();
    std::thread::Builder::new().name("write".to_owned()).spawn(move || {
        for Bytes { front, body } in waiting {
            let body = body.as_deref().map_or(&[][..], AsRef::as_ref);
            if pipe.write_all(&front).and_then(|()| pipe.write_all(body)).is_err() {
                return;
            }
        }
    })?;
    Ok(send)
}

/// Whether a write ends at once where it would have to wait for room.
#[cfg(unix)]
fn without_waiting(pipe: &ChildStdin, at_once: bool) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(pipe, at_once)?)
}

#[cfg(not(unix))]
fn without_waiting(_: &ChildStdin, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
