//! One call of a plain model: another task or thread runs it than the one that waits for its result.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::late_calls::LateCall;

/// What is to be called, then its result. Who runs it and who waits for it share one piece of memory.
struct Call<W, T> {
    late: LateCall,
    state: Mutex<CallState<W, T>>,
}

struct CallState<W, T> {
    progress: CallProgress<W, T>,
    /// Woken by the end of the call.
    waker: Option<Waker>,
}

enum CallProgress<W, T> {
    Waiting(W),
    Running,
    Done(T),
    /// It was cancelled or panicked, or its result was taken.
    Over,
}

/// A call to run. If this is dropped before, nobody waits for the call any longer.
pub(super) struct Ticket(Option<Arc<dyn Run>>);

/// A call that waits or runs. If this is dropped, a call that waits is cancelled.
pub(super) struct Running<T> {
    call: Arc<dyn Await<T>>,
    has_ended: bool,
}

/// Prepares a call.
pub(super) fn call<T: Send + 'static>(
    late: LateCall,
    work: impl FnOnce() -> T + Send + 'static,
) -> (Ticket, Running<T>) {
    let state = CallState { progress: CallProgress::Waiting(work), waker: None };
    let call = Arc::new(Call { late, state: Mutex::new(state) });
    (Ticket(Some(Arc::clone(&call) as Arc<dyn Run>)), Running { call, has_ended: false })
}

trait Run: Send + Sync {
    fn run(&self);

    /// Whether it was cancelled.
    fn is_over(&self) -> bool;

    /// The call won't end.
    fn lose(&self);
}

trait Await<T>: Send + Sync {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<T>>;

    fn set_late(&self);

    fn cancel(&self);
}

impl Ticket {
    /// Whether nobody waits for the call any longer.
    pub(super) fn is_over(&self) -> bool {
        self.0.as_ref().is_none_or(|call| call.is_over())
    }

    /// Runs the call, unless it was cancelled.
    pub(super) fn run(mut self) {
        if let Some(call) = &self.0 {
            call.run();
        }
        self.0 = None;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(call) = &self.0 {
            call.lose();
        }
    }
}

impl<T> Running<T> {
    /// The time limit is exceeded.
    pub(super) fn set_late(&self) {
        self.call.set_late();
    }

    /// The result; `None` if the work panicked.
    pub(super) async fn join(&mut self) -> Option<T> {
        let done = poll_fn(|context| self.call.poll(context)).await;
        self.has_ended = true;
        done
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.call.cancel();
        }
    }
}

impl<W, T> Call<W, T> {
    fn lock(&self) -> MutexGuard<'_, CallState<W, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, progress: CallProgress<W, T>) {
        let mut state = self.lock();
        let before = std::mem::replace(&mut state.progress, progress);
        let waker = state.waker.take();
        drop(state);
        // What the work holds may take other locks.
        drop(before);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T: Send, W: FnOnce() -> T + Send> Run for Call<W, T> {
    fn run(&self) {
        let mut state = self.lock();
        let work = match std::mem::replace(&mut state.progress, CallProgress::Running) {
            CallProgress::Waiting(work) => work,
            other => {
                state.progress = other;
                return;
            }
        };
        drop(state);
        let done = self.late.run(work);
        self.end(CallProgress::Done(done));
    }

    fn is_over(&self) -> bool {
        matches!(self.lock().progress, CallProgress::Over)
    }

    fn lose(&self) {
        self.end(CallProgress::Over);
    }
}

impl<T: Send, W: FnOnce() -> T + Send> Await<T> for Call<W, T> {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.progress, CallProgress::Over) {
            CallProgress::Done(done) => Poll::Ready(Some(done)),
            CallProgress::Over => Poll::Ready(None),
            progress => {
                state.progress = progress;
                let waker = context.waker();
                if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
                    state.waker = Some(waker.clone());
                }
                Poll::Pending
            }
        }
    }

    fn set_late(&self) {
        self.late.set_late();
    }

    fn cancel(&self) {
        self.end(CallProgress::Over);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::late_calls::LateCalls;
    use super::*;

    fn polled<T>(running: &Running<T>) -> Poll<Option<T>> {
        running.call.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_call_ends_with_its_result_or_without_one_and_is_never_waited_for_in_vain() {
        let calls = LateCalls::new(1);
        let (ticket, running) = call(calls.call(), || 7);
        assert!(polled(&running).is_pending());
        ticket.run();
        assert_eq!(polled(&running), Poll::Ready(Some(7)));

        let (ticket, running) = call(calls.call(), || panic!("on purpose"));
        catch_unwind(AssertUnwindSafe(|| ticket.run())).unwrap_err();
        assert_eq!(polled::<()>(&running), Poll::Ready(None));

        let (ticket, running) = call(calls.call(), || 7);
        drop(ticket);
        assert_eq!(polled(&running), Poll::Ready(None));
    }

    #[test]
    fn a_call_that_nobody_waits_for_is_not_begun_and_holds_nothing() {
        let held = Arc::new(());
        let inside = Arc::clone(&held);
        let (ticket, running) = call(LateCalls::new(1).call(), move || {
            drop(inside);
            panic!("it ran");
        });
        drop::<Running<()>>(running);
        assert_eq!(Arc::strong_count(&held), 1);
        ticket.run();
    }
}
