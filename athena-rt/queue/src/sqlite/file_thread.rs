//! The thread of a file. Writes that wait while another one is written share its transaction, so that they
//! wait for the disk once.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use athena_core::error::{Error, Result};

/// The maximum number of requests in one transaction.
const MAX_GROUP: usize = 64;

/// Makes the error of a request.
pub(super) type ToError = Box<dyn Fn(&rusqlite::Error) -> Error + Send>;

/// The thread that has the file. It ends, and closes the file, when this is dropped.
pub(super) struct FileThread {
    /// `None` while this is dropped.
    requests: Option<Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl FileThread {
    pub(super) fn start(file: Connection, to_error: ToError) -> Result<Self> {
        let (requests, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("athena-sqlite".to_owned())
            .spawn(move || serve(file, &receiver, &to_error))
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Runs a request. A write is on disk when `Ok` is returned, and has changed nothing otherwise. It may
    /// run twice, if another one failed in the same transaction.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        is_write: bool,
        request: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let pending = Pending { is_write, request, value: None, answer };
        if let Some(requests) = &self.requests {
            // If the thread has ended, the answer says so.
            let _ = requests.send(Box::new(pending));
        }
        answered.await.unwrap_or_else(|_| Err(Error::failure("the thread of SQLite ended")))
    }
}

impl Drop for FileThread {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A request that waits for its answer.
trait Request: Send {
    fn is_write(&self) -> bool;
    fn run(&mut self, file: &Connection) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, result: Result<()>);
}

struct Pending<T, F> {
    is_write: bool,
    request: F,
    value: Option<T>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&Connection) -> rusqlite::Result<T> + Send> Request for Pending<T, F> {
    fn is_write(&self) -> bool {
        self.is_write
    }

    fn run(&mut self, file: &Connection) -> rusqlite::Result<()> {
        self.value = Some((self.request)(file)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<()>) {
        let Self { value, answer, .. } = *self;
        let value = value.ok_or_else(|| Error::failure("a request to SQLite did not run"));
        // Nobody may wait any more.
        let _ = answer.send(result.and(value));
    }
}

fn serve(mut file: Connection, requests: &Receiver<Box<dyn Request>>, to_error: &ToError) {
    while let Ok(first) = requests.recv() {
        let mut group = vec![first];
        let result = if group[0].is_write() {
            write(&mut file, &mut group, requests)
        } else {
            group[0].run(&file)
        };
        let is_alone = group.len() == 1;
        for mut request in group {
            let result = match &result {
                Ok(()) => Ok(()),
                Err(error) if is_alone => Err(to_error(error)),
                // One of them failed, and the others are not to blame.
                Err(_) => run_alone(&mut file, &mut *request).map_err(|error| to_error(&error)),
            };
            request.answer(result);
        }
    }
}

/// Runs a group, and the requests that arrive meanwhile, in one transaction.
fn write(
    file: &mut Connection,
    group: &mut Vec<Box<dyn Request>>,
    requests: &Receiver<Box<dyn Request>>,
) -> rusqlite::Result<()> {
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut done = 0;
    while let Some(request) = group.get_mut(done) {
        request.run(&transaction)?;
        done += 1;
        if done < MAX_GROUP {
            group.extend(requests.try_recv());
        }
    }
    transaction.commit()
}

fn run_alone(file: &mut Connection, request: &mut dyn Request) -> rusqlite::Result<()> {
    if !request.is_write() {
        return request.run(file);
    }
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    request.run(&transaction)?;
    transaction.commit()
}
