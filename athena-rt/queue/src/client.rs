//! What those who put into a queue and take out of it have in common: they wait for the broker, a
//! while.

use std::future::Future;
use std::time::Duration;

use athena_protocol::Exit;

use super::retry::Backoff;
use athena_core::error::{Error, Result};

/// How often a broker is asked.
const TRIES: u32 = 5;

/// How long it is left alone after it did not answer; twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 600 });
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Waits for what is asked of a broker.
///
/// # Errors
///
/// What is asked fails; the system gives no thread.
pub(super) fn block_on<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    // A worker of its own keeps connections alive while this thread reads or prints.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
    runtime.block_on(asked)
}

/// Asks again where a broker fails, for about ten seconds; what it refuses is an error at once.
///
/// # Errors
///
/// The last one.
pub(super) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
    for _ in 1..TRIES {
        let wait = match ask().await {
            Err(error) if error.exit() == Exit::Failure => {
                let wait = backoff.next();
                tracing::warn!("{error}; trying again in {:.1}s", wait.as_secs_f32());
                wait
            }
            done => return done,
        };
        tokio::time::sleep(wait).await;
    }
    ask().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_broker_that_comes_back_is_asked_again_and_one_that_refuses_is_not() {
        let asked = Cell::new(0);
        let twice = block_on(patiently(async || {
            asked.set(asked.get() + 1);
            if asked.get() < 2 { Err(Error::failure("gone")) } else { Ok(7) }
        }));
        assert_eq!((twice, asked.get()), (Ok(7), 2));
        asked.set(0);
        let refused: Result<()> = block_on(patiently(async || {
            asked.set(asked.get() + 1);
            Err(Error::usage("no password"))
        }));
        assert_eq!((refused.unwrap_err().exit(), asked.get()), (Exit::Usage, 1));
    }
}
