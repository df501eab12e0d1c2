//! What a queue holds, without taking anything away.

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};

use super::super::address::Address;
use super::link::Link;
use super::{letters, stream};
use crate::letter::Letter;
use athena_core::error::Result;

/// Reads a queue from its oldest letter to the one that is the newest when it is opened. Any
/// retention allows that, and readers notice nothing.
pub(in super::super) struct Peek {
    link: Link,
    subject: String,
    /// None where there is no stream, or nothing more in it.
    stream: Option<Stream<()>>,
    name: String,
    next: u64,
    last: u64,
}

impl Peek {
    /// Connects. A queue that is missing is empty, and is not created.
    pub(in super::super) async fn open(address: &Address) -> Result<Self> {
        let link = Link::open(address).await?;
        let subject = address.name.clone();
        let name = stream::find(&link, &subject).await?;
        let mut peek = Self { link, subject, stream: None, name: String::new(), next: 0, last: 0 };
        if let Some(name) = name {
            let found = peek.link.ask("find the stream", peek.link.jetstream.get_stream(&name));
            let state = found.await?.cached_info().state.clone();
            let found = peek.link.jetstream.get_stream_no_info(&name);
            peek.stream = Some(peek.link.ask("find the stream", found).await?);
            (peek.name, peek.next, peek.last) = (name, state.first_sequence, state.last_sequence);
        }
        Ok(peek)
    }

    /// The next letter; none after the last.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Letter>> {
        let Some(stream) = &self.stream else {
            return Ok(None);
        };
        if self.next > self.last {
            return Ok(None);
        }
        let request = stream.raw_message_builder().sequence(self.next);
        let request = request.next_by_subject(&self.subject);
        let message = self.link.ask("read the stream", async {
            match request.send().await {
                Ok(message) => Ok(Some(message)),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
                Err(error) => Err(error),
            }
        });
        let Some(message) = message.await?.filter(|message| message.sequence <= self.last) else {
            self.stream = None;
            return Ok(None);
        };
        self.next = message.sequence + 1;
        let (headers, sequence) = (Some(&message.headers), message.sequence);
        let place = || format!("{}-{sequence}", self.name);
        Ok(Some(letters::letter(headers, message.payload.into(), place)))
    }
}
