//! A queue that is read from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::RequestErrorKind;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy};
use tokio::sync::Mutex;

use super::super::address::{Address, Reader};
use super::fetch::Fetcher;
use super::letters;
use super::link::Link;
use super::outbox::Outbox;
use super::settle::{is_forgetful, remains};
use super::stream::{self, word};
use super::ticket::{self, Origin};
use super::tries::Tries;
use crate::letter::Letter;
use crate::transport::{Abilities, Asked, Burial, Delivery, Left, Refusal, Source, Ticket};
use athena_core::error::{Error, Result};

/// No limit, where `JetStream` would have one.
const UNLIMITED: i64 = -1;

/// A subject, read by a group through a durable consumer.
pub(super) struct Queue {
    link: Arc<Link>,
    subject: String,
    consumer: String,
    lease: Duration,
    /// One fetch at a time.
    fetcher: Mutex<Fetcher>,
    /// The stream that was found last.
    stream: std::sync::Mutex<String>,
    tries: Tries,
    dead: Outbox,
    /// A fetch failed: stream and consumer may not be as they were.
    is_suspect: AtomicBool,
    /// When messages that the consumer has forgotten were looked for last.
    recalled: std::sync::Mutex<Instant>,
}

/// How often they are looked for: they may show only once other messages are done.
const RECALL: Duration = Duration::from_secs(30);

impl Queue {
    /// Connects; creates the stream and the consumer where there are none.
    pub(super) async fn open(address: &Address, reader: &Reader) -> Result<Self> {
        let link = Arc::new(Link::open(address).await?);
        let queue = Self {
            fetcher: Mutex::new(Fetcher::open(Arc::clone(&link), reader.lease).await?),
            subject: address.name.clone(),
            consumer: named(&reader.group, &address.name),
            lease: reader.lease,
            stream: std::sync::Mutex::default(),
            tries: Tries::new(Arc::clone(&link)),
            dead: Outbox::new(Arc::clone(&link), &address.beside("dead").name),
            is_suspect: AtomicBool::new(false),
            recalled: std::sync::Mutex::new(Instant::now()),
            link,
        };
        queue.restore().await?;
        queue.tidy(queue.info().await?).await?;
        Ok(queue)
    }

    /// Sees that stream and consumer are there, and the consumer as this reader wants it.
    async fn restore(&self) -> Result<()> {
        let stream = stream::find_or_create(&self.link, &self.subject).await?;
        let config = Config {
            durable_name: Some(self.consumer.clone()),
            description: Some("made by athena".to_owned()),
            filter_subject: self.subject.clone(),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.lease,
            max_deliver: UNLIMITED,
            // Those that wait to be tried again count as well.
            max_ack_pending: UNLIMITED,
            ..Config::default()
        };
        let created = self.link.jetstream.create_consumer_on_stream(config, &stream);
        let created = self.link.ask("create the consumer", created).await;
        created.map_err(|error| {
            let stream = &stream;
            error.help(format!(
                "the stream {stream} must allow a durable pull consumer on {}; one that keeps \
                 messages until they are acknowledged allows one group of readers only",
                self.subject
            ))
        })?;
        *self.stream() = stream;
        Ok(())
    }

    fn is_time_to_recall(&self) -> bool {
        let mut last = self.recalled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_time = last.elapsed() >= RECALL;
        if is_time {
            *last = Instant::now();
        }
        is_time
    }

    fn stream(&self) -> std::sync::MutexGuard<'_, String> {
        self.stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn next(&self, most: usize, wait: Duration) -> Result<Vec<Delivery>> {
        let mut fetcher = self.fetcher.lock().await;
        if self.is_suspect.load(Ordering::Relaxed) {
            self.restore().await?;
            self.tidy(self.info().await?).await?;
            self.is_suspect.store(false, Ordering::Relaxed);
        } else if self.is_time_to_recall() {
            self.recall(self.info().await?).await?;
        }
        let path = format!("{}.{}", self.stream(), self.consumer);
        let filled = fetcher.fill(&path, most, wait).await;
        // Old servers don't answer for a consumer that is gone, nor for one with remains.
        self.is_suspect.store(filled.is_err(), Ordering::Relaxed);
        filled?;
        let origins = |message: &async_nats::Message| {
            let origin = Origin::read(message.reply.as_deref()?)?;
            (origin.deliveries > 1).then(|| origin.key())
        };
        let again: Vec<Option<String>> = fetcher.peek(most).map(origins).collect();
        let known: Vec<String> = again.iter().flatten().cloned().collect();
        let mut tries = self.tries.read(&known).await?.into_iter();
        let tries = again.iter().map(|key| key.as_ref().and_then(|_| tries.next()).unwrap_or(0));
        Ok(fetcher
            .take(most)
            .zip(tries)
            .filter_map(|(message, tries)| delivery(message, tries))
            .collect())
    }

