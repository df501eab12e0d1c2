//! The thread of a file. Writes that wait while another one is written share its transaction, so that they
//! wait for the disk once. Changes that a power failure may undo do not wait for it at all.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use athena_core::error::{Error, Result};

/// The maximum number of requests in one transaction.
const MAX_GROUP: usize = 64;

/// What a request does to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// Changes that a power failure may undo. They are on disk with the next synced ones.
    Unsynced,
    /// Changes that are on disk when the request is answered.
    Synced,
}

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

    /// Runs a request. A write has changed nothing if an error is returned. It may run twice, if another one
    /// failed in the same transaction.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        access: Access,
        request: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let pending = Pending { access, request, value: None, answer };
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
    fn access(&self) -> Access;
    fn run(&mut self, file: &Connection) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, result: Result<()>);
}

struct Pending<T, F> {
    access: Access,
    request: F,
    value: Option<T>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&Connection) -> rusqlite::Result<T> + Send> Request for Pending<T, F> {
    fn access(&self) -> Access {
        self.access
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

/// The file, and how its changes are written.
struct OpenFile {
    file: Connection,
    /// Whether the end of a transaction waits for the disk.
    is_synced: bool,
}

fn serve(file: Connection, requests: &Receiver<Box<dyn Request>>, to_error: &ToError) {
    let mut file = OpenFile { file, is_synced: true };
    // One that does not fit into the transaction of those before it.
    let mut next = None;
    while let Some(first) = next.take().or_else(|| requests.recv().ok()) {
        let mut group = vec![first];
        let result = if group[0].access() == Access::Read {
            group[0].run(&file.file)
        } else {
            file.write(&mut group, requests, &mut next)
        };
        let is_alone = group.len() == 1;
        for mut request in group {
            let result = match &result {
                Ok(()) => Ok(()),
                Err(error) if is_alone => Err(to_error(error)),
                // One of them failed, and the others are not to blame.
                Err(_) => file.run_alone(&mut *request).map_err(|error| to_error(&error)),
            };
            request.answer(result);
        }
    }
}

impl OpenFile {
    /// Runs a group, and the requests that arrive meanwhile, in one transaction. One that has to be on disk
    /// does not join others, which would wait for it.
    fn write(
        &mut self,
        group: &mut Vec<Box<dyn Request>>,
        requests: &Receiver<Box<dyn Request>>,
        next: &mut Option<Box<dyn Request>>,
    ) -> rusqlite::Result<()> {
        let is_synced = group[0].access() == Access::Synced;
        self.set_synced(is_synced)?;
        let transaction = self.file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut done = 0;
        while let Some(request) = group.get_mut(done) {
            request.run(&transaction)?;
            done += 1;
            if done < MAX_GROUP && next.is_none() {
                match requests.try_recv() {
                    Ok(other) if other.access() == Access::Synced && !is_synced => {
                        *next = Some(other);
                    }
                    other => group.extend(other),
                }
            }
        }
        transaction.commit()
    }

    fn run_alone(&mut self, request: &mut dyn Request) -> rusqlite::Result<()> {
        if request.access() == Access::Read {
            return request.run(&self.file);
        }
        self.set_synced(request.access() == Access::Synced)?;
        let transaction = self.file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        request.run(&transaction)?;
        transaction.commit()
    }

    /// In WAL mode the file is whole in any case: what is not synced may be lost, and is in order.
    fn set_synced(&mut self, is_synced: bool) -> rusqlite::Result<()> {
        if self.is_synced != is_synced {
            let level = if is_synced { "full" } else { "normal" };
            self.file.pragma_update(None, "synchronous", level)?;
            self.is_synced = is_synced;
        }
        Ok(())
    }
}
