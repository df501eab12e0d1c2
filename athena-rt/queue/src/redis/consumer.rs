//! Consumes a stream as a member of a group.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::{Cmd, ConnectionInfo, Value};

use super::batch_sizer::BatchSizer;
use super::connection::{RedisConnection, Script, TIMEOUT};
use super::entry;
use super::error::RequestError;
use super::producer::ids;
use super::reclaim::ReclaimSchedule;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Backlog, BrokerFuture, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag, Nack,
};
use crate::envelope::Envelope;
use crate::warn_once::warn_once;

static OPEN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/open.lua")));
static RECLAIM: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/reclaim.lua")));
static HOLD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/hold.lua")));
static FINISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/finish.lua")));
static BACKLOG: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/backlog.lua")));

/// How long one request waits for new messages, so that reclaiming is not delayed.
const WAIT: Duration = Duration::from_millis(500);

/// After this time without requests, or twice the lease, a consumer without messages is removed.
const GONE: Duration = Duration::from_hours(1);

/// A stream that is read from, as one of a group.
pub(super) struct RedisConsumer {
    /// For requests that are answered at once.
    connection: RedisConnection,
    /// For requests that block: the broker answers in order.
    blocking: RedisConnection,
    redacted: String,
    key: String,
    /// The key of the failure counts.
    failures: String,
    dead: String,
    ids: [String; 2],
    to: Option<String>,
    group: String,
    name: String,
    lease: Duration,
    reclaim: Mutex<ReclaimSchedule>,
    batch_sizer: BatchSizer,
}

/// An entry that is done, and the envelope to store with that.
struct Finished<'a> {
    tag: &'a DeliveryTag,
    envelope: Option<&'a Envelope>,
}

/// An entry that stays pending: its new idle time, and its failure count if that changes.
struct Claim<'a> {
    tag: &'a DeliveryTag,
    idle: Duration,
    failures: Option<u32>,
}

impl RedisConsumer {
    /// `to` must be on the same server.
    pub(super) fn new(
        server: &ConnectionInfo,
        address: &Address,
        options: ConsumerOptions,
        name: String,
        to: Option<String>,
    ) -> Result<Self, RequestError> {
        let redacted = address.redacted.clone();
        Ok(Self {
            connection: RedisConnection::new(server, &redacted)?,
            blocking: RedisConnection::new(server, &redacted)?,
            redacted,
            key: address.name.clone(),
            failures: address.sibling(&format!("tries:{}", options.group)).name,
            dead: address.sibling("dead").name,
            ids: ids(address),
            to,
            group: options.group,
            name,
            lease: options.lease,
            reclaim: Mutex::new(ReclaimSchedule::new(options.lease)),
            batch_sizer: BatchSizer::new(),
        })
    }

    /// Creates the keys that are missing.
    pub(super) async fn open(&self) -> Result<(), RequestError> {
        let [ids, old] = &self.ids;
        let mut keys = vec![self.key.as_str(), &self.failures, ids, old, &self.dead];
        keys.extend(self.to.as_deref());
        let mut request = OPEN.request(&keys, 2, 0);
        request.arg(&self.group).arg(milliseconds(GONE.max(self.lease * 2)));
        self.connection.run(&OPEN, &request).await?;
        Ok(())
    }

    /// Warns that entries stay for other groups: nothing removes them later.
    pub(super) async fn warn_of_other_groups(&self) -> Result<(), RequestError> {
        let mut request = ::redis::cmd("XINFO");
        let answer = self.connection.send(request.arg("GROUPS").arg(&self.key), TIMEOUT).await?;
        let names = entry::parse_groups(answer);
        let others: Vec<String> = names.into_iter().filter(|name| *name != self.group).collect();
        if !others.is_empty() {
            let others = others.join(", ");
            warn_once(format!(
                "{}: other consumer groups read this stream ({others}): a message that they have not \
                 acknowledged when it is done here stays in the stream, and is not removed later",
                self.redacted
            ));
        }
        Ok(())
    }

    pub(super) fn connection(&self) -> &RedisConnection {
        &self.connection
    }

    /// Runs a script. If the group is gone, with data that the broker lost or a stream that was
    /// deleted, it is created again.
    async fn run(&self, script: &Script, request: &Cmd) -> Result<Value, RequestError> {
        match self.connection.run(script, request).await {
            Err(error) if error.is_missing_group => {
                self.open().await?;
                self.connection.run(script, request).await
            }
            answer => answer,
        }
    }

