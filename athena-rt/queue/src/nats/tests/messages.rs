//! The life of a message, from storing to acknowledging.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use athena_protocol::Format;

use super::super::NatsBrowser;
use super::{LEASE, MOMENT, SHORT, envelopes, held, ids, open, tags};
use crate::broker::{Backlog, DeadLetter, Delivery, Nack};
use crate::envelope::{Envelope, PayloadKind};
use crate::open;
use crate::test_support::nats_server::NatsServer;

#[tokio::test]
async fn a_message_is_delivered_whole_and_once() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let envelope = Envelope {
        id: "order 7".to_owned(),
        model: "a::b".to_owned(),
        kind: PayloadKind::Outputs,
        format: Format::Protobuf,
        trace: "00-1-2-01".to_owned(),
        trace_state: "vendor=1".to_owned(),
        reason: String::new(),
        failures: 0,
        bytes: vec![0, 255, 10],
    };
    open::producer(&tasks).await.unwrap().store(std::slice::from_ref(&envelope)).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    assert_eq!(queue.backlog().await.unwrap(), Backlog { waiting: 1, in_flight: 0 });
    let come = queue.pull(10, MOMENT).await.unwrap();
    assert_eq!(come.len(), 1);
    assert_eq!((come[0].failures, come[0].deliveries, &come[0].envelope), (0, 1, &envelope));
    assert_eq!(queue.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 1 });
    queue.acknowledge(&tags(&come)).await.unwrap();
    assert_eq!(queue.backlog().await.unwrap(), Backlog::default());
    // Doing it twice is harmless.
    queue.acknowledge(&tags(&come)).await.unwrap();
    let start = Instant::now();
    assert!(queue.pull(10, MOMENT).await.unwrap().is_empty());
    assert!(start.elapsed() >= MOMENT, "it did not wait");
}

#[tokio::test]
async fn two_consumers_share_and_no_message_waits_for_others() {
    let server = NatsServer::start();
    let tasks = server.address("tasks.a");
    let (one, two) = (open(&tasks, LEASE).await, open(&tasks, LEASE).await);
    let producer = open::producer(&tasks).await.unwrap();
    producer.store(&envelopes(0..100)).await.unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        for consumer in [&one, &two] {
            let come = consumer.pull(10, MOMENT).await.unwrap();
            assert_eq!(come.len(), 10);
            seen.extend(ids(&come));
            consumer.acknowledge(&tags(&come)).await.unwrap();
        }
    }
    assert_eq!(seen.len(), 100);
    let late = tokio::spawn(async move { one.pull(10, Duration::from_secs(20)).await.unwrap() });
    tokio::time::sleep(MOMENT).await;
    let start = Instant::now();
    producer.store(&envelopes(100..101)).await.unwrap();
    assert_eq!(ids(&late.await.unwrap()), ["100"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_pull_that_is_given_up_loses_nothing() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let queue = open(&tasks, LEASE).await;
    let pull = queue.pull(10, Duration::from_secs(20));
    assert!(tokio::time::timeout(MOMENT, pull).await.is_err());
    open::producer(&tasks).await.unwrap().store(&envelopes(0..20)).await.unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < 20 {
        let come = queue.pull(15, SHORT).await.unwrap();
        assert!(!come.is_empty(), "{seen:?}");
        seen.extend(ids(&come));
    }
}

#[tokio::test]
async fn a_message_is_redelivered_unless_its_lease_is_extended() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    open::producer(&tasks).await.unwrap().store(&envelopes(0..2)).await.unwrap();
    let (dying, other) = (open(&tasks, SHORT).await, open(&tasks, SHORT).await);
    let taken = dying.pull(2, MOMENT).await.unwrap();
    let alive = [taken[1].tag.clone()];
    let start = Instant::now();
    let mut again = Vec::new();
    while start.elapsed() < SHORT * 3 {
        dying.keep_alive(&alive).await.unwrap();
        again.extend(other.pull(2, MOMENT).await.unwrap());
        if again.len() == 1 {
            // The first is held by the other now.
            other.keep_alive(&tags(&again)).await.unwrap();
        }
    }
    assert_eq!(ids(&again), ["0"]);
    // A killed worker is not a failure of the message.
    assert_eq!((again[0].deliveries, again[0].failures), (2, 0));
    assert_eq!(other.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 2 });
    // The tag of the first delivery is as good as that of the second.
    dying.acknowledge(&tags(&taken)).await.unwrap();
    assert_eq!(other.backlog().await.unwrap(), Backlog::default());
}

