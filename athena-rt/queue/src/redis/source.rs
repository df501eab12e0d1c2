//! A stream that is read from, as one of a group.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::{Cmd, ConnectionInfo, Value};

use super::entry;
use super::fault::Fault;
use super::link::{Link, PATIENCE, Script};
use super::overdue::Overdue;
use super::portion::Portion;
use super::sink::ids;
use crate::address::{Address, Reader};
use crate::letter::Letter;
use crate::transport::{Abilities, Asked, Burial, Delivery, Left, Refusal, Source, Ticket};

static OPEN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/open.lua")));
static TAKE_OVER: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/take_over.lua")));
static HOLD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/hold.lua")));
static FINISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/finish.lua")));
static LEFT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/left.lua")));

/// How long one request waits for messages, so that those to be tried again are not forgotten.
const WAIT: Duration = Duration::from_millis(500);

/// A reader that holds nothing and did not ask for so long is gone, unless the lease is longer.
const GONE: Duration = Duration::from_hours(1);

/// A stream that is read from, as one of a group.
pub(super) struct Group {
    /// For what takes no time.
    link: Link,
    /// For what waits: the broker answers in order.
    waiting: Link,
    shown: String,
    key: String,
    /// How often entries have failed.
    tries: String,
    dead: String,
    ids: [String; 2],
    to: Option<String>,
    group: String,
    reader: String,
    lease: Duration,
    overdue: Mutex<Overdue>,
    portion: Portion,
}

/// An entry that is done, and what is to be stored with that.
struct Done<'a> {
    ticket: &'a Ticket,
    letter: Option<&'a Letter>,
}

/// An entry that stays, how long it is to seem idle, and how often it failed, if that is to be noted.
struct Held<'a> {
    ticket: &'a Ticket,
    idle: Duration,
    tries: Option<u32>,
}

impl Group {
    /// Where outcomes go must be at the same server, if it is given.
    pub(super) fn new(
        server: &ConnectionInfo,
        address: &Address,
        reader: Reader,
        name: String,
        to: Option<String>,
    ) -> Result<Self, Fault> {
        let shown = address.shown.clone();
        Ok(Self {
            link: Link::new(server, &shown)?,
            waiting: Link::new(server, &shown)?,
            shown,
            key: address.name.clone(),
            tries: address.beside(&format!("tries:{}", reader.group)).name,
            dead: address.beside("dead").name,
            ids: ids(address),
            to,
            group: reader.group,
            reader: name,
            lease: reader.lease,
            overdue: Mutex::new(Overdue::new(reader.lease)),
            portion: Portion::new(),
        })
    }

