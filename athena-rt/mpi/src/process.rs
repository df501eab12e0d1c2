//! The process that runs a worker's models, from outside: what it is given and what it says, through
//! pipes. It is another process so that a model that crashes, ends it or eats all memory takes no
//! rank with it, and with the rank the whole job.

use std::io::{self, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};

use rustix::pipe::fcntl_setpipe_size;

use super::crew::Death;
use super::wire::{Job, Slice, Told};
use athena_core::error::{Error, Result};
use athena_core::random;

/// Says to a process that it is one, and how it begins what it says.
pub const HANDS_VARIABLE: &str = "ATHENA_HANDS";

/// No frame is longer: what comes is not what a process says.
const LONGEST: u64 = 1 << 40;

/// Most frames are not longer.
const LIKELY: u64 = 32 << 20;

/// What happens to a process; `start` is the number it was started with.
#[derive(Debug)]
pub(super) enum Event {
    Said {
        start: u64,
        bytes: Vec<u8>,
    },
    /// It has closed its output: it is dead or about to be.
    Gone {
        start: u64,
    },
}

/// A process. It ends when this is dropped.
pub(super) struct Process {
    child: Child,
    jobs: Sender<Given>,
}

/// What a process is given: bytes, and bytes behind them that others have too.
struct Given(Vec<u8>, Option<Slice>);

/// How much a pipe holds, where the system allows it: fewer wake-ups than with its own 64 KiB.
const PIPE: usize = 1 << 20;

impl Process {
    /// Starts one, and tells it something first.
    pub(super) fn start(start: u64, orders: Vec<u8>, events: Sender<Event>) -> Result<Self> {
        let failed = |error: &io::Error| {
            Error::failure(format!("can't start a process that runs models: {error}"))
        };
        let program = std::env::current_exe().map_err(|error| failed(&error))?;
        // What a program prints by chance is not it.
        let nonce = format!("{}{start:016x}", random::random_hex());
        let mut child = Command::new(program)
            .env(HANDS_VARIABLE, &nonce)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        let (jobs, waiting) = mpsc::channel::<Given>();
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        if let Some(mut pipe) = child.stdin.take() {
            let _ = fcntl_setpipe_size(&pipe, PIPE);
            let write = move || write(&mut pipe, &waiting);
            thread("write").spawn(write).map_err(|error| failed(&error))?;
        }
        if let Some(pipe) = child.stdout.take() {
            let _ = fcntl_setpipe_size(&pipe, PIPE);
            let read = move || {
                // Whatever ends the reading, how the process ended says more.
                let _ = read(pipe, nonce.as_bytes(), |bytes| {
                    events.send(Event::Said { start, bytes }).is_ok()
                });
                let _ = events.send(Event::Gone { start });
            };
            thread("read").spawn(read).map_err(|error| failed(&error))?;
        }
        let process = Self { child, jobs };
        process.give(Given(orders, None));
        Ok(process)
    }

    /// Gives it messages; one that is dead takes nothing, and its end is an event.
    pub(super) fn run(&self, number: u64, first: u64, messages: Slice) {
        let head = Told::Batch(Job { number, first, bytes: b"" }).write();
        self.give(Given(head, Some(messages)));
    }

    fn give(&self, given: Given) {
        let _ = self.jobs.send(given);
    }

    /// How it ended, once it is gone.
    pub(super) fn death(&mut self) -> Result<Death> {
        let status = self.child.wait();
        let status = status.map_err(|error| Error::failure(format!("can't wait: {error}")))?;
        Ok(death(status))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a crash or an exit is, and what is a kill from outside.
fn death(status: ExitStatus) -> Death {
    use std::os::unix::process::ExitStatusExt as _;
    let names = [
        (libc_signal::ILL, "SIGILL"),
        (libc_signal::TRAP, "SIGTRAP"),
        (libc_signal::ABRT, "SIGABRT"),
        (libc_signal::BUS, "SIGBUS"),
        (libc_signal::FPE, "SIGFPE"),
        (libc_signal::SEGV, "SIGSEGV"),
        (libc_signal::SYS, "SIGSYS"),
    ];
    match (status.signal(), status.code()) {
        (Some(signal), _) => match names.iter().find(|(number, _)| *number == signal) {
            Some((_, name)) => Death::Fault((*name).to_owned()),
            None => Death::Kill(format!("signal {signal}")),
        },
        (None, code) => Death::Fault(format!("exit with {}", code.unwrap_or_default())),
    }
}

mod libc_signal {
    use rustix::process::Signal;

    pub(super) const ILL: i32 = Signal::ILL.as_raw();
    pub(super) const TRAP: i32 = Signal::TRAP.as_raw();
    pub(super) const ABRT: i32 = Signal::ABORT.as_raw();
    pub(super) const BUS: i32 = Signal::BUS.as_raw();
    pub(super) const FPE: i32 = Signal::FPE.as_raw();
    pub(super) const SEGV: i32 = Signal::SEGV.as_raw();
    pub(super) const SYS: i32 = Signal::SYS.as_raw();
}

fn write(pipe: &mut impl Write, waiting: &Receiver<Given>) {
    for Given(head, messages) in waiting {
        if write_frame(pipe, &head, messages.as_deref().unwrap_or_default()).is_err() {
            return;
        }
    }
}

/// Hands on every frame behind the nonce, until the end or until `each` has enough.
fn read(pipe: impl Read, nonce: &[u8], mut each: impl FnMut(Vec<u8>) -> bool) -> io::Result<()> {
    let mut pipe = BufReader::with_capacity(64 << 10, pipe);
    let mut seen = Vec::new();
    // What was printed before the nonce is not meant for us.
    while !seen.ends_with(nonce) {
        let mut byte = [0];
        pipe.read_exact(&mut byte)?;
        if seen.len() >= nonce.len() {
            seen.remove(0);
        }
        seen.push(byte[0]);
    }
    while let Some(frame) = read_frame(&mut pipe)? {
        if !each(frame) {
            break;
        }
    }
    Ok(())
}

/// Writes bytes, of which those in front are few, behind their length.
pub(super) fn write_frame(pipe: &mut impl Write, front: &[u8], back: &[u8]) -> io::Result<()> {
    let length = (front.len() + back.len()) as u64;
    pipe.write_all(&[&length.to_le_bytes(), front].concat())?;
    pipe.write_all(back)?;
    pipe.flush()
}

/// The next bytes behind their length; none at the end.
pub(super) fn read_frame(pipe: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match pipe.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no frame"));
    }
    // Not more at once than is likely to come: the length may be none.
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(LIKELY)).unwrap_or(0));
    pipe.take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}
