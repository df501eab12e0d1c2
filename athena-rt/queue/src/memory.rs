//! A broker in memory, for tests: what it forgets, gives twice or fails at is in the test's hand.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::letter::Letter;
use crate::transport::{
    Abilities, Asked, Burial, Delivery, Left, Refusal, Shelf, Sink, Source, Ticket,
};
use athena_core::error::{Error, Result};

/// A stream of letters: a [`Sink`] on one side, a [`Source`] on the other. Every
/// handle is a reader of the same group.
pub(crate) struct Memory {
    state: Mutex<State>,
    /// Something came, or is to come again.
    news: Notify,
    /// Where [`Source::complete`] stores.
    to: Option<Arc<Memory>>,
}

#[derive(Default)]
struct State {
    /// The number of the last message, which is its ticket.
    last: u64,
    /// What nobody has taken.
    waiting: VecDeque<u64>,
    /// What some reader has, in the order it was taken.
    held: Vec<u64>,
    /// What comes again, and when.
    later: Vec<(Instant, u64)>,
    /// What is not done yet.
    messages: BTreeMap<u64, Held>,
    /// The ids of all that was ever stored.
    ids: HashSet<String>,
    dead: Vec<Letter>,
    kept_alive: u64,
    /// How many requests fail yet, and whether they are done nevertheless.
    failing: Option<(u32, bool)>,
}

#[derive(Clone)]
struct Held {
    letter: Letter,
    tries: u32,
    deliveries: u32,
}

impl Memory {
    /// A stream that can't store and acknowledge in one step.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), news: Notify::new(), to: None })
    }

    /// A stream whose outcomes go to another in the step that acknowledges.
    pub(crate) fn completing(to: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), news: Notify::new(), to: Some(Arc::clone(to)) })
    }

    /// The leases of all that is held end: it comes again, first of all.
    pub(crate) fn expire(&self) {
        let mut state = self.state();
        for number in std::mem::take(&mut state.held).into_iter().rev() {
            state.waiting.push_front(number);
        }
        drop(state);
        self.news.notify_waiters();
    }

    /// The next so many requests fail, and nothing is done.
    pub(crate) fn fail_next(&self, requests: u32) {
        self.state().failing = Some((requests, false));
    }

    /// The next so many requests are done, and their answers lost.
    pub(crate) fn lose_next(&self, requests: u32) {
        self.state().failing = Some((requests, true));
    }

    /// What is not done yet, in the order it was stored.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.state().messages.values().map(|held| held.letter.clone()).collect()
    }

    /// Opens it to look at.
    pub(crate) fn shelf(&self) -> Look<'_> {
        Look(self, 0)
    }

    /// What was given up.
    pub(crate) fn dead(&self) -> Vec<Letter> {
        self.state().dead.clone()
    }

    /// How many messages were said to be worked on, each as often as it was.
    pub(crate) fn kept_alive(&self) -> u64 {
        self.state().kept_alive
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what is asked, unless it is to fail; and says so, unless the answer is to be lost.
    fn ask<T>(&self, what: impl FnOnce(&mut State) -> T) -> Result<T> {
        let away = || Err(Error::failure("the broker is away"));
        let mut state = self.state();
        let done = match &mut state.failing {
            Some((left @ 1.., is_done)) => {
                *left -= 1;
                if *is_done {
                    what(&mut state);
                }
                return away();
            }
            _ => what(&mut state),
        };
        Ok(done)
    }
}

impl State {
    fn store(&mut self, letters: &[Letter]) {
        for letter in letters {
            if !letter.id.is_empty() && !self.ids.insert(letter.id.clone()) {
                continue;
            }
            self.last += 1;
            let held = Held { letter: letter.clone(), tries: 0, deliveries: 0 };
            self.messages.insert(self.last, held);
            self.waiting.push_back(self.last);
        }
    }

    fn pull(&mut self, most: usize) -> Vec<Delivery> {
        let now = Instant::now();
        let (due, later) =
            std::mem::take(&mut self.later).into_iter().partition(|(at, _)| *at <= now);
        self.later = later;
        let due: Vec<(Instant, u64)> = due;
        self.waiting.extend(due.into_iter().map(|(_, number)| number));
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(number) = self.waiting.pop_front() else { break };
            // It may have been done by a reader whose lease had ended.
            let Some(held) = self.messages.get_mut(&number) else { continue };
            held.deliveries += 1;
            self.held.push(number);
            taken.push(Delivery {
                ticket: Ticket(number.to_string()),
                tries: held.tries,
                deliveries: held.deliveries,
                letter: held.letter.clone(),
            });
        }
        taken
    }

    /// Removes a message, if it was there.
    fn remove(&mut self, ticket: &Ticket) -> bool {
        let number = number(ticket);
        self.held.retain(|held| *held != number);
        self.waiting.retain(|waiting| *waiting != number);
        self.later.retain(|(_, later)| *later != number);
        self.messages.remove(&number).is_some()
    }
}

impl Source for Memory {
    fn abilities(&self) -> Abilities {
        Abilities { atomic: self.to.is_some(), lease: Duration::from_mins(1) }
    }

