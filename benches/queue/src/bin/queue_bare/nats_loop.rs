//! On NATS JetStream.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::pull;
use athena_bench_support::bill_without_athena;
use futures_util::StreamExt as _;

use super::Ended;

/// Stores outcomes with the ids of their messages, then acknowledges.
pub(crate) async fn run(server: &str, name: &str, batch: usize) -> Ended {
    let client = async_nats::connect(server).await?;
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream(name).await?;
    let config = pull::Config {
        durable_name: Some("bare".to_owned()),
        max_ack_pending: -1,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let outcomes = format!("{name}.outcomes");
    loop {
        let fetch = consumer.batch().max_messages(batch).expires(Duration::from_millis(300));
        let mut messages = fetch.messages().await?;
        let mut read = Vec::with_capacity(batch);
        let mut stored = Vec::with_capacity(batch);
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| error.to_string())?;
            let id = message.headers.as_ref().and_then(|headers| headers.get(NATS_MESSAGE_ID));
            let mut headers = HeaderMap::new();
            headers.insert(NATS_MESSAGE_ID, format!("{}:bill", id.ok_or("no id")?.as_str()));
            let bill = bill_without_athena(&message.payload)?;
            let sent = jetstream.publish_with_headers(outcomes.clone(), headers, bill.into());
            stored.push(sent.await?);
            read.push(message);
        }
        for confirmation in stored {
            confirmation.await?;
        }
        for message in read {
            message.ack().await.map_err(|error| error.to_string())?;
        }
    }
}
