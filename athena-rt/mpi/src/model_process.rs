//! The model process of a worker: it runs messages on all threads and sends back their outcomes.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::wire::{JobConfig, encode_outcomes_head};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::handler::Handler;
use athena_engine::local;
use athena_process::{Parent, ProcessConfig, Request, Response, Responses, STACK_SIZE, Watchdog};

/// The role of the model processes of a worker.
pub const ROLE: &str = "mpi";

/// The interval at which the watchdog checks time and memory.
const WATCHDOG_INTERVAL: Duration = Duration::from_millis(50);

/// Runs batches until the worker closes the pipe.
///
/// # Errors
///
/// The process can't read its requests or start its threads.
pub fn run_model_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let threads = config.threads;
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: JobConfig| {
        let handler = Handler::new(registry.find(&settings.model)?, settings.variables.clone())?;
        Ok((settings, handler))
    })?;
    let Some((settings, handler)) = opened else { return Ok(()) };
    let (watchdog, responses) = (parent.watch(WATCHDOG_INTERVAL), parent.responses());
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
                // The worker is gone or has ended: nobody needs the outcomes of what still runs.
                std::process::exit(0)
            }
            let _ = send.send(frame);
        }
    })
}

/// The state that the threads share.
struct ModelThread<'a> {
    settings: &'a JobConfig,
    handler: &'a Handler,
    watchdog: &'a Watchdog,
    responses: Responses,
}

impl ModelThread<'_> {
    fn run(&self, thread: usize, waiting: &Mutex<Receiver<Vec<u8>>>) {
        let JobConfig { input_format, output_format, .. } = *self.settings;
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
            self.responses.send_parts(&done, &[&encode_outcomes_head(&ran), &ran.out]);
        }
    }
}
