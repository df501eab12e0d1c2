//! A broker in memory for tests, which can be made to forget, redeliver and fail.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::broker::{
    Backlog, BrokerFuture, Browser, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag,
    Nack, Producer,
};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// A stream of envelopes: a [`Producer`] on one side, a [`Consumer`] on the other. All handles
/// belong to the same group.
pub(crate) struct MemoryBroker {
    state: Mutex<MemoryState>,
    /// Notified when a message was stored or its lease ended.
    changed: Notify,
    /// Where [`Consumer::complete`] stores.
    to: Option<Arc<MemoryBroker>>,
}

#[derive(Default)]
struct MemoryState {
    /// The number of the last message. A message's number is its delivery tag.
    last: u64,
    /// Messages to deliver.
    waiting: VecDeque<u64>,
    /// Delivered messages, in order of delivery.
    held: Vec<u64>,
    /// Messages to redeliver, and when.
    later: Vec<(Instant, u64)>,
    /// All messages that are not done.
    messages: BTreeMap<u64, StoredMessage>,
    /// The ids of everything ever stored.
    ids: HashSet<String>,
    dead: Vec<Envelope>,
    kept_alive: u64,
    /// How many more requests fail, and whether they take effect nevertheless.
    failing: Option<(u32, bool)>,
}

#[derive(Clone)]
struct StoredMessage {
    envelope: Envelope,
    failures: u32,
    deliveries: u32,
}

impl MemoryBroker {
    /// A stream that can't store and acknowledge in one step.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Notify::new(), to: None })
    }

    /// A stream whose outcomes go to another in the step that acknowledges.
    pub(crate) fn completing(to: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Notify::new(), to: Some(Arc::clone(to)) })
    }

    /// Ends all leases: the messages are redelivered first.
    pub(crate) fn expire(&self) {
        let mut state = self.state();
        for number in std::mem::take(&mut state.held).into_iter().rev() {
            state.waiting.push_front(number);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Makes the next requests fail without effect.
    pub(crate) fn fail_next(&self, requests: u32) {
        self.state().failing = Some((requests, false));
    }

    /// Makes the next requests take effect and lose their answers.
    pub(crate) fn lose_next(&self, requests: u32) {
        self.state().failing = Some((requests, true));
    }

    /// The envelopes that are not done, in the order they were stored.
    pub(crate) fn envelopes(&self) -> Vec<Envelope> {
        self.state().messages.values().map(|held| held.envelope.clone()).collect()
    }

    /// Browses the messages that are not done.
    pub(crate) fn browser(&self) -> MemoryBrowser<'_> {
        MemoryBrowser(self, 0)
    }

    /// The dead letters.
    pub(crate) fn dead(&self) -> Vec<Envelope> {
        self.state().dead.clone()
    }

    /// How many leases were extended.
    pub(crate) fn kept_alive(&self) -> u64 {
        self.state().kept_alive
    }

    fn state(&self) -> MutexGuard<'_, MemoryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a request and returns its answer, unless it is to fail or to lose its answer.
    fn apply<T>(&self, request: impl FnOnce(&mut MemoryState) -> T) -> Result<T> {
        let away = || Err(Error::failure("the broker is away"));
        let mut state = self.state();
        let done = match &mut state.failing {
            Some((left @ 1.., is_done)) => {
                *left -= 1;
                if *is_done {
                    request(&mut state);
                }
                return away();
            }
            _ => request(&mut state),
        };
        Ok(done)
    }
}

impl MemoryState {
    fn store(&mut self, envelopes: &[Envelope]) {
        for envelope in envelopes {
            if !envelope.id.is_empty() && !self.ids.insert(envelope.id.clone()) {
                continue;
            }
            self.last += 1;
            let held = StoredMessage { envelope: envelope.clone(), failures: 0, deliveries: 0 };
            self.messages.insert(self.last, held);
            self.waiting.push_back(self.last);
        }
    }

    fn pull(&mut self, max: usize) -> Vec<Delivery> {
        let now = Instant::now();
        let (due, later) =
            std::mem::take(&mut self.later).into_iter().partition(|(at, _)| *at <= now);
        self.later = later;
        let due: Vec<(Instant, u64)> = due;
        self.waiting.extend(due.into_iter().map(|(_, number)| number));
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(number) = self.waiting.pop_front() else { break };
            // It may have been done by a consumer whose lease had ended.
            let Some(held) = self.messages.get_mut(&number) else { continue };
            held.deliveries += 1;
            self.held.push(number);
            taken.push(Delivery {
                tag: DeliveryTag(number.to_string()),
                failures: held.failures,
                deliveries: held.deliveries,
                envelope: held.envelope.clone(),
            });
        }
        taken
    }

    /// Removes a message. Returns whether it was there.
    fn remove(&mut self, tag: &DeliveryTag) -> bool {
        let number = number(tag);
        self.held.retain(|held| *held != number);
        self.waiting.retain(|waiting| *waiting != number);
        self.later.retain(|(_, later)| *later != number);
        self.messages.remove(&number).is_some()
    }
}

