//! Other programs use the same streams.

use async_nats::jetstream::consumer::AckPolicy;
use async_nats::jetstream::stream::{Config, RetentionPolicy};

use super::{LEASE, SHORT, envelopes, held, ids, open, tags};
use crate::address::ConsumerOptions;
use crate::broker::Backlog;
use crate::open;
use crate::test_support::nats_server::NatsServer;

#[tokio::test]
async fn messages_of_other_programs_have_an_id() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let queue = open(&tasks, LEASE).await;
    let client = async_nats::connect(server.url("")).await.unwrap();
    client.publish("tasks", "{}".into()).await.unwrap();
    let come = queue.pull(1, SHORT).await.unwrap();
    assert!(come[0].envelope.id.starts_with("tasks-1-"), "{}", come[0].envelope.id);
    assert_eq!(come[0].envelope.bytes, b"{}");
}

#[tokio::test]
async fn a_stream_of_the_user_is_used_as_it_is() {
    let server = NatsServer::start();
    let client = async_nats::connect(server.url("")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let config = Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.>".to_owned()],
        retention: RetentionPolicy::Limits,
        ..Config::default()
    };
    let mut stream = jetstream.create_stream(config).await.unwrap();
    let (old, new) = (server.address("orders.old"), server.address("orders.new"));
    open::producer(&old).await.unwrap().store(&envelopes(0..2)).await.unwrap();
    open::producer(&new).await.unwrap().store(&envelopes(2..4)).await.unwrap();
    for (address, expected) in [(&old, ["0", "1"]), (&new, ["2", "3"])] {
        let queue = open(address, LEASE).await;
        let come = queue.pull(10, SHORT).await.unwrap();
        assert_eq!(ids(&come), expected);
        queue.acknowledge(&tags(&come)).await.unwrap();
        assert_eq!(queue.backlog().await.unwrap(), Backlog::default());
        assert_eq!(held(address).await, expected);
    }
    let info = stream.info().await.unwrap();
    assert_eq!((info.state.messages, info.config.retention), (4, RetentionPolicy::Limits));
    let consumer = stream.consumer_info("athena-orders-new").await.unwrap();
    assert_eq!(
        (consumer.config.ack_policy, consumer.config.ack_wait),
        (AckPolicy::Explicit, LEASE)
    );
}

/// A stream that drops what nobody waits for.
#[tokio::test]
async fn nothing_is_stored_where_it_would_be_dropped() {
    let server = NatsServer::start();
    let client = async_nats::connect(server.url("")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let config = Config {
        name: "EVENTS".to_owned(),
        subjects: vec!["events.>".to_owned()],
        retention: RetentionPolicy::Interest,
        ..Config::default()
    };
    jetstream.create_stream(config).await.unwrap();
    let tasks = server.address("events.tasks");
    let error = open::producer(&tasks).await.err().unwrap().to_string();
    assert!(error.contains("no consumer waits for messages on events.tasks, and the"), "{error}");
    // Dead letters would be dropped as well.
    let options = ConsumerOptions { group: "athena".to_owned(), lease: LEASE, to: None };
    let error = crate::open::consumer(&tasks, options).await.err().unwrap().to_string();
    assert!(error.contains("no consumer waits for messages on events.tasks.dead, and"), "{error}");
    let durable = async_nats::jetstream::consumer::pull::Config {
        durable_name: Some("dead".to_owned()),
        filter_subject: "events.*.dead".to_owned(),
        ..Default::default()
    };
    jetstream.create_consumer_on_stream(durable, "EVENTS").await.unwrap();
    let queue = open(&tasks, LEASE).await;
    open::producer(&tasks).await.unwrap().store(&envelopes(0..2)).await.unwrap();
    assert_eq!(ids(&queue.pull(10, SHORT).await.unwrap()), ["0", "1"]);
}

#[tokio::test]
async fn a_second_group_cannot_share_a_work_queue_stream() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let _first = open(&tasks, LEASE).await;
    let options = ConsumerOptions { group: "other".to_owned(), lease: LEASE, to: None };
    let error = crate::open::consumer(&tasks, options).await.err().unwrap().to_string();
    assert!(error.contains("only one group of workers"), "{error}");
}
