//! The life of a message, from storing to acknowledging.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use athena_protocol::Format;
use tokio::time::sleep;

use super::{
    LONG, NOW, SHORT, address, ask, envelope, envelopes, ids, length, nack, open_consumer,
    open_producer, outcome, pull_until_some, stored,
};
use crate::address::ConsumerOptions;
use crate::broker::{Backlog, DeadLetter};
use crate::envelope::{Envelope, PayloadKind};
use crate::open;
use crate::test_support::redis_server::RedisServer;

#[tokio::test]
async fn a_message_is_delivered_whole_and_deleted_when_it_is_done() {
    let broker = RedisServer::redis();
    let consumer = open_consumer(&broker, LONG).await;
    let whole = Envelope {
        id: "7".to_owned(),
        model: "a::b".to_owned(),
        kind: PayloadKind::Message,
        format: Format::Protobuf,
        trace: "00-1-2-01".to_owned(),
        bytes: vec![0, 255, 10],
        ..Envelope::default()
    };
    open_producer(&broker).await.store(&[whole.clone(), envelope("8")]).await.unwrap();
    assert_eq!(consumer.backlog().await.unwrap(), Backlog { waiting: 2, in_flight: 0 });
    let pulled = consumer.pull(10, LONG).await.unwrap();
    assert_eq!(pulled[0].envelope, whole);
    assert_eq!((pulled[0].failures, pulled[0].deliveries), (0, 1));
    assert_eq!(consumer.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 2 });
    assert!(consumer.capabilities().atomic);
    consumer.acknowledge(&[pulled[0].tag.clone()]).await.unwrap();
    consumer.complete(&[outcome(&pulled[1])]).await.unwrap();
    assert_eq!(consumer.backlog().await.unwrap(), Backlog::default());
    assert_eq!(length(&broker, "tasks").await, 0);
    assert_eq!(stored(&broker, "outcomes").await, ["8"]);
}

