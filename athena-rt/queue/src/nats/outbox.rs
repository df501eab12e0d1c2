//! Where letters are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::PublishMessage;

use super::link::Link;
use super::{letters, stream};
use crate::letter::Letter;
use crate::transport::{Asked, Sink};
use athena_core::error::Result;

/// How many letters are on their way at a time; the client lets 5,000 be unconfirmed.
const LETTERS: usize = 1_000;

/// How many bytes are, and another letter: as many as arrive in time over a slow network.
const BYTES: usize = 4_000_000;

/// Stores letters under a subject.
pub(super) struct Outbox {
    link: Arc<Link>,
    subject: String,
    /// Its stream has been seen.
    is_ready: AtomicBool,
}

impl Outbox {
    pub(super) fn new(link: Arc<Link>, subject: &str) -> Self {
        Self { link, subject: subject.to_owned(), is_ready: AtomicBool::new(false) }
    }

    /// Sees that there is a stream.
    pub(super) async fn ready(&self) -> Result<()> {
        if !self.is_ready.load(Ordering::Relaxed) {
            stream::find_or_create(&self.link, &self.subject).await?;
            self.is_ready.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Stores letters, each with what the broker is to know it by.
    pub(super) async fn store_known(&self, letters: &[(&Letter, String)]) -> Result<()> {
        self.ready().await?;
        let mut left = letters;
        while !left.is_empty() {
            let (some, rest) = left.split_at(batch(left));
            let stored = self.link.ask("store", self.store_some(some)).await;
            if stored.is_err() {
                // The stream may be gone.
                self.is_ready.store(false, Ordering::Relaxed);
            }
            stored?;
            left = rest;
        }
        Ok(())
    }

    async fn store_all(&self, letters: &[Letter]) -> Result<()> {
        let known: Vec<_> = letters.iter().map(|letter| (letter, letter.id.clone())).collect();
        self.store_known(&known).await
    }

    async fn store_some(&self, letters: &[(&Letter, String)]) -> Result<(), PublishError> {
        let mut confirmations = Vec::with_capacity(letters.len());
        for (letter, known_by) in letters {
            let message = PublishMessage::build()
                .headers(letters::headers(letter, known_by))
                .payload(letter.bytes.clone().into());
            let sent = self.link.jetstream.send_publish(self.subject.clone(), message).await?;
            confirmations.push(sent);
        }
        for confirmation in confirmations {
            // One that was there already is confirmed as well.
            confirmation.await?;
        }
        Ok(())
    }
}

impl Sink for Outbox {
    fn store<'a>(&'a self, letters: &'a [Letter]) -> Asked<'a, ()> {
        Box::pin(self.store_all(letters))
    }

    fn refuses(&self, letter: &Letter) -> Option<String> {
        let most = self.link.client.max_payload();
        let size = letters::size(letter, &letter.id);
        (size > most)
            .then(|| format!("{size} bytes with headers; the broker takes {most} (max_payload)"))
    }
}

/// How many letters go at a time.
fn batch(letters: &[(&Letter, String)]) -> usize {
    let mut bytes = 0;
    let fits = |(letter, _): &&(&Letter, String)| {
        let has_room = bytes < BYTES;
        bytes += letter.bytes.len();
        has_room
    };
    letters.iter().take(LETTERS).take_while(fits).count()
}
