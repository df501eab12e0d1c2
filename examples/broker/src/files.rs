//! A directory of files as queues. A state of a message changes by a rename, of which the system lets one
//! process succeed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use athena_rt::Result;
use athena_rt::queue::{
    Address, Backlog, Broker, BrokerFuture, Browser, Capabilities, Consumer, ConsumerOptions,
    DeadLetter, Delivery, DeliveryTag, Envelope, Nack, Producer,
};

use super::message::{Message, failed, key, now};

athena_rt::queue::broker! {
    schemes: ["files"],
    example: "files:FOLDER?queue=NAME",
    broker: Files,
}

struct Files;

impl Broker for Files {
    fn consumer<'a>(
        &'a self,
        at: &'a Address,
        with: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        done(Ok(Arc::new(Queue::new(at, with.lease))))
    }

    fn producer<'a>(&'a self, at: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        done(Ok(Arc::new(Queue::new(at, Duration::ZERO))))
    }

    fn browser<'a>(&'a self, at: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        done(Ok(Box::new(Queue::new(at, Duration::ZERO))))
    }
}

struct Queue {
    folder: PathBuf,
    dead: PathBuf,
    lease: Duration,
    browsed: usize,
}

impl Queue {
    fn new(at: &Address, lease: Duration) -> Self {
        let folder = |at: &Address| PathBuf::from(at.path()).join(at.name());
        Self { folder: folder(at), dead: folder(&at.dead_letters()), lease, browsed: 0 }
    }

    /// The messages that are not done, in the order of their ids.
    fn messages(&self) -> Vec<Message> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        folders.sort();
        folders.into_iter().filter_map(Message::read).collect()
    }

    /// Sets failures and due time of a message, if this delivery still holds it.
    fn hold(&self, tag: &DeliveryTag, failures: Option<u32>, delay: Duration) -> Option<()> {
        let (key, deliveries) = tag.0.split_once(':')?;
        let old = Message::read(self.folder.join(key))
            .filter(|old| old.deliveries.to_string() == deliveries)?;
        let failures = failures.unwrap_or(old.failures);
        fs::rename(old.state(), Message { failures, due: now() + delay.as_millis(), ..old }.state())
            .ok()
    }

    /// Writes a message to a new folder, which gets its name when everything is on disk.
    fn put(queue: &Path, envelope: &Envelope) -> std::io::Result<()> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = queue.join(key(&envelope.id));
        let new = queue.with_extension(format!(
            "{}-{}.new",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        if !folder.exists() {
            fs::create_dir_all(queue).and_then(|()| fs::create_dir(&new))?;
            fs::write(new.join("message"), envelope.to_bytes())?;
            File::open(new.join("message"))?.sync_all()?;
            File::create(new.join("0.0.0")).and_then(|_| File::open(&new)?.sync_all())?;
            // It fails if another process was faster.
            fs::rename(&new, &folder).or_else(|error| {
                if folder.exists() { fs::remove_dir_all(&new) } else { Err(error) }
            })?;
        }
        File::open(queue)?.sync_all()
    }
}

impl Producer for Queue {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        done(
            envelopes
                .iter()
                .try_for_each(|envelope| Self::put(&self.folder, envelope))
                .map_err(failed),
        )
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        (!(1..=120).contains(&envelope.id.len()))
            .then(|| "its id has no or more than 120 bytes".to_owned())
    }
}

impl Consumer for Queue {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease)
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(async move {
            let (end, mut pulled) = (Instant::now() + wait, Vec::new());
            loop {
                for old in self.messages().into_iter().filter(|old| old.due <= now()).take(max) {
                    let (deliveries, due) = (old.deliveries + 1, now() + self.lease.as_millis());
                    let new = Message { deliveries, due, folder: old.folder.clone(), ..old };
                    if fs::rename(old.state(), new.state()).is_ok() {
                        let mut delivery =
                            Delivery::new(DeliveryTag(String::new()), new.envelope()?);
                        delivery.tag.0 = format!("{}:{deliveries}", key(&delivery.envelope.id));
                        (delivery.deliveries, delivery.failures) = (deliveries, new.failures);
                        pulled.push(delivery);
                    }
                }
                if !pulled.is_empty() || Instant::now() >= end {
                    return Ok(pulled);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        for key in tags.iter().filter_map(|tag| tag.0.split(':').next()) {
            // Its state may change meanwhile: a message whose lease has ended may be delivered.
            while let Some(message) = Message::read(self.folder.join(key)) {
                let _ = fs::remove_file(message.state());
            }
        }
        done(Ok(()))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        for nack in nacks {
            self.hold(&nack.tag, Some(nack.failures), nack.delay);
        }
        done(Ok(()))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            // Stored first, and then acknowledged.
            dead.iter()
                .try_for_each(|letter| Self::put(&self.dead, &letter.envelope))
                .map_err(failed)?;
            let tags: Vec<_> = dead.iter().map(|letter| letter.tag.clone()).collect();
            self.acknowledge(&tags).await
        })
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        for tag in tags {
            self.hold(tag, None, self.lease);
        }
        done(Ok(()))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        let (waiting, held): (Vec<_>, Vec<_>) =
            self.messages().into_iter().partition(|message| message.due == 0);
        done(Ok(Backlog::new(waiting.len() as u64, held.len() as u64)))
    }
}

impl Browser for Queue {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        let found: Result<Vec<_>> =
            self.messages().iter().skip(self.browsed).take(max).map(Message::envelope).collect();
        self.browsed += found.as_ref().map_or(0, Vec::len);
        done(found)
    }
}

fn done<'a, T: Send + 'a>(answer: Result<T>) -> BrokerFuture<'a, T> {
    Box::pin(std::future::ready(answer))
}
