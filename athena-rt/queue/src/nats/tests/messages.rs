//! What messages go through, from where they are stored to where they are done.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use athena_protocol::Format;

use super::super::server::Server;
use super::super::{Peek, sink};
use super::{LEASE, MOMENT, SHORT, held, ids, letters, open, tickets};
use crate::letter::{Kind, Letter};
use crate::transport::{Burial, Delivery, Left, Refusal};

#[tokio::test]
async fn what_is_stored_comes_whole_and_once() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let letter = Letter {
        id: "order 7".to_owned(),
        model: "a::b".to_owned(),
        kind: Kind::Outputs,
        format: Format::Protobuf,
        trace: "00-1-2-01".to_owned(),
        reason: String::new(),
        tries: 0,
        bytes: vec![0, 255, 10],
    };
    sink(&tasks).await.unwrap().store(std::slice::from_ref(&letter)).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    assert_eq!(queue.left().await.unwrap(), Left { waiting: 1, held: 0 });
    let come = queue.pull(10, MOMENT).await.unwrap();
    assert_eq!(come.len(), 1);
    assert_eq!((come[0].tries, come[0].deliveries, &come[0].letter), (0, 1, &letter));
    assert_eq!(queue.left().await.unwrap(), Left { waiting: 0, held: 1 });
    queue.acknowledge(&tickets(&come)).await.unwrap();
    assert_eq!(queue.left().await.unwrap(), Left::default());
    // A second time does no harm.
    queue.acknowledge(&tickets(&come)).await.unwrap();
    let start = Instant::now();
    assert!(queue.pull(10, MOMENT).await.unwrap().is_empty());
    assert!(start.elapsed() >= MOMENT, "it did not wait");
}