    /// Says the same of each.
    async fn say(&self, doing: &str, said: &[(&str, AckKind)]) -> Result<()> {
        let Some(((last, kind), before)) = said.split_last() else {
            return Ok(());
        };
        let client = &self.link.client;
        let said = async {
            for (subject, kind) in before {
                let sent = client.publish((*subject).to_owned(), (*kind).into()).await;
                sent.map_err(|error| error.to_string())?;
            }
            // A consumer takes them in one after the other: the answer to the last is for all.
            match client.request((*last).to_owned(), (*kind).into()).await {
                Ok(_) => Ok(()),
                // The consumer is gone, and with it what it knew.
                Err(error) if error.kind() == RequestErrorKind::NoResponders => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        };
        self.link.ask(doing, said).await
    }

    async fn say_to_all(&self, doing: &str, tickets: &[Ticket], kind: AckKind) -> Result<()> {
        let said: Vec<_> = tickets.iter().map(|ticket| (ticket::subject(ticket), kind)).collect();
        self.say(doing, &said).await
    }

    async fn done(&self, tickets: &[Ticket]) -> Result<()> {
        self.say_to_all("acknowledge", tickets, AckKind::Ack).await?;
        self.forget(tickets).await;
        Ok(())
    }

    async fn forget(&self, tickets: &[Ticket]) {
        let tried: Vec<String> = tickets.iter().filter_map(ticket::tried).collect();
        self.tries.forget(&tried).await;
    }

    async fn refuse_all(&self, refused: &[Refusal]) -> Result<()> {
        let key = |refusal: &Refusal| {
            let origin = Origin::read(ticket::subject(&refusal.ticket))?;
            // What never failed is not known, and nobody would forget it again.
            (refusal.tries > 0).then(|| (origin.key(), refusal.tries))
        };
        let tries: Vec<_> = refused.iter().filter_map(key).collect();
        self.tries.write(&tries).await?;
        let later = |refusal: &Refusal| AckKind::Nak(Some(refusal.delay));
        let said: Vec<_> = refused
            .iter()
            .map(|refusal| (ticket::subject(&refusal.ticket), later(refusal)))
            .collect();
        self.say("refuse", &said).await
    }

    async fn bury_all(&self, dead: &[Burial]) -> Result<()> {
        // Not known by the letter's id: one that is submitted again may die again.
        let known = |burial: &Burial| {
            let origin = Origin::read(ticket::subject(&burial.ticket));
            origin.map_or_else(|| burial.letter.id.clone(), |origin| origin.key())
        };
        let most = self.link.client.max_payload();
        let fitted: Vec<_> = dead
            .iter()
            .map(|burial| (known(burial), &burial.letter))
            .map(|(known, letter)| (letters::fitted(letter, &known, most), known))
            .collect();
        let letters: Vec<_> =
            fitted.iter().map(|(letter, known)| (&**letter, known.clone())).collect();
        self.dead.store_known(&letters).await?;
        let tickets: Vec<Ticket> = dead.iter().map(|burial| burial.ticket.clone()).collect();
        self.say_to_all("give up", &tickets, AckKind::Term).await?;
        self.forget(&tickets).await;
        Ok(())
    }

    async fn count(&self) -> Result<Left> {
        let info = self.info().await?;
        // Nothing is new, and what is held came again, or nothing is held: those may be remains.
        let may_be_remains =
            info.num_pending == 0 && (info.num_ack_pending == 0 || info.num_redelivered > 0);
        if may_be_remains { self.tidy(info).await } else { Ok(left(&info)) }
    }

    /// Mends what a killed server left behind, and counts what is really left.
    async fn tidy(&self, mut info: consumer::Info) -> Result<Left> {
        let gone = remains(&self.link, &info).await?;
        if !gone.is_empty() {
            let said: Vec<_> = gone.iter().map(|gone| (gone.as_str(), AckKind::Ack)).collect();
            self.say("acknowledge what is gone", &said).await?;
            info = self.info().await?;
        }
        self.recall(info).await.map(|info| left(&info))
    }

    /// Has messages that the consumer has forgotten handed out again.
    async fn recall(&self, info: consumer::Info) -> Result<consumer::Info> {
        if !is_forgetful(&self.link, &self.subject, &info).await? {
            return Ok(info);
        }
        // What others are at comes twice, and its outcome is known by its id. Better than never.
        let (consumer, stream) = (&self.consumer, self.stream().clone());
        let deleted = self.link.jetstream.delete_consumer_from_stream(consumer, &stream);
        // Another reader may have been faster.
        let _ = self.link.ask("make the consumer anew", deleted).await;
        self.restore().await?;
        self.info().await
    }

    async fn info(&self) -> Result<consumer::Info> {
        let stream = self.stream().clone();
        let found = async {
            let stream = self.link.jetstream.get_stream_no_info(stream).await;
            let stream = stream.map_err(|error| error.to_string())?;
            stream.consumer_info(&self.consumer).await.map_err(|error| error.to_string())
        };
        let found = self.link.ask("count", found).await;
        if found.is_err() {
            // The consumer may be gone.
            self.restore().await?;
        }
        found
    }
}

impl Source for Queue {
    fn abilities(&self) -> Abilities {
        Abilities { atomic: false, lease: self.lease }
    }

