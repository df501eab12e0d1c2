use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use athena_protocol::Test;

use super::messages::{Batch, ReplaySettings};
use super::model_process::ReplayThread;
use super::plan::Plan;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::STACK_SIZE;

/// How many cases a thread takes at once.
const CHUNK: usize = 512;

/// Replays every case in this process, without a supervisor: what the benchmark holds supervision
/// against. A model that crashes takes all with it, so nothing else may call this.
#[doc(hidden)]
pub fn replay_in_place(fixtures: &Path) -> Result<u64> {
    let registry = Registry::collect()?;
    let plan = Plan::new(fixtures, &registry, &Test::default())?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (registry, plan) = (registry.clone(), &plan);
            let (next, failed) = (&next, &failed);
            std::thread::Builder::new()
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || {
                    let mut thread =
                        ReplayThread::unsupervised(registry, ReplaySettings::default());
                    loop {
                        let mut start = next.fetch_add(CHUNK, Ordering::Relaxed);
                        let last = (start + CHUNK).min(plan.len());
                        if start >= last {
                            return;
                        }
                        while start < last {
                            let end = plan.stretch(start, last - start);
                            let model = plan.model(start).to_owned();
                            let batch = Batch { model, source: plan.batch_source(start, end) };
                            failed.fetch_add(thread.replay(0, &batch), Ordering::Relaxed);
                            start = end;
                        }
                    }
                })
                .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        }
        Ok(())
    })?;
    match failed.into_inner() {
        0 => Ok(plan.len() as u64),
        failed => Err(Error::failure(format!("{failed} cases failed"))),
    }
}