#[tokio::test]
async fn two_consumers_share_messages() {
    let broker = RedisServer::redis();
    let (one, two) = (open_consumer(&broker, LONG).await, open_consumer(&broker, LONG).await);
    open_producer(&broker).await.store(&envelopes(500)).await.unwrap();
    let mut entries = HashSet::new();
    for round in 0..50 {
        let consumer = if round % 2 == 0 { &one } else { &two };
        for delivery in consumer.pull(10, NOW).await.unwrap() {
            assert!(entries.insert(delivery.envelope.id), "it came twice");
        }
    }
    assert_eq!(entries.len(), 500);
    assert!(one.pull(10, NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_messages_of_a_dead_consumer_are_claimed_after_the_lease() {
    let broker = RedisServer::redis();
    let dead = open_consumer(&broker, SHORT).await;
    open_producer(&broker).await.store(&envelopes(2)).await.unwrap();
    let held = dead.pull(10, NOW).await.unwrap();
    let taken_at = Instant::now();
    drop(dead);
    let other = open_consumer(&broker, SHORT).await;
    assert!(other.pull(10, NOW).await.unwrap().is_empty());
    let taken = pull_until_some(&*other, LONG).await;
    assert!(taken_at.elapsed() >= SHORT);
    assert_eq!(ids(&taken), ids(&held));
    assert!(taken.iter().all(|one| one.deliveries == 2 && one.failures == 0));
    assert_eq!(taken[0].envelope, held[0].envelope);
}

#[tokio::test]
async fn a_sign_of_life_keeps_a_message() {
    let broker = RedisServer::redis();
    let lease = Duration::from_secs(1);
    let (one, two) = (open_consumer(&broker, lease).await, open_consumer(&broker, lease).await);
    open_producer(&broker).await.store(&envelopes(1)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let tags = [held[0].tag.clone()];
    for _ in 0..12 {
        one.keep_alive(&tags).await.unwrap();
        assert!(two.pull(10, NOW).await.unwrap().is_empty());
        sleep(Duration::from_millis(200)).await;
    }
    let taken = pull_until_some(&*two, LONG).await;
    assert_eq!(taken[0].deliveries, 2, "signs of life are no deliveries");
    // Extending a lease too late has no effect.
    let taken_at = Instant::now();
    while taken_at.elapsed() < lease * 3 / 2 {
        one.keep_alive(&tags).await.unwrap();
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(pull_until_some(&*two, LONG).await[0].deliveries, 3);
}

#[tokio::test]
async fn a_nacked_message_is_redelivered_with_its_failures_after_its_delay() {
    let broker = RedisServer::redis();
    let one = open_consumer(&broker, LONG).await;
    open_producer(&broker).await.store(&envelopes(2)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let refused_at = Instant::now();
    let delay = Duration::from_millis(700);
    let nacks = [nack(&held[0], delay), nack(&held[1], delay * 2)];
    one.nack(&nacks).await.unwrap();
    assert!(one.pull(10, NOW).await.unwrap().is_empty());
    let first = pull_until_some(&*one, LONG).await;
    assert!(refused_at.elapsed() >= delay && refused_at.elapsed() < delay * 2);
    assert_eq!((ids(&first), first[0].failures, first[0].deliveries), (vec!["0"], 1, 2));
    let second = pull_until_some(&*one, LONG).await;
    assert!(refused_at.elapsed() >= delay * 2 && refused_at.elapsed() < delay * 4);
    assert_eq!((ids(&second), second[0].failures), (vec!["1"], 1));
    // The first nack again, as after a lost answer: the message is with the other consumer by now.
    one.nack(&[nack(&held[0], NOW)]).await.unwrap();
    let other = open_consumer(&broker, LONG).await;
    assert!(other.pull(10, NOW).await.unwrap().is_empty());
    one.nack(&[nack(&first[0], NOW)]).await.unwrap();
    assert_eq!(open_consumer(&broker, LONG).await.pull(10, NOW).await.unwrap()[0].failures, 2);
    one.complete(&[outcome(&first[0]), outcome(&second[0])]).await.unwrap();
    assert_eq!(ask::<usize>(&broker, "EXISTS tasks:tries:athena").await, 0);
}

#[tokio::test]
async fn of_two_that_hold_a_message_one_stores() {
    let broker = RedisServer::redis();
    let (one, two) = (open_consumer(&broker, SHORT).await, open_consumer(&broker, SHORT).await);
    open_producer(&broker).await.store(&envelopes(20)).await.unwrap();
    let first: Vec<_> = one.pull(20, NOW).await.unwrap().iter().map(outcome).collect();
    sleep(SHORT).await;
    let second: Vec<_> = two.pull(20, NOW).await.unwrap().iter().map(outcome).collect();
    assert_eq!((first.len(), second.len()), (20, 20));
    let (a, b) = tokio::join!(one.complete(&first), two.complete(&second));
    a.and(b).unwrap();
    // And again, as after an answer that was lost.
    two.complete(&second).await.unwrap();
    let outcomes = stored(&broker, "outcomes").await;
    assert_eq!(outcomes.len(), 20);
    assert_eq!(outcomes.iter().collect::<HashSet<_>>().len(), 20);
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
}

#[tokio::test]
async fn a_dead_letter_has_the_whole_message_and_the_reason() {
    let broker = RedisServer::redis();
    let one = open_consumer(&broker, LONG).await;
    open_producer(&broker).await.store(&envelopes(1)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let dead =
        Envelope { reason: "it panicked".to_owned(), failures: 3, ..held[0].envelope.clone() };
    let dead_letter = DeadLetter { tag: held[0].tag.clone(), envelope: dead.clone() };
    one.dead_letter(std::slice::from_ref(&dead_letter)).await.unwrap();
    one.dead_letter(&[dead_letter]).await.unwrap();
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
    let graves = ConsumerOptions { group: "athena".to_owned(), lease: LONG, to: None };
    let graves = open::consumer(&address(&broker, "tasks").sibling("dead"), graves).await.unwrap();
    let found = graves.pull(10, NOW).await.unwrap();
    assert_eq!((found.len(), &found[0].envelope), (1, &dead));
    assert!(!graves.capabilities().atomic, "nowhere was said where outcomes go");
    assert_eq!(stored(&broker, "tasks:dead").await, ["0"], "whoever looks takes nothing");
    assert!(stored(&broker, "nothing").await.is_empty());
    assert_eq!(ask::<usize>(&broker, "EXISTS nothing").await, 0);
}

#[tokio::test]
async fn a_sink_keeps_one_of_an_id() {
    let broker = RedisServer::redis();
    let producer = open_producer(&broker).await;
    let same = Envelope { bytes: b"other".to_vec(), ..envelope("0") };
    producer.store(&[envelope("0"), envelope("1"), same.clone()]).await.unwrap();
    producer.store(&[same.clone(), envelope("2")]).await.unwrap();
    producer.store(&[Envelope::default(), Envelope::default()]).await.unwrap();
    let ids = stored(&broker, "tasks").await;
    assert_eq!((&ids[..3], ids.len()), (&["0", "1", "2"].map(str::to_owned)[..], 5));
    // The second set of ids is checked as well, and both expire.
    let _: i64 = ask(&broker, "EXPIRE tasks:ids 86400").await;
    producer.store(&[same.clone(), envelope("3")]).await.unwrap();
    assert_eq!(ask::<i64>(&broker, "SCARD tasks:ids:old").await, 3);
    assert_eq!(ask::<i64>(&broker, "SCARD tasks:ids").await, 1);
    assert!(ask::<i64>(&broker, "TTL tasks:ids").await > 2 * 86400);
    assert_eq!(length(&broker, "tasks").await, 6);
    // Deleting a stream is a fresh start.
    let _: i64 = ask(&broker, "DEL tasks").await;
    producer.store(&[same]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 1);
}

#[tokio::test]
async fn large_messages_come_and_go_in_several_requests() {
    let broker = RedisServer::redis();
    let (one, producer) = (open_consumer(&broker, LONG).await, open_producer(&broker).await);
    let large = |id: usize| Envelope { bytes: vec![b'x'; 3 << 20], ..envelope(&id.to_string()) };
    producer.store(&(0..10).map(large).collect::<Vec<_>>()).await.unwrap();
    let mut held = one.pull(3, NOW).await.unwrap();
    assert_eq!(held.len(), 3);
    while held.len() < 10 {
        let more = one.pull(10, NOW).await.unwrap();
        assert!((1..=2).contains(&more.len()), "more would take too long");
        held.extend(more);
    }
    let outcomes: Vec<_> = held.iter().map(outcome).collect();
    one.complete(&outcomes).await.unwrap();
    assert_eq!(length(&broker, "outcomes").await, 10);
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
}