#[tokio::test]
async fn two_readers_share_and_no_message_waits_for_others() {
    let server = Server::start();
    let tasks = server.address("tasks.a");
    let (one, two) = (open(&tasks, LEASE).await, open(&tasks, LEASE).await);
    let outbox = sink(&tasks).await.unwrap();
    outbox.store(&letters(0..100)).await.unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        for reader in [&one, &two] {
            let come = reader.pull(10, MOMENT).await.unwrap();
            assert_eq!(come.len(), 10);
            seen.extend(ids(&come));
            reader.acknowledge(&tickets(&come)).await.unwrap();
        }
    }
    assert_eq!(seen.len(), 100);
    let late = tokio::spawn(async move { one.pull(10, Duration::from_secs(20)).await.unwrap() });
    tokio::time::sleep(MOMENT).await;
    let start = Instant::now();
    outbox.store(&letters(100..101)).await.unwrap();
    assert_eq!(ids(&late.await.unwrap()), ["100"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_pull_that_is_given_up_loses_nothing() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let queue = open(&tasks, LEASE).await;
    let pull = queue.pull(10, Duration::from_secs(20));
    assert!(tokio::time::timeout(MOMENT, pull).await.is_err());
    sink(&tasks).await.unwrap().store(&letters(0..20)).await.unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < 20 {
        let come = queue.pull(15, SHORT).await.unwrap();
        assert!(!come.is_empty(), "{seen:?}");
        seen.extend(ids(&come));
    }
}

#[tokio::test]
async fn what_gave_no_sign_of_life_comes_again_and_what_did_does_not() {
    let server = Server::start();
    let tasks = server.address("tasks");
    sink(&tasks).await.unwrap().store(&letters(0..2)).await.unwrap();
    let (dying, other) = (open(&tasks, SHORT).await, open(&tasks, SHORT).await);
    let taken = dying.pull(2, MOMENT).await.unwrap();
    let alive = [taken[1].ticket.clone()];
    let start = Instant::now();
    let mut again = Vec::new();
    while start.elapsed() < SHORT * 3 {
        dying.keep_alive(&alive).await.unwrap();
        again.extend(other.pull(2, MOMENT).await.unwrap());
        if again.len() == 1 {
            // The first is held by the other now.
            other.keep_alive(&tickets(&again)).await.unwrap();
        }
    }
    assert_eq!(ids(&again), ["0"]);
    // A worker that was killed is no failure of the message.
    assert_eq!((again[0].deliveries, again[0].tries), (2, 0));
    assert_eq!(other.left().await.unwrap(), Left { waiting: 0, held: 2 });
    // The ticket of the first delivery is as good as that of the second.
    dying.acknowledge(&tickets(&taken)).await.unwrap();
    assert_eq!(other.left().await.unwrap(), Left::default());
}

#[tokio::test]
async fn what_is_refused_comes_again_in_its_time_with_its_tries() {
    let server = Server::start();
    let tasks = server.address("tasks");
    sink(&tasks).await.unwrap().store(&letters(0..2)).await.unwrap();
    let queue = open(&tasks, SHORT).await;
    let mut taken = queue.pull(2, MOMENT).await.unwrap();
    let delays = [Duration::ZERO, SHORT * 2];
    let refuse = |taken: &[Delivery], tries: u32| -> Vec<Refusal> {
        let refused = taken.iter().zip(delays);
        refused
            .map(|(delivery, delay)| {
                let (ticket, id) = (delivery.ticket.clone(), delivery.letter.id.clone());
                Refusal { ticket, id, tries, delay }
            })
            .collect()
    };
    queue.refuse(&refuse(&taken, 1)).await.unwrap();
    let start = Instant::now();
    let first = queue.pull(2, SHORT).await.unwrap();
    assert_eq!(ids(&first), ["0"]);
    assert_eq!((first[0].tries, first[0].deliveries), (1, 2));
    assert_eq!(queue.left().await.unwrap(), Left { waiting: 0, held: 2 });
    queue.acknowledge(&tickets(&first)).await.unwrap();
    taken = queue.pull(2, SHORT * 5).await.unwrap();
    assert!(start.elapsed() >= SHORT * 2, "{:?}", start.elapsed());
    assert_eq!((ids(&taken), taken[0].tries), (vec!["1".to_owned()], 1));
    // Nor does the worker's death forget them.
    drop(queue);
    let queue = open(&tasks, SHORT).await;
    let again = queue.pull(2, SHORT * 3).await.unwrap();
    assert_eq!((ids(&again), again[0].tries, again[0].deliveries), (vec!["1".to_owned()], 1, 3));
    queue.refuse(&refuse(&again, 2)).await.unwrap();
    let again = queue.pull(2, SHORT).await.unwrap();
    assert_eq!((again[0].tries, again[0].deliveries), (2, 4));
    assert_eq!(kept(&server).await, 1);
    queue.acknowledge(&tickets(&again)).await.unwrap();
    assert_eq!(kept(&server).await, 0);
}

#[tokio::test]
async fn an_outcome_that_is_stored_twice_is_there_once() {
    let server = Server::start();
    let results = server.address("results");
    let outbox = sink(&results).await.unwrap();
    outbox.store(&letters(0..3)).await.unwrap();
    sink(&results).await.unwrap().store(&letters(1..4)).await.unwrap();
    outbox.store(&letters(0..4)).await.unwrap();
    assert_eq!(held(&results).await, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn what_is_buried_is_kept_whole() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let many = 2_500;
    sink(&tasks).await.unwrap().store(&letters(0..many)).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    let mut taken = Vec::new();
    while taken.len() < many {
        taken.extend(queue.pull(many, SHORT).await.unwrap());
    }
    let burials: Vec<Burial> = taken
        .into_iter()
        .map(|Delivery { ticket, letter, .. }| Burial {
            ticket,
            letter: Letter { reason: "it panicked:\nat once".to_owned(), tries: 3, ..letter },
        })
        .collect();
    queue.bury(&burials).await.unwrap();
    queue.bury(&burials[..1]).await.unwrap();
    assert_eq!(queue.left().await.unwrap(), Left::default());
    let mut peek = Peek::open(&tasks.beside("dead")).await.unwrap();
    for buried in &burials {
        let found = peek.next().await.unwrap().unwrap();
        let reason = "it panicked: at once".to_owned();
        assert_eq!(found, Letter { reason, ..buried.letter.clone() });
    }
    assert_eq!(peek.next().await.unwrap(), None);
    assert!(held(&tasks).await.is_empty());
}

#[tokio::test]
async fn what_is_submitted_again_and_fails_again_is_buried_again() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let client = async_nats::connect(server.url("")).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    for _ in 0..2 {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("athena-id", "7");
        client.publish_with_headers("tasks", headers, "{}".into()).await.unwrap();
        let come = queue.pull(1, SHORT).await.unwrap().remove(0);
        let burial = Burial { ticket: come.ticket, letter: come.letter };
        for _ in 0..2 {
            queue.bury(std::slice::from_ref(&burial)).await.unwrap();
        }
    }
    assert_eq!(held(&tasks.beside("dead")).await, ["7", "7"]);
}

#[tokio::test]
async fn large_messages_come_in_more_batches() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let large = |letter| Letter { bytes: vec![b' '; 1_000_000], ..letter };
    let large: Vec<Letter> = letters(0..80).into_iter().map(large).collect();
    let outbox = sink(&tasks).await.unwrap();
    outbox.store(&large).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    let mut come = Vec::new();
    while come.len() < large.len() {
        let some = queue.pull(256, MOMENT).await.unwrap();
        assert!((1..40).contains(&some.len()), "{}", some.len());
        come.extend(ids(&some));
        queue.acknowledge(&tickets(&some)).await.unwrap();
    }
    assert_eq!(come.iter().collect::<BTreeSet<_>>().len(), large.len());
    // More than a server takes at all.
    let letter = Letter { bytes: vec![b' '; 2_000_000], ..Letter::default() };
    let error = outbox.store(&[letter]).await.unwrap_err().to_string();
    assert!(error.contains("max payload size exceeded"), "{error}");
}

#[tokio::test]
async fn what_the_server_would_never_take_is_known_before() {
    let server = Server::start();
    let sink = server.address("outcomes").sink().await.unwrap();
    let of = |size: usize| Letter { id: "1".into(), bytes: vec![b'1'; size], ..Letter::default() };
    let reason = sink.refuses(&of(1 << 20)).unwrap();
    assert!(reason.contains("max_payload"), "{reason}");
    assert!(sink.store(&[of(1 << 20)]).await.is_err());
    let most = (0..1 << 20).rev().find(|&size| sink.refuses(&of(size)).is_none()).unwrap();
    sink.store(&[of(most)]).await.unwrap();
}

/// How many messages the broker remembers to have failed.
async fn kept(server: &Server) -> u64 {
    let client = async_nats::connect(server.url("")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream("KV_athena-tries").await.unwrap();
    stream.cached_info().state.messages
}
