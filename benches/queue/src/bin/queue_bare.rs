//! A hand-written loop: reads a batch, runs the same function, stores the outcomes, then acknowledges:
//! `queue_bare URL BATCH`, with Redis Streams or NATS JetStream. On Redis both steps are one script,
//! which stores only outcomes of messages that it could acknowledge, and deletes finished messages, as
//! JetStream does itself. On NATS the outcome has the message's id.

use std::error::Error;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::pull;
use athena_bench_support::bill_without_athena;
use futures_util::StreamExt as _;
use redis::streams::StreamReadReply;

const FINISH: &str = "
local done = {}
for at = 2, #ARGV, 3 do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[at]) == 1 then
    redis.call('XADD', KEYS[2], '*', 'athena-id', ARGV[at + 1], 'data', ARGV[at + 2])
    done[#done + 1] = ARGV[at]
  end
end
if #done > 0 then
  redis.call('XDEL', KEYS[1], unpack(done))
end";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, batch] = &arguments[..] else { return Err("queue_bare URL BATCH".into()) };
    let batch = batch.parse()?;
    let (server, name) = url.rsplit_once('/').ok_or("the URL has no name")?;
    if url.starts_with("redis:") {
        on_redis(server, name, batch).await
    } else {
        on_nats(server, name, batch).await
    }
}

async fn on_redis(server: &str, name: &str, batch: usize) -> Result<(), Box<dyn Error>> {
    let client = redis::Client::open(server)?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let outcomes = format!("{name}:outcomes");
    let group = "athena";
    let mut create = redis::cmd("XGROUP");
    let create = create.arg("CREATE").arg(name).arg(group).arg("0").arg("MKSTREAM");
    create.exec_async(&mut connection).await?;
    let finish = redis::Script::new(FINISH);
    loop {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(group).arg("bare").arg("COUNT").arg(batch).arg("BLOCK").arg(300);
        read.arg("STREAMS").arg(name).arg(">");
        let read: Option<StreamReadReply> = read.query_async(&mut connection).await?;
        let entries = read.into_iter().flat_map(|read| read.keys).flat_map(|stream| stream.ids);
        let mut done = finish.key(name);
        done.key(&outcomes).arg(group);
        let mut count = 0;
        for entry in entries {
            let message: Vec<u8> = entry.get("data").ok_or("an entry without data")?;
            let id: String = entry.get("athena-id").ok_or("an entry without an id")?;
            done.arg(&entry.id).arg(format!("{id}:bill")).arg(bill_without_athena(&message)?);
            count += 1;
        }
        if count > 0 {
            let () = done.invoke_async(&mut connection).await?;
        }
    }
}

async fn on_nats(server: &str, name: &str, batch: usize) -> Result<(), Box<dyn Error>> {
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
