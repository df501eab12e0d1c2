//! Tasks of the reactor that run calls, one after another. A task of Tokio for each call is made and
//! taken down for each call, which takes as long as a small model.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};

use super::call::Ticket;

/// The tasks of a service. As many as calls run at once.
#[derive(Default)]
pub(super) struct ReactorTasks {
    free: Mutex<Vec<Arc<ReactorTask>>>,
}

#[derive(Default)]
struct ReactorTask {
    inbox: Mutex<Inbox>,
}

#[derive(Default)]
struct Inbox {
    ticket: Option<Ticket>,
    waker: Option<Waker>,
    /// Nothing comes any more.
    is_closed: bool,
}

impl ReactorTasks {
    /// Runs a call on a task that is free, which runs next on this thread, if it is one of the reactor. A
    /// task whose call hangs is not free.
    pub(super) fn run(self: &Arc<Self>, ticket: Ticket) {
        let free = lock(&self.free).pop();
        if let Some(task) = free {
            let mut inbox = lock(&task.inbox);
            inbox.ticket = Some(ticket);
            if let Some(waker) = &inbox.waker {
                waker.wake_by_ref();
            }
            return;
        }
        let task = Arc::<ReactorTask>::default();
        lock(&task.inbox).ticket = Some(ticket);
        tokio::spawn(serve(task, Arc::downgrade(self)));
    }
}

impl Drop for ReactorTasks {
    fn drop(&mut self) {
        for task in lock(&self.free).drain(..) {
            let mut inbox = lock(&task.inbox);
            inbox.is_closed = true;
            if let Some(waker) = &inbox.waker {
                waker.wake_by_ref();
            }
        }
    }
}

/// Runs calls while the service exists.
async fn serve(task: Arc<ReactorTask>, tasks: Weak<ReactorTasks>) {
    while let Some(ticket) = task.next().await {
        ticket.run();
        let Some(tasks) = tasks.upgrade() else { return };
        lock(&tasks.free).push(Arc::clone(&task));
        drop(tasks);
        if lock(&task.inbox).ticket.is_some() {
            // The task that waits for the last call may be the next one of this thread, and no other can run it.
            tokio::task::yield_now().await;
        }
    }
}

impl ReactorTask {
    async fn next(&self) -> Option<Ticket> {
        poll_fn(|context| {
            let mut inbox = lock(&self.inbox);
            match inbox.ticket.take() {
                Some(ticket) => Poll::Ready(Some(ticket)),
                None if inbox.is_closed => Poll::Ready(None),
                None => {
                    let waker = context.waker();
                    if !inbox.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
                        inbox.waker = Some(waker.clone());
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