    async fn next(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, RequestError> {
        let end = Instant::now() + wait;
        loop {
            let now = Instant::now();
            let begin = self.reclaim().begin(now);
            if let Some(cursor) = begin {
                let max = self.batch_sizer.limit(max);
                let taken = self.reclaim_idle(max, &cursor).await;
                self.batch_sizer.learn(max, &taken);
                let taken = taken?;
                if !taken.is_empty() {
                    return Ok(taken);
                }
            }
            let now = Instant::now();
            let wait = end.saturating_duration_since(now).min(self.reclaim().wait(now)).min(WAIT);
            let max = self.batch_sizer.limit(max);
            let read = self.read(max, wait).await;
            self.batch_sizer.learn(max, &read);
            let read = read?;
            if !read.is_empty() || Instant::now() >= end {
                return Ok(read);
            }
        }
    }

    async fn reclaim_idle(&self, max: usize, cursor: &str) -> Result<Vec<Delivery>, RequestError> {
        let mut request = RECLAIM.request(&[&self.key, &self.failures], 5, 0);
        request.arg(&self.group).arg(&self.name).arg(milliseconds(self.lease));
        request.arg(cursor).arg(max);
        let answer = self.run(&RECLAIM, &request).await?;
        let (cursor, taken) = entry::parse_claimed(answer)
            .ok_or_else(|| RequestError::unexpected_reply(&self.redacted))?;
        self.reclaim().end(cursor, !taken.is_empty(), Instant::now());
        Ok(taken)
    }

    async fn read(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, RequestError> {
        let mut request = ::redis::cmd("XREADGROUP");
        request.arg("GROUP").arg(&self.group).arg(&self.name).arg("COUNT").arg(max);
        // To the broker, zero means no limit.
        let wait = milliseconds(wait);
        if wait > 0 {
            request.arg("BLOCK").arg(wait);
        }
        request.arg("STREAMS").arg(&self.key).arg(">");
        let answer = match self.blocking.send(&request, TIMEOUT + WAIT).await {
            Err(error) if error.is_missing_group => {
                self.open().await?;
                self.blocking.send(&request, TIMEOUT + WAIT).await?
            }
            answer => answer?,
        };
        entry::parse_read(answer).ok_or_else(|| RequestError::unexpected_reply(&self.redacted))
    }

    /// Acknowledges entries, and stores the envelopes of those that nobody else had acknowledged.
    async fn finish(&self, done: &[Finished<'_>], to: Option<&str>) -> Result<(), RequestError> {
        let size = |done: &Finished<'_>| done.envelope.map_or(64, entry::size);
        for done in entry::chunks_within_limits(done, size) {
            let mut keys = vec![self.key.as_str(), &self.failures];
            keys.extend(to);
            let bytes = done.iter().map(size).sum();
            let mut request = FINISH.request(&keys, 1 + 16 * done.len(), bytes);
            request.arg(&self.group);
            for Finished { tag, envelope } in done {
                request.arg(entry::tag_parts(tag).0);
                match envelope {
                    Some(envelope) => entry::write(&mut request, envelope),
                    None => _ = request.arg(0),
                }
            }
            self.run(&FINISH, &request).await?;
        }
        Ok(())
    }

    async fn hold(&self, claims: &[Claim<'_>]) -> Result<(), RequestError> {
        for claims in entry::chunks_within_limits(claims, |_| 64) {
            let keys = [self.key.as_str(), &self.failures];
            let mut request = HOLD.request(&keys, 2 + 4 * claims.len(), 64 * claims.len());
            request.arg(&self.group).arg(&self.name);
            for Claim { tag, idle, failures } in claims {
                let (id, delivery) = entry::tag_parts(tag);
                request.arg(id).arg(delivery).arg(milliseconds(*idle));
                match failures {
                    Some(failures) => request.arg(failures),
                    None => request.arg(""),
                };
            }
            self.run(&HOLD, &request).await?;
        }
        Ok(())
    }

    async fn count(&self) -> Result<Backlog, RequestError> {
        let mut request = BACKLOG.request(&[&self.key], 1, 0);
        request.arg(&self.group);
        let answer = self.run(&BACKLOG, &request).await?;
        entry::parse_backlog(answer).ok_or_else(|| RequestError::unexpected_reply(&self.redacted))
    }

    fn reclaim(&self) -> std::sync::MutexGuard<'_, ReclaimSchedule> {
        self.reclaim.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Consumer for RedisConsumer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease).with_atomic(self.to.is_some())
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(async move { self.next(max, wait).await.map_err(RequestError::into_error) })
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            let done = |tag| Finished { tag, envelope: None };
            let done: Vec<_> = tags.iter().map(done).collect();
            self.finish(&done, None).await.map_err(RequestError::into_error)
        })
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            let to = self
                .to
                .as_deref()
                .ok_or_else(|| RequestError::other_broker(&self.redacted).into_error())?;
            let done: Vec<_> = done
                .iter()
                .map(|(tag, envelope)| Finished { tag, envelope: Some(envelope) })
                .collect();
            self.finish(&done, Some(to)).await.map_err(RequestError::into_error)
        })
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            let claims = |nack: &'a Nack| Claim {
                tag: &nack.tag,
                idle: self.lease.saturating_sub(nack.delay),
                failures: Some(nack.failures),
            };
            let claims: Vec<_> = nacks.iter().map(claims).collect();
            self.hold(&claims).await.map_err(RequestError::into_error)?;
            let now = Instant::now();
            for nack in nacks {
                self.reclaim().expect(now + nack.delay.min(self.lease));
            }
            Ok(())
        })
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            let done = |dead_letter: &'a DeadLetter| Finished {
                tag: &dead_letter.tag,
                envelope: Some(&dead_letter.envelope),
            };
            let done: Vec<_> = dead.iter().map(done).collect();
            self.finish(&done, Some(&self.dead)).await.map_err(RequestError::into_error)
        })
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            let claims = |tag| Claim { tag, idle: Duration::ZERO, failures: None };
            let claims: Vec<_> = tags.iter().map(claims).collect();
            self.hold(&claims).await.map_err(RequestError::into_error)
        })
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        Box::pin(async { self.count().await.map_err(RequestError::into_error) })
    }
}

/// Rounded up, so that a short time does not become zero.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}
