//! Runs `async fn` models outside a runtime: on one tokio runtime per thread, reused from call to
//! call.

use std::cell::RefCell;
use std::io;

use tokio::runtime::{Builder, Runtime};

use super::{Failure, Invocation};
use crate::outcome::Outcome;

/// Runs a call to its end on this thread.
///
/// A task that the model has spawned and not awaited is dropped: it must not run while the next
/// message does.
pub(super) fn run(invocation: Invocation) -> (Outcome, Result<(), Failure>) {
    let runtime = match RUNTIME.with_borrow_mut(|kept| kept.0.take()).map_or_else(start, Ok) {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("can't start a runtime for an async model: {error}");
            return (Outcome::default(), Err(Failure::Panic(message)));
        }
    };
    let given = runtime.block_on(invocation);
    if runtime.metrics().num_alive_tasks() == 0 {
        RUNTIME.with_borrow_mut(|kept| kept.0 = Some(runtime));
    } else {
        runtime.shutdown_background();
    }
    given
}

fn start() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

thread_local! {
    static RUNTIME: RefCell<ThreadRuntime> = const { RefCell::new(ThreadRuntime(None)) };
}

struct ThreadRuntime(Option<Runtime>);

impl Drop for ThreadRuntime {
    /// Does not wait for blocking work that a model left running.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