    fn pull(&self, most: usize, wait: Duration) -> Asked<'_, Vec<Delivery>> {
        Box::pin(self.next(most, wait))
    }

    fn acknowledge<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(self.done(tickets))
    }

    fn complete<'a>(&'a self, _: &'a [(Ticket, Letter)]) -> Asked<'a, ()> {
        let error = Error::failure("NATS does not store and acknowledge in one step");
        Box::pin(std::future::ready(Err(error)))
    }

    fn refuse<'a>(&'a self, refused: &'a [Refusal]) -> Asked<'a, ()> {
        Box::pin(self.refuse_all(refused))
    }

    fn bury<'a>(&'a self, dead: &'a [Burial]) -> Asked<'a, ()> {
        Box::pin(self.bury_all(dead))
    }

    fn keep_alive<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(self.say_to_all("keep", tickets, AckKind::Progress))
    }

    fn left(&self) -> Asked<'_, Left> {
        Box::pin(self.count())
    }
}

/// What the consumer of a group on a subject is called. A stream of many subjects has many.
fn named(group: &str, subject: &str) -> String {
    match group.strip_prefix("athena").unwrap_or(group) {
        "" => format!("athena-{}", word(subject)),
        group => format!("athena-{}-{}", word(group.trim_start_matches('-')), word(subject)),
    }
}

fn left(info: &consumer::Info) -> Left {
    Left { waiting: info.num_pending, held: info.num_ack_pending as u64 }
}

/// A message that came, with how often it failed; none for what is no message of a stream.
fn delivery(message: async_nats::Message, tries: u32) -> Option<Delivery> {
    let reply = message.reply?;
    let origin = Origin::read(&reply)?;
    let headers = message.headers.as_ref();
    let letter = letters::letter(headers, message.payload.into(), || origin.place());
    let deliveries = origin.deliveries;
    Some(Delivery { ticket: ticket::ticket(&reply, tries > 0), tries, deliveries, letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_is_named_after_group_and_subject() {
        assert_eq!(named("athena", "tasks.a"), "athena-tasks-a");
        assert_eq!(named("athena-nightly", "tasks"), "athena-nightly-tasks");
        assert_eq!(named("night ly", "tasks"), "athena-night-ly-tasks");
    }
}
