//! The process that runs a worker's models, from inside: messages on all threads, outcomes out.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::wire::{Orders, ran_head};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::handler::Handler;
use athena_engine::local;
use athena_process::{Parent, ProcessConfig, Request, Response, Responses, STACK_SIZE, Watchdog};

/// The role of such a process.
pub const ROLE: &str = "mpi";

/// How often its watchdog looks, at least.
const TICK: Duration = Duration::from_millis(50);

/// Runs what comes, until no more does.
pub fn run_model_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let threads = config.threads;
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: Orders| {
        let handler = Handler::new(registry.find(&settings.model)?, settings.variables.clone())?;
        Ok((settings, handler))
    })?;
    let Some((settings, handler)) = opened else { return Ok(()) };
    let (watchdog, responses) = (parent.watch(TICK), parent.responses());
    let (send, waiting) = mpsc::channel::<Vec<u8>>();
    let waiting = Mutex::new(waiting);
    let model_thread =
        ModelThread { settings: &settings, handler: &handler, watchdog: &watchdog, responses };
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (model_thread, waiting) = (&model_thread, &waiting);
            std::thread::Builder::new()
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || model_thread.run(thread, waiting))
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        }
        loop {
            let mut frame = Vec::new();
            if !parent.next(&mut frame)? {
                // The worker is gone or has enough: nobody needs what still runs.
                std::process::exit(0)
            }
            let _ = send.send(frame);
        }
    })
}

/// What a thread runs messages with.
struct ModelThread<'a> {
    settings: &'a Orders,
    handler: &'a Handler,
    watchdog: &'a Watchdog,
    responses: Responses,
}

impl ModelThread<'_> {
    fn run(&self, thread: usize, waiting: &Mutex<Receiver<Vec<u8>>>) {
        let Orders { input_format, output_format, .. } = *self.settings;
        let mut outcome = Outcome::new(output_format);
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(frame) = next else { return };
            let Some(Request { id, meta, body, .. }) = Request::read(&frame) else { continue };
            let first = meta.try_into().map_or(1, u64::from_le_bytes);
            let begin = |line| self.watchdog.begin(thread, id, line - first);
            let ran =
                local::run_batch(self.handler, body, first, input_format, &mut outcome, begin);
            self.watchdog.end(thread);
            let done = Response::Done { id, nanos: 0, status: 0, body: &[] };
            self.responses.send_parts(&done, &[&ran_head(&ran), &ran.out]);
        }
    }
}
