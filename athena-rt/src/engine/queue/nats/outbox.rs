//! Where letters are stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::PublishMessage;

use super::letters;
use super::link::Link;
use super::stream;
use crate::engine::letter::Letter;
use crate::engine::transport::{Asked, Sink};
use crate::error::Result;

/// How many letters are on their way at a time; the client lets 5,000 be unconfirmed.
const AT_ONCE: usize = 1_000;

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

    async fn store_all(&self, letters: &[Letter]) -> Result<()> {
        self.ready().await?;
        for some in letters.chunks(AT_ONCE) {
            let stored = self.link.ask("store", self.store_some(some)).await;
            if stored.is_err() {
                // The stream may be gone.
                self.is_ready.store(false, Ordering::Relaxed);
            }
            stored?;
        }
        Ok(())
    }

    async fn store_some(&self, letters: &[Letter]) -> Result<(), PublishError> {
        let mut confirmations = Vec::with_capacity(letters.len());
        for letter in letters {
            let message = PublishMessage::build()
                .headers(letters::headers(letter))
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
}
