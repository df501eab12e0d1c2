//! How often messages have failed.
//!
//! `JetStream` counts deliveries, and counts those that ended with a killed worker too. So what the
//! core counts is kept apart, in a bucket; it is asked only for messages that come again, and
//! forgets them when they are done.

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

/// What nobody asked for until then is forgotten: a queue was deleted, or a worker was killed just
/// before it would have forgotten it.
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// The bucket.
pub(super) struct FailureCounts {
    connection: Arc<NatsConnection>,
    /// None until it was seen.
    store: Mutex<Option<Store>>,
}

impl FailureCounts {
    pub(super) fn new(connection: Arc<NatsConnection>) -> Self {
        Self { connection, store: Mutex::new(None) }
    }

    /// Of each, in order; 0 where nothing is known.
    pub(super) async fn read(&self, keys: &[String]) -> Result<Vec<u32>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let store = self.store().await?;
        let values = try_join_all(keys.iter().map(|key| store.get(key)));
        let values = self.connection.request("read how often messages failed", values).await;
        let number = |value: &[u8]| std::str::from_utf8(value).ok()?.parse().ok();
        let numbers = |values: Vec<Option<_>>| {
            values.iter().map(|value| value.as_deref().and_then(number).unwrap_or(0)).collect()
        };
        self.reset_on_error(values).await.map(numbers)
    }

    /// Keeps them; returns when they are durable.
    pub(super) async fn write(&self, failures: &[(String, u32)]) -> Result<()> {
        if failures.is_empty() {
            return Ok(());
        }
        let store = self.store().await?;
        let put =
            failures.iter().map(|(key, failures)| store.put(key, failures.to_string().into()));
        let stored = try_join_all(put);
        let stored = self.connection.request("keep how often messages failed", stored).await;
        self.reset_on_error(stored).await.map(drop)
    }

    /// They are done. What is left behind does no harm, and goes by age.
    pub(super) async fn forget(&self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let Ok(store) = self.store().await else {
            return;
        };
        let purge = |key| store.stream.purge().filter(format!("{}{key}", store.prefix));
        let purged = try_join_all(keys.iter().map(|key| purge(key).into_future()));
        let purged = self.connection.request("forget how often messages failed", purged).await;
        let _ = self.reset_on_error(purged).await;
    }

    /// The bucket; created where there is none.
    async fn store(&self) -> Result<Store> {
        let mut store = self.store.lock().await;
        if let Some(store) = &*store {
            return Ok(store.clone());
        }
        let jetstream = &self.connection.jetstream;
        let found = self.connection.request("open a bucket", async {
            if let Ok(store) = jetstream.get_key_value(BUCKET).await {
                return Ok(store);
            }
            jetstream.create_stream(config()).await.map_err(|error| error.to_string())?;
            jetstream.get_key_value(BUCKET).await.map_err(|error| error.to_string())
        });
        Ok(store.insert(found.await?).clone())
    }

    /// The bucket may be gone when something went wrong.
    async fn reset_on_error<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_err() {
            *self.store.lock().await = None;
        }
        done
    }
}

/// A bucket as a stream. The client's own way to create one can't read what 2.9 answers.
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
