//! Counts how often messages have failed.
//!
//! `JetStream` counts deliveries, including those that ended with a killed worker. Failures are
//! therefore counted in a bucket. It is read only for redelivered messages, and a message's entry
//! is deleted when the message is done.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::kv::Store;
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};
use futures_util::future::try_join_all;
use tokio::sync::Mutex;

use super::connection::NatsConnection;
use athena_core::error::Result;

const BUCKET: &str = "athena-tries";

/// Entries expire after this time: their queue was deleted, or a worker was killed before it could
/// delete them.
const LONGEST: Duration = Duration::from_hours(30 * 24);

pub(super) struct FailureCounts {
    connection: Arc<NatsConnection>,
    /// `None` until it was opened, and after an error.
    store: Mutex<Option<Store>>,
}

impl FailureCounts {
    pub(super) fn new(connection: Arc<NatsConnection>) -> Self {
        Self { connection, store: Mutex::new(None) }
    }

    /// The failures per key, in order; 0 if an entry is missing.
    pub(super) async fn read(&self, keys: &[String]) -> Result<Vec<u32>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let store = self.store().await?;
        let values = try_join_all(keys.iter().map(|key| store.get(key)));
        let values = self.connection.request("read failure counts", values).await;
        let number = |value: &[u8]| std::str::from_utf8(value).ok()?.parse().ok();
        let numbers = |values: Vec<Option<_>>| {
            values.iter().map(|value| value.as_deref().and_then(number).unwrap_or(0)).collect()
        };
        self.reset_on_error(values).await.map(numbers)
    }

    /// Stores counts; returns when they are durable.
    pub(super) async fn write(&self, failures: &[(String, u32)]) -> Result<()> {
        if failures.is_empty() {
            return Ok(());
        }
        let store = self.store().await?;
        let put =
            failures.iter().map(|(key, failures)| store.put(key, failures.to_string().into()));
        let stored = try_join_all(put);
        let stored = self.connection.request("store failure counts", stored).await;
        self.reset_on_error(stored).await.map(drop)
    }

    /// Deletes entries. Those left behind are harmless and expire.
    pub(super) async fn forget(&self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let Ok(store) = self.store().await else {
            return;
        };
        let purge = |key| store.stream.purge().filter(format!("{}{key}", store.prefix));
        let purged = try_join_all(keys.iter().map(|key| purge(key).into_future()));
        let purged = self.connection.request("delete failure counts", purged).await;
        let _ = self.reset_on_error(purged).await;
    }

    /// Opens the bucket, or creates it.
    async fn store(&self) -> Result<Store> {
        let mut store = self.store.lock().await;
        if let Some(store) = &*store {
            return Ok(store.clone());
        }
        let jetstream = &self.connection.jetstream;
        let found = self.connection.request("open the bucket of failure counts", async {
            if let Ok(store) = jetstream.get_key_value(BUCKET).await {
                return Ok(store);
            }
            jetstream.create_stream(config()).await.map_err(|error| error.to_string())?;
            jetstream.get_key_value(BUCKET).await.map_err(|error| error.to_string())
        });
        Ok(store.insert(found.await?).clone())
    }

    /// After an error the bucket is opened again: it may be gone.
    async fn reset_on_error<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_err() {
            *self.store.lock().await = None;
        }
        done
    }
}

/// A bucket is a stream. The client's own method to create one can't parse the answer of 2.9.
fn config() -> Config {
    Config {
        name: format!("KV_{BUCKET}"),
        description: Some("made by athena: how often messages failed".to_owned()),
        subjects: vec![format!("$KV.{BUCKET}.>")],
        max_messages_per_subject: 1,
        max_age: LONGEST,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        num_replicas: 1,
        ..Config::default()
    }
}