impl Consumer for MemoryBroker {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Duration::from_mins(1)).with_atomic(self.to.is_some())
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(async move {
            let until = Instant::now() + wait;
            loop {
                let changed = self.changed.notified();
                let taken = self.apply(|state| state.pull(max))?;
                if !taken.is_empty() || Instant::now() >= until {
                    return Ok(taken);
                }
                // Redeliveries are not notified.
                let step = Duration::from_millis(5).min(until - Instant::now());
                let _ = timeout(step, changed).await;
            }
        })
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            self.apply(|state| {
                for tag in tags {
                    state.remove(tag);
                }
            })
        })
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            let to = self.to.as_ref().ok_or_else(|| Error::failure("this broker is not atomic"))?;
            self.apply(|state| {
                for (tag, envelope) in done {
                    if state.remove(tag) {
                        to.state().store(std::slice::from_ref(envelope));
                    }
                }
            })?;
            to.changed.notify_waiters();
            Ok(())
        })
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            self.apply(|state| {
                for nack in nacks {
                    let number = number(&nack.tag);
                    let Some(at) = state.held.iter().position(|held| *held == number) else {
                        continue;
                    };
                    state.held.remove(at);
                    if let Some(held) = state.messages.get_mut(&number) {
                        held.failures = nack.failures;
                    }
                    state.later.push((Instant::now() + nack.delay, number));
                }
            })
        })
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            self.apply(|state| {
                for dead_letter in dead {
                    if state.remove(&dead_letter.tag) {
                        state.dead.push(dead_letter.envelope.clone());
                    }
                }
            })
        })
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(async move { self.apply(|state| state.kept_alive += tags.len() as u64) })
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        Box::pin(async move {
            self.apply(|state| Backlog {
                waiting: state.waiting.len() as u64,
                in_flight: (state.held.len() + state.later.len()) as u64,
            })
        })
    }
}

impl Producer for MemoryBroker {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            let stored = self.apply(|state| state.store(envelopes));
            self.changed.notify_waiters();
            stored
        })
    }
}

/// Browses the messages that are not done, from the oldest.
pub(crate) struct MemoryBrowser<'a>(&'a MemoryBroker, u64);

impl Browser for MemoryBrowser<'_> {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move {
            let Self(memory, after) = self;
            memory.apply(|state| {
                let rest = state.messages.range(*after + 1..).take(max);
                let found: Vec<(u64, Envelope)> =
                    rest.map(|(number, held)| (*number, held.envelope.clone())).collect();
                *after = found.last().map_or(*after, |(number, _)| *number);
                found.into_iter().map(|(_, envelope)| envelope).collect()
            })
        })
    }
}

fn number(tag: &DeliveryTag) -> u64 {
    tag.0.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::block_on;

    fn envelopes(count: u32) -> Vec<Envelope> {
        (1..=count).map(|id| Envelope { id: id.to_string(), ..Envelope::default() }).collect()
    }

    async fn pull_summaries(memory: &MemoryBroker) -> Vec<(String, u32, u32)> {
        let taken = memory.pull(9, Duration::ZERO).await.unwrap_or_default();
        taken.into_iter().map(|one| (one.envelope.id, one.failures, one.deliveries)).collect()
    }

    #[test]
    fn expired_and_nacked_messages_are_redelivered_and_dead_letters_are_not() {
        let memory = MemoryBroker::new();
        block_on(async {
            memory.store(&envelopes(3)).await?;
            memory.store(&envelopes(2)).await?;
            let all = memory.pull(9, Duration::ZERO).await?;
            assert_eq!(memory.backlog().await?, Backlog { waiting: 0, in_flight: 3 });
            let [first, second, third] = &all[..] else { panic!("three, each once") };
            memory.keep_alive(std::slice::from_ref(&first.tag)).await?;
            assert_eq!(memory.kept_alive(), 1);
            let (tag, id) = (second.tag.clone(), "2".to_owned());
            memory.nack(&[Nack { tag, id, failures: 4, delay: Duration::ZERO }]).await?;
            let (tag, envelope) = (third.tag.clone(), third.envelope.clone());
            memory.dead_letter(&[DeadLetter { tag, envelope }]).await?;
            assert_eq!(memory.dead(), std::slice::from_ref(&third.envelope));
            memory.expire();
            let wanted = [("1".to_owned(), 0, 2), ("2".to_owned(), 4, 2)];
            assert_eq!(pull_summaries(&memory).await, wanted);
            memory.acknowledge(&[first.tag.clone(), second.tag.clone()]).await?;
            memory.expire();
            assert_eq!(pull_summaries(&memory).await, []);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn of_two_consumers_that_hold_a_message_one_stores() {
        let to = MemoryBroker::new();
        let from = MemoryBroker::completing(&to);
        block_on(async {
            from.store(&envelopes(1)).await?;
            let one = from.pull(1, Duration::ZERO).await?.swap_remove(0);
            from.expire();
            let other = from.pull(1, Duration::ZERO).await?.swap_remove(0);
            for (tag, id) in [(one.tag, "one"), (other.tag, "other")] {
                let outcome = Envelope { id: id.to_owned(), ..Envelope::default() };
                from.complete(&[(tag, outcome)]).await?;
            }
            assert_eq!(to.envelopes().len(), 1);
            assert_eq!(from.envelopes(), []);
            Ok(())
        })
        .unwrap();
    }
}