    fn pull(&self, most: usize, wait: Duration) -> Asked<'_, Vec<Delivery>> {
        Box::pin(async move {
            let until = Instant::now() + wait;
            loop {
                let news = self.news.notified();
                let taken = self.ask(|state| state.pull(most))?;
                if !taken.is_empty() || Instant::now() >= until {
                    return Ok(taken);
                }
                // What comes later comes without news.
                let step = Duration::from_millis(5).min(until - Instant::now());
                let _ = timeout(step, news).await;
            }
        })
    }

    fn acknowledge<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(async move {
            self.ask(|state| {
                for ticket in tickets {
                    state.remove(ticket);
                }
            })
        })
    }

    fn complete<'a>(&'a self, done: &'a [(Ticket, Letter)]) -> Asked<'a, ()> {
        Box::pin(async move {
            let to = self.to.as_ref().ok_or_else(|| Error::failure("this broker is not atomic"))?;
            self.ask(|state| {
                for (ticket, letter) in done {
                    if state.remove(ticket) {
                        to.state().store(std::slice::from_ref(letter));
                    }
                }
            })?;
            to.news.notify_waiters();
            Ok(())
        })
    }

    fn refuse<'a>(&'a self, refused: &'a [Refusal]) -> Asked<'a, ()> {
        Box::pin(async move {
            self.ask(|state| {
                for refusal in refused {
                    let number = number(&refusal.ticket);
                    let Some(at) = state.held.iter().position(|held| *held == number) else {
                        continue;
                    };
                    state.held.remove(at);
                    if let Some(held) = state.messages.get_mut(&number) {
                        held.tries = refusal.tries;
                    }
                    state.later.push((Instant::now() + refusal.delay, number));
                }
            })
        })
    }

    fn bury<'a>(&'a self, dead: &'a [Burial]) -> Asked<'a, ()> {
        Box::pin(async move {
            self.ask(|state| {
                for burial in dead {
                    if state.remove(&burial.ticket) {
                        state.dead.push(burial.letter.clone());
                    }
                }
            })
        })
    }

    fn keep_alive<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()> {
        Box::pin(async move { self.ask(|state| state.kept_alive += tickets.len() as u64) })
    }

    fn left(&self) -> Asked<'_, Left> {
        Box::pin(async move {
            self.ask(|state| Left {
                waiting: state.waiting.len() as u64,
                held: (state.held.len() + state.later.len()) as u64,
            })
        })
    }
}

impl Sink for Memory {
    fn store<'a>(&'a self, letters: &'a [Letter]) -> Asked<'a, ()> {
        Box::pin(async move {
            let stored = self.ask(|state| state.store(letters));
            self.news.notify_waiters();
            stored
        })
    }
}

/// What is not done, from its oldest.
pub(crate) struct Look<'a>(&'a Memory, u64);

impl Shelf for Look<'_> {
    fn next(&mut self, most: usize) -> Asked<'_, Vec<Letter>> {
        Box::pin(async move {
            let Self(memory, after) = self;
            memory.ask(|state| {
                let rest = state.messages.range(*after + 1..).take(most);
                let found: Vec<(u64, Letter)> =
                    rest.map(|(number, held)| (*number, held.letter.clone())).collect();
                *after = found.last().map_or(*after, |(number, _)| *number);
                found.into_iter().map(|(_, letter)| letter).collect()
            })
        })
    }
}

fn number(ticket: &Ticket) -> u64 {
    ticket.0.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::client::block_on;
    use super::*;

    fn letters(count: u32) -> Vec<Letter> {
        (1..=count).map(|id| Letter { id: id.to_string(), ..Letter::default() }).collect()
    }

    async fn taken(memory: &Memory) -> Vec<(String, u32, u32)> {
        let taken = memory.pull(9, Duration::ZERO).await.unwrap_or_default();
        taken.into_iter().map(|one| (one.letter.id, one.tries, one.deliveries)).collect()
    }

    #[test]
    fn what_expires_or_is_refused_comes_again_and_what_is_buried_does_not() {
        let memory = Memory::new();
        block_on(async {
            memory.store(&letters(3)).await?;
            memory.store(&letters(2)).await?;
            let all = memory.pull(9, Duration::ZERO).await?;
            assert_eq!(memory.left().await?, Left { waiting: 0, held: 3 });
            let [first, second, third] = &all[..] else { panic!("three, each once") };
            memory.keep_alive(std::slice::from_ref(&first.ticket)).await?;
            assert_eq!(memory.kept_alive(), 1);
            let (ticket, id) = (second.ticket.clone(), "2".to_owned());
            memory.refuse(&[Refusal { ticket, id, tries: 4, delay: Duration::ZERO }]).await?;
            let (ticket, letter) = (third.ticket.clone(), third.letter.clone());
            memory.bury(&[Burial { ticket, letter }]).await?;
            assert_eq!(memory.dead(), std::slice::from_ref(&third.letter));
            memory.expire();
            let wanted = [("1".to_owned(), 0, 2), ("2".to_owned(), 4, 2)];
            assert_eq!(taken(&memory).await, wanted);
            memory.acknowledge(&[first.ticket.clone(), second.ticket.clone()]).await?;
            memory.expire();
            assert_eq!(taken(&memory).await, []);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn of_two_readers_that_hold_a_message_one_stores() {
        let to = Memory::new();
        let from = Memory::completing(&to);
        block_on(async {
            from.store(&letters(1)).await?;
            let one = from.pull(1, Duration::ZERO).await?.swap_remove(0);
            from.expire();
            let other = from.pull(1, Duration::ZERO).await?.swap_remove(0);
            for (ticket, id) in [(one.ticket, "one"), (other.ticket, "other")] {
                let outcome = Letter { id: id.to_owned(), ..Letter::default() };
                from.complete(&[(ticket, outcome)]).await?;
            }
            assert_eq!(to.letters().len(), 1);
            assert_eq!(from.letters(), []);
            Ok(())
        })
        .unwrap();
    }
}
