//! The process that runs a worker's models, from inside: messages on all threads, outcomes out.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::process::{read_frame, write_frame};
use super::wire::{Orders, Said, Told, ran_head};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_core::stdio;
use athena_engine::handler::Handler;
use athena_engine::local;
use athena_process::STACK;

/// Runs what comes, until no more does.
pub fn hands(nonce: &str, registry: &Registry) -> Result<()> {
    let failed = |error: &io::Error| Error::failure(format!("can't talk to the worker: {error}"));
    let mut out = stdio::take_stdout().map_err(|error| failed(&error))?;
    let mut jobs = stdio::take_stdin().map_err(|error| failed(&error))?;
    out.write_all(nonce.as_bytes()).map_err(|error| failed(&error))?;
    let Some(orders) = read_frame(&mut jobs).map_err(|error| failed(&error))? else {
        return Ok(());
    };
    let out = Arc::new(Mutex::new(out));
    let (orders, handler) = match open(&orders, registry) {
        Ok(opened) => opened,
        Err(error) => {
            let words = error.to_string();
            say(&out, &Said::Failed { exit: error.exit().code(), words: &words }, &[]);
            return Ok(());
        }
    };
    say(&out, &Said::Hello(b""), &[]);
    let (send, waiting) = mpsc::channel::<Vec<u8>>();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        for _ in 0..orders.threads.max(1) {
            let work = || work(&orders, &handler, &waiting, &out);
            std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        }
        while let Some(frame) = read_frame(&mut jobs).map_err(|error| failed(&error))? {
            let _ = send.send(frame);
        }
        // The worker is gone or has enough: what runs is of no use to anyone.
        std::process::exit(0)
    })
}

fn open(orders: &[u8], registry: &Registry) -> Result<(Orders, Handler)> {
    let Some(Told::Begin(orders)) = Told::read(orders) else {
        return Err(Error::failure("the worker gave no orders"));
    };
    let orders: Orders = serde_json::from_slice(orders)
        .map_err(|error| Error::failure(format!("the worker's orders can't be read: {error}")))?;
    let handler = Handler::new(registry.find(&orders.model)?, orders.variables.clone())?;
    Ok((orders, handler))
}

fn work(orders: &Orders, handler: &Handler, waiting: &Mutex<Receiver<Vec<u8>>>, out: &Mutex<File>) {
    let mut outcome = Outcome::new(orders.output_format);
    loop {
        let next = lock(waiting).recv();
        let Ok(frame) = next else { return };
        let Some(Told::Batch(job)) = Told::read(&frame) else { continue };
        let ran = local::run(handler, job.bytes, job.first, orders.input_format, &mut outcome);
        let head = Said::Done { number: job.number, micros: 0, ran: &ran_head(&ran) };
        say(out, &head, &ran.out);
    }
}

/// Says something, with more bytes behind it.
fn say(out: &Mutex<File>, said: &Said<'_>, more: &[u8]) {
    let bytes = said.write();
    if write_frame(&mut *lock(out), &bytes, more).is_err() {
        // Nobody listens any more.
        std::process::exit(1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