    /// Creates what is missing.
    pub(super) async fn open(&self) -> Result<(), Fault> {
        let [ids, old] = &self.ids;
        let mut keys = vec![self.key.as_str(), &self.tries, ids, old, &self.dead];
        keys.extend(self.to.as_deref());
        let mut request = OPEN.request(&keys, 2, 0);
        request.arg(&self.group).arg(milliseconds(GONE.max(self.lease * 2)));
        self.link.run(&OPEN, &request).await?;
        Ok(())
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Runs a script. The group may be gone with what the broker lost, or with a stream that was
    /// deleted: it is created again.
    async fn run(&self, script: &Script, request: &Cmd) -> Result<Value, Fault> {
        match self.link.run(script, request).await {
            Err(fault) if fault.is_no_group => {
                self.open().await?;
                self.link.run(script, request).await
            }
            answer => answer,
        }
    }

    async fn next(&self, most: usize, wait: Duration) -> Result<Vec<Delivery>, Fault> {
        let end = Instant::now() + wait;
        loop {
            let now = Instant::now();
            let begin = self.overdue().begin(now);
            if let Some(cursor) = begin {
                let most = self.portion.of(most);
                let taken = self.take_over(most, &cursor).await;
                self.portion.learn(most, &taken);
                let taken = taken?;
                if !taken.is_empty() {
                    return Ok(taken);
                }
            }
            let now = Instant::now();
            let wait = end.saturating_duration_since(now).min(self.overdue().wait(now)).min(WAIT);
            let most = self.portion.of(most);
            let read = self.read(most, wait).await;
            self.portion.learn(most, &read);
            let read = read?;
            if !read.is_empty() || Instant::now() >= end {
                return Ok(read);
            }
        }
    }

    async fn take_over(&self, most: usize, cursor: &str) -> Result<Vec<Delivery>, Fault> {
        let mut request = TAKE_OVER.request(&[&self.key, &self.tries], 5, 0);
        request.arg(&self.group).arg(&self.reader).arg(milliseconds(self.lease));
        request.arg(cursor).arg(most);
        let answer = self.run(&TAKE_OVER, &request).await?;
        let (cursor, taken) = entry::taken_over(answer).ok_or_else(|| Fault::odd(&self.shown))?;
        self.overdue().end(cursor, !taken.is_empty(), Instant::now());
        Ok(taken)
    }

    async fn read(&self, most: usize, wait: Duration) -> Result<Vec<Delivery>, Fault> {
        let mut request = ::redis::cmd("XREADGROUP");
        request.arg("GROUP").arg(&self.group).arg(&self.reader).arg("COUNT").arg(most);
        // To wait for nothing is, to the broker, to wait for ever.
        let wait = milliseconds(wait);
        if wait > 0 {
            request.arg("BLOCK").arg(wait);
        }
        request.arg("STREAMS").arg(&self.key).arg(">");
        let answer = match self.waiting.ask(&request, PATIENCE + WAIT).await {
            Err(fault) if fault.is_no_group => {
                self.open().await?;
                self.waiting.ask(&request, PATIENCE + WAIT).await?
            }
            answer => answer?,
        };
        entry::read(answer).ok_or_else(|| Fault::odd(&self.shown))
    }

    /// Acknowledges, and stores what is to be stored for those that nobody else had acknowledged.
    async fn finish(&self, done: &[Done<'_>], to: Option<&str>) -> Result<(), Fault> {
        let size = |done: &Done<'_>| done.letter.map_or(64, entry::size);
        for done in entry::pieces(done, size) {
            let mut keys = vec![self.key.as_str(), &self.tries];
            keys.extend(to);
            let bytes = done.iter().map(size).sum();
            let mut request = FINISH.request(&keys, 1 + 16 * done.len(), bytes);
            request.arg(&self.group);
            for Done { ticket, letter } in done {
                request.arg(entry::parts(ticket).0);
                match letter {
                    Some(letter) => entry::write(&mut request, letter),
                    None => _ = request.arg(0),
                }
            }
            self.run(&FINISH, &request).await?;
        }
        Ok(())
    }

    async fn hold(&self, held: &[Held<'_>]) -> Result<(), Fault> {
        for held in entry::pieces(held, |_| 64) {
            let keys = [self.key.as_str(), &self.tries];
            let mut request = HOLD.request(&keys, 2 + 4 * held.len(), 64 * held.len());
            request.arg(&self.group).arg(&self.reader);
            for Held { ticket, idle, tries } in held {
                let (id, delivery) = entry::parts(ticket);
                request.arg(id).arg(delivery).arg(milliseconds(*idle));
                match tries {
                    Some(tries) => request.arg(tries),
                    None => request.arg(""),
                };
            }
            self.run(&HOLD, &request).await?;
        }
        Ok(())
    }

    async fn count(&self) -> Result<Left, Fault> {
        let mut request = LEFT.request(&[&self.key], 1, 0);
        request.arg(&self.group);
        let answer = self.run(&LEFT, &request).await?;
        entry::left(answer).ok_or_else(|| Fault::odd(&self.shown))
    }

    fn overdue(&self) -> std::sync::MutexGuard<'_, Overdue> {
        self.overdue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Group {
    fn abilities(&self) -> Abilities {
        Abilities { atomic: self.to.is_some(), lease: self.lease }
    }

    fn pull(&self, most: usize, wait: Duration) -> Asked<'_, Vec<Delivery>> {
        Box::pin(async move { self.next(most, wait).await.map_err(Fault::told) })
    }

    fn acknowledge<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(async {
            let done = |ticket| Done { ticket, letter: None };
            let done: Vec<_> = tickets.iter().map(done).collect();
            self.finish(&done, None).await.map_err(Fault::told)
        })
    }

    fn complete<'a>(&'a self, done: &'a [(Ticket, Letter)]) -> Asked<'a, ()> {
        Box::pin(async {
            let to = self.to.as_deref().ok_or_else(|| Fault::apart(&self.shown).told())?;
            let done: Vec<_> =
                done.iter().map(|(ticket, letter)| Done { ticket, letter: Some(letter) }).collect();
            self.finish(&done, Some(to)).await.map_err(Fault::told)
        })
    }

    fn refuse<'a>(&'a self, refused: &'a [Refusal]) -> Asked<'a, ()> {
        Box::pin(async move {
            let held = |refusal: &'a Refusal| Held {
                ticket: &refusal.ticket,
                idle: self.lease.saturating_sub(refusal.delay),
                tries: Some(refusal.tries),
            };
            let held: Vec<_> = refused.iter().map(held).collect();
            self.hold(&held).await.map_err(Fault::told)?;
            let now = Instant::now();
            for refusal in refused {
                self.overdue().expect(now + refusal.delay.min(self.lease));
            }
            Ok(())
        })
    }

    fn bury<'a>(&'a self, dead: &'a [Burial]) -> Asked<'a, ()> {
        Box::pin(async {
            let done =
                |burial: &'a Burial| Done { ticket: &burial.ticket, letter: Some(&burial.letter) };
            let done: Vec<_> = dead.iter().map(done).collect();
            self.finish(&done, Some(&self.dead)).await.map_err(Fault::told)
        })
    }

    fn keep_alive<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(async {
            let held = |ticket| Held { ticket, idle: Duration::ZERO, tries: None };
            let held: Vec<_> = tickets.iter().map(held).collect();
            self.hold(&held).await.map_err(Fault::told)
        })
    }

    fn left(&self) -> Asked<'_, Left> {
        Box::pin(async { self.count().await.map_err(Fault::told) })
    }
}

/// Rounded up: what is a little must not become nothing.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}
