//! Timers that are used again. A timer of Tokio is entered into the wheel and taken out of it for each call,
//! and nearly no call needs it: so a timer stays in the wheel with an early deadline, and is set to that of
//! its call only when it ends.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// How many timers are kept for later calls.
const KEPT: usize = 256;

/// The timers of a service.
#[derive(Default)]
pub(super) struct Timers {
    free: Mutex<Vec<Pin<Box<Sleep>>>>,
}

impl Timers {
    /// Waits for `work` for this long at most; `None` if it takes longer.
    pub(super) async fn limit<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.run(|| Instant::now() + limit, work).await
    }

    /// Waits for `work` until then; `None` if it takes longer.
    pub(super) async fn limit_until<T>(
        &self,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.run(|| deadline, work).await
    }

    /// The deadline is asked for when the work has to wait.
    async fn run<T>(
        &self,
        deadline: impl Fn() -> Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        let mut timer = None;
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => {
                let timer = timer.get_or_insert_with(|| self.take(deadline()));
                timer.poll(context).map(|()| None)
            }
        })
        .await
    }

    fn take(&self, deadline: Instant) -> Timer<'_> {
        let kept = self.lock().pop();
        let mut sleep = kept.unwrap_or_else(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        Timer { timers: self, sleep: Some(sleep), deadline }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pin<Box<Sleep>>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The timer of one call, returned when this is dropped.
struct Timer<'a> {
    timers: &'a Timers,
    /// `None` when it was returned.
    sleep: Option<Pin<Box<Sleep>>>,
    deadline: Instant,
}

impl Timer<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(context));
            if Instant::now() >= self.deadline {
                break;
            }
            sleep.as_mut().reset(self.deadline);
        }
        Poll::Ready(())
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        if let Some(sleep) = self.sleep.take() {
            let mut free = self.timers.lock();
            if free.len() < KEPT {
                free.push(sleep);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_is_used_again_ends_with_its_own_call() {
        let timers = Timers::default();
        let second = Duration::from_secs(1);
        // Leaves a timer that ends after ten seconds.
        assert_eq!(timers.limit(second * 10, sleep(second)).await, Some(()));
        for (limit, work, ends) in [(8, 7, true), (3, 4, false), (20, 15, true), (9, 30, false)] {
            let began = Instant::now();
            let done = timers.limit(second * limit, sleep(second * work)).await;
            assert_eq!(done.is_some(), ends, "{work} of {limit} s");
            assert_eq!(began.elapsed().as_secs(), u64::from(limit.min(work)));
        }
        assert_eq!(timers.lock().len(), 1);
        // Work that waits for nothing needs none.
        assert_eq!(timers.limit(second, async { 7 }).await, Some(7));
        assert_eq!(timers.limit(second, pending::<()>()).await, None);
    }
}
