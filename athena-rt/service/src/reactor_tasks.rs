//! Tasks of the reactor that run calls, one after another. A task of Tokio for each call is made and
//! taken down for each call, which takes as long as a small model.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use super::call::Ticket;

/// The tasks of a service. As many as calls run at once.
#[derive(Default)]
pub(super) struct ReactorTasks {
    free: Arc<Mutex<FreeTasks>>,
}

#[derive(Default)]
struct FreeTasks {
    tasks: Vec<Arc<ReactorTask>>,
    /// The service has ended.
    is_closed: bool,
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
    pub(super) fn run(&self, ticket: Ticket) {
        let free = lock(&self.free).tasks.pop();
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
        tokio::spawn(serve(task, Arc::clone(&self.free)));
    }
}

impl Drop for ReactorTasks {
    fn drop(&mut self) {
        let mut free = lock(&self.free);
        free.is_closed = true;
        for task in free.tasks.drain(..) {
            let mut inbox = lock(&task.inbox);
            inbox.is_closed = true;
            if let Some(waker) = &inbox.waker {
                waker.wake_by_ref();
            }
        }
    }
}

impl FreeTasks {
    /// Adds a task, unless the service has ended.
    fn add(&mut self, task: &Arc<ReactorTask>) -> bool {
        if !self.is_closed {
            self.tasks.push(Arc::clone(task));
        }
        !self.is_closed
    }
}

/// Runs calls while the service exists.
async fn serve(task: Arc<ReactorTask>, free: Arc<Mutex<FreeTasks>>) {
    while let Some(ticket) = task.next().await {
        ticket.run();
        if !lock(&free).add(&task) {
            return;
        }
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