#[tokio::test]
async fn a_nacked_message_is_redelivered_after_its_delay_with_its_failures() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    open::producer(&tasks).await.unwrap().store(&envelopes(0..2)).await.unwrap();
    let queue = open(&tasks, SHORT).await;
    let mut taken = queue.pull(2, MOMENT).await.unwrap();
    let delays = [Duration::ZERO, SHORT * 2];
    let nack = |taken: &[Delivery], failures: u32| -> Vec<Nack> {
        let nacks = taken.iter().zip(delays);
        nacks
            .map(|(delivery, delay)| {
                let (tag, id) = (delivery.tag.clone(), delivery.envelope.id.clone());
                Nack { tag, id, failures, delay }
            })
            .collect()
    };
    queue.nack(&nack(&taken, 1)).await.unwrap();
    let start = Instant::now();
    let first = queue.pull(2, SHORT).await.unwrap();
    assert_eq!(ids(&first), ["0"]);
    assert_eq!((first[0].failures, first[0].deliveries), (1, 2));
    assert_eq!(queue.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 2 });
    queue.acknowledge(&tags(&first)).await.unwrap();
    taken = queue.pull(2, SHORT * 5).await.unwrap();
    assert!(start.elapsed() >= SHORT * 2, "{:?}", start.elapsed());
    assert_eq!((ids(&taken), taken[0].failures), (vec!["1".to_owned()], 1));
    // The counts survive the worker.
    drop(queue);
    let queue = open(&tasks, SHORT).await;
    let again = queue.pull(2, SHORT * 3).await.unwrap();
    assert_eq!((ids(&again), again[0].failures, again[0].deliveries), (vec!["1".to_owned()], 1, 3));
    queue.nack(&nack(&again, 2)).await.unwrap();
    let again = queue.pull(2, SHORT).await.unwrap();
    assert_eq!((again[0].failures, again[0].deliveries), (2, 4));
    assert_eq!(count_failure_entries(&server).await, 1);
    queue.acknowledge(&tags(&again)).await.unwrap();
    assert_eq!(count_failure_entries(&server).await, 0);
}

#[tokio::test]
async fn an_outcome_that_is_stored_twice_is_there_once() {
    let server = NatsServer::start();
    let results = server.address("results");
    let producer = open::producer(&results).await.unwrap();
    producer.store(&envelopes(0..3)).await.unwrap();
    open::producer(&results).await.unwrap().store(&envelopes(1..4)).await.unwrap();
    producer.store(&envelopes(0..4)).await.unwrap();
    assert_eq!(held(&results).await, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_dead_letter_has_the_whole_message() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let many = 2_500;
    open::producer(&tasks).await.unwrap().store(&envelopes(0..many)).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    let mut taken = Vec::new();
    while taken.len() < many {
        taken.extend(queue.pull(many, SHORT).await.unwrap());
    }
    let burials: Vec<DeadLetter> = taken
        .into_iter()
        .map(|Delivery { tag, envelope, .. }| DeadLetter {
            tag,
            envelope: Envelope {
                reason: "it panicked:\nat once".to_owned(),
                failures: 3,
                ..envelope
            },
        })
        .collect();
    queue.dead_letter(&burials).await.unwrap();
    queue.dead_letter(&burials[..1]).await.unwrap();
    assert_eq!(queue.backlog().await.unwrap(), Backlog::default());
    let mut peek = NatsBrowser::open(&tasks.sibling("dead")).await.unwrap();
    for buried in &burials {
        let found = peek.next().await.unwrap().unwrap();
        let reason = "it panicked: at once".to_owned();
        assert_eq!(found, Envelope { reason, ..buried.envelope.clone() });
    }
    assert_eq!(peek.next().await.unwrap(), None);
    assert!(held(&tasks).await.is_empty());
}

#[tokio::test]
async fn a_message_submitted_again_can_become_a_dead_letter_again() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let client = async_nats::connect(server.url("")).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    for _ in 0..2 {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("athena-id", "7");
        client.publish_with_headers("tasks", headers, "{}".into()).await.unwrap();
        let come = queue.pull(1, SHORT).await.unwrap().remove(0);
        let dead_letter = DeadLetter { tag: come.tag, envelope: come.envelope };
        for _ in 0..2 {
            queue.dead_letter(std::slice::from_ref(&dead_letter)).await.unwrap();
        }
    }
    assert_eq!(held(&tasks.sibling("dead")).await, ["7", "7"]);
}

#[tokio::test]
async fn large_messages_come_in_more_batches() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let large = |envelope| Envelope { bytes: vec![b' '; 1_000_000], ..envelope };
    let large: Vec<Envelope> = envelopes(0..80).into_iter().map(large).collect();
    let producer = open::producer(&tasks).await.unwrap();
    producer.store(&large).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    let mut come = Vec::new();
    while come.len() < large.len() {
        let some = queue.pull(256, MOMENT).await.unwrap();
        assert!((1..40).contains(&some.len()), "{}", some.len());
        come.extend(ids(&some));
        queue.acknowledge(&tags(&some)).await.unwrap();
    }
    assert_eq!(come.iter().collect::<BTreeSet<_>>().len(), large.len());
    // More than a server accepts.
    let envelope = Envelope { bytes: vec![b' '; 2_000_000], ..Envelope::default() };
    let error = producer.store(&[envelope]).await.unwrap_err().to_string();
    assert!(error.contains("max payload size exceeded"), "{error}");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_rejected_before_it_is_sent() {
    let server = NatsServer::start();
    let producer = open::producer(&server.address("outcomes")).await.unwrap();
    let of =
        |size: usize| Envelope { id: "1".into(), bytes: vec![b'1'; size], ..Envelope::default() };
    let reason = producer.rejection(&of(1 << 20)).unwrap();
    assert!(reason.contains("max_payload"), "{reason}");
    assert!(producer.store(&[of(1 << 20)]).await.is_err());
    let max = (0..1 << 20).rev().find(|&size| producer.rejection(&of(size)).is_none()).unwrap();
    producer.store(&[of(max)]).await.unwrap();
}

/// The number of messages with a failure count.
async fn count_failure_entries(server: &NatsServer) -> u64 {
    let client = async_nats::connect(server.url("")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream("KV_athena-tries").await.unwrap();
    stream.cached_info().state.messages
}
