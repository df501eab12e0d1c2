//! Browses a stream.

use super::connection::{RedisConnection, TIMEOUT};
use super::entry;
use super::error::RequestError;
use crate::address::Address;
use crate::broker::{BrokerFuture, Browser};
use crate::envelope::Envelope;

/// Reads a stream from its oldest entry. Nothing is created or changed.
pub(super) struct RedisBrowser {
    connection: RedisConnection,
    redacted: String,
    key: String,
    /// The id of the last entry that was read.
    last: String,
}

impl RedisBrowser {
    pub(super) fn new(address: &Address, connection: RedisConnection) -> Self {
        let (redacted, key) = (address.redacted.clone(), address.name.clone());
        Self { connection, redacted, key, last: "0-0".to_owned() }
    }

    async fn browse(&mut self, max: usize) -> Result<Vec<Envelope>, RequestError> {
        let mut request = ::redis::cmd("XRANGE");
        request.arg(&self.key).arg(format!("({}", self.last)).arg("+").arg("COUNT").arg(max);
        let answer = self.connection.send(&request, TIMEOUT).await?;
        let entries = entry::parse_range(answer)
            .ok_or_else(|| RequestError::unexpected_reply(&self.redacted))?;
        if let Some(last) = entries.last() {
            entry::tag_parts(&last.tag).0.clone_into(&mut self.last);
        }
        Ok(entries.into_iter().map(|delivery| delivery.envelope).collect())
    }
}

impl Browser for RedisBrowser {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move { self.browse(max).await.map_err(RequestError::into_error) })
    }
}
