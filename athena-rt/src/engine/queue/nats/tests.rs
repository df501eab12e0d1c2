//! Against a real server.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::AckPolicy;
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use athena_protocol::Format;

use super::server::Server;
use super::{Peek, sink, source};
use crate::engine::letter::{Kind, Letter};
use crate::engine::queue::address::{Address, Reader};
use crate::engine::transport::{Burial, Delivery, Left, Refusal, Sink, Source, Ticket};

const LEASE: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(300);

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
async fn messages_of_others_have_an_id() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let queue = open(&tasks, LEASE).await;
    let client = async_nats::connect(server.url("")).await.unwrap();
    client.publish("tasks", "{}".into()).await.unwrap();
    let come = queue.pull(1, SHORT).await.unwrap();
    assert!(come[0].letter.id.starts_with("tasks-1-"), "{}", come[0].letter.id);
    assert_eq!(come[0].letter.bytes, b"{}");
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed() {
    let mut server = Server::start();
    let (tasks, results) = (server.address("tasks"), server.address("results"));
    let many = 5_000;
    sink(&tasks).await.unwrap().store(&letters(0..many)).await.unwrap();
    let (queue, outbox) = (open(&tasks, SHORT).await, sink(&results).await.unwrap());
    let done = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&done);
    let work = tokio::spawn(async move {
        let (mut failures, mut last) = (0, Instant::now());
        loop {
            match step(&*queue, &*outbox).await {
                Ok(0) if queue.left().await.is_ok_and(|left| left == Left::default()) => break,
                Ok(0) => assert!(last.elapsed() < Duration::from_secs(30), "something is left"),
                Ok(some) => {
                    progress.fetch_add(some, Ordering::Relaxed);
                    last = Instant::now();
                }
                Err(_) => {
                    failures += 1;
                    assert!(last.elapsed() < Duration::from_secs(30), "it hangs");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        failures
    });
    for part in 1..=3 {
        while done.load(Ordering::Relaxed) < many / 4 * part {
            assert!(!work.is_finished(), "it ended early");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
        tokio::time::sleep(MOMENT).await;
        server.restart();
    }
    let failures = work.await.unwrap();
    assert!(failures >= 3, "the server was missed {failures} times");
    // Nor does the server keep what was acknowledged.
    assert!(held(&tasks).await.is_empty());
    let found = held(&results).await;
    assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (many, many));
}

/// What a server has on its disk when it is killed is not of one moment. Here the consumer, or the
/// messages, are as they were before two messages were acknowledged.
#[tokio::test]
async fn what_a_killed_server_leaves_behind_is_not_left_for_ever() {
    for older in ["obs", "msgs"] {
        let mut server = Server::start();
        let tasks = server.address("tasks");
        sink(&tasks).await.unwrap().store(&letters(0..4)).await.unwrap();
        let queue = open(&tasks, SHORT).await;
        let come = queue.pull(3, MOMENT).await.unwrap();
        server.stop();
        let (state, copy) = (server.state_of("tasks").join(older), tempfile::tempdir().unwrap());
        copy_all(&state, copy.path());
        server.restart();
        let queue = open(&tasks, SHORT).await;
        queue.acknowledge(&tickets(&come[1..])).await.unwrap();
        server.stop();
        std::fs::remove_dir_all(&state).unwrap();
        copy_all(copy.path(), &state);
        server.restart();
        let queue = open(&tasks, SHORT).await;
        let mut come = BTreeSet::new();
        let start = Instant::now();
        while queue.left().await.unwrap() != Left::default() {
            assert!(start.elapsed() < Duration::from_secs(20), "{older}: {:?}", queue.left().await);
            let some = queue.pull(3, MOMENT).await.unwrap();
            queue.acknowledge(&tickets(&some)).await.unwrap();
            come.extend(ids(&some));
        }
        assert_eq!(come.iter().collect::<Vec<_>>(), ["0", "3"], "{older}");
        assert!(held(&tasks).await.is_empty(), "{older}");
    }
}

#[tokio::test]
async fn a_stream_that_is_gone_is_made_again() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let (queue, outbox) = (open(&tasks, LEASE).await, sink(&tasks).await.unwrap());
    let client = async_nats::connect(server.url("")).await.unwrap();
    async_nats::jetstream::new(client).delete_stream("tasks").await.unwrap();
    outbox.store(&letters(0..1)).await.unwrap_err();
    outbox.store(&letters(0..1)).await.unwrap();
    queue.pull(1, MOMENT).await.unwrap_err();
    assert_eq!(ids(&queue.pull(1, SHORT).await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_stream_of_the_user_is_used_as_it_is() {
    let server = Server::start();
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
    sink(&old).await.unwrap().store(&letters(0..2)).await.unwrap();
    sink(&new).await.unwrap().store(&letters(2..4)).await.unwrap();
    for (address, expected) in [(&old, ["0", "1"]), (&new, ["2", "3"])] {
        let queue = open(address, LEASE).await;
        let come = queue.pull(10, SHORT).await.unwrap();
        assert_eq!(ids(&come), expected);
        queue.acknowledge(&tickets(&come)).await.unwrap();
        assert_eq!(queue.left().await.unwrap(), Left::default());
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

#[tokio::test]
async fn a_second_group_cannot_read_what_goes_with_the_acknowledgement() {
    let server = Server::start();
    let tasks = server.address("tasks");
    let _first = open(&tasks, LEASE).await;
    let reader = Reader { group: "other".to_owned(), lease: LEASE, to: None };
    let error = source(&tasks, reader).await.err().unwrap().to_string();
    assert!(error.contains("one group of readers only"), "{error}");
}

#[tokio::test]
async fn a_server_without_jetstream_is_told() {
    let server = Server::start_with(&[]);
    let error = sink(&server.address("tasks")).await.err().unwrap().to_string();
    assert!(error.contains("start the server with -js"), "{error}");
}

#[tokio::test]
async fn a_user_is_named_in_the_url_and_never_shown() {
    let server = Server::start_with(&["-js", "--user", "me", "--pass", "w:r d"]);
    let with = |user: &str| {
        let url = server.url("tasks").replace("//", &format!("//{user}@"));
        Address::parse(&url).unwrap()
    };
    sink(&with("me:w%3Ar%20d")).await.unwrap();
    for wrong in ["me:wrong", "wrong"] {
        let error = sink(&with(wrong)).await.err().unwrap().to_string();
        assert!(error.contains("name a user in the URL"), "{error}");
        assert!(!error.contains("wrong"), "{error}");
    }
    let server = Server::start_with(&["-js", "--auth", "t/k"]);
    let url = server.url("tasks").replace("//", "//t%2Fk@");
    sink(&Address::parse(&url).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_and_nothing_hangs() {
    let mut server = Server::start();
    let tasks = server.address("tasks");
    let (queue, outbox) = (open(&tasks, LEASE).await, sink(&tasks).await.unwrap());
    outbox.store(&letters(0..1)).await.unwrap();
    let taken = tickets(&queue.pull(1, SHORT).await.unwrap());
    server.kill();
    let start = Instant::now();
    let pull = queue.pull(1, SHORT).await.unwrap_err().to_string();
    assert!(pull.contains(&server.url("tasks")), "{pull}");
    outbox.store(&letters(0..1)).await.unwrap_err();
    queue.acknowledge(&taken).await.unwrap_err();
    queue.keep_alive(&taken).await.unwrap_err();
    queue.left().await.unwrap_err();
    let error = sink(&tasks).await.err().unwrap().to_string();
    assert!(error.contains("can't connect"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
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

async fn open(address: &Address, lease: Duration) -> Arc<dyn Source> {
    let reader = Reader { group: "athena".to_owned(), lease, to: None };
    source(address, reader).await.unwrap()
}

/// Takes a batch, stores it, and acknowledges it.
async fn step(queue: &dyn Source, outbox: &dyn Sink) -> crate::Result<usize> {
    let come = queue.pull(100, MOMENT).await?;
    let letters: Vec<Letter> = come.iter().map(|delivery| delivery.letter.clone()).collect();
    outbox.store(&letters).await?;
    queue.acknowledge(&tickets(&come)).await?;
    Ok(come.len())
}

fn letters(numbers: std::ops::Range<usize>) -> Vec<Letter> {
    let letter = |number: usize| Letter {
        id: number.to_string(),
        bytes: format!("{{\"number\":{number}}}").into_bytes(),
        ..Letter::default()
    };
    numbers.map(letter).collect()
}

fn tickets(come: &[Delivery]) -> Vec<Ticket> {
    come.iter().map(|delivery| delivery.ticket.clone()).collect()
}

fn ids(come: &[Delivery]) -> Vec<String> {
    come.iter().map(|delivery| delivery.letter.id.clone()).collect()
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// The ids of what a queue holds.
async fn held(address: &Address) -> Vec<String> {
    let mut peek = Peek::open(address).await.unwrap();
    let mut held = Vec::new();
    while let Some(letter) = peek.next().await.unwrap() {
        held.push(letter.id);
    }
    held
}

/// How many messages the broker remembers to have failed.
async fn kept(server: &Server) -> u64 {
    let client = async_nats::connect(server.url("")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let stream = jetstream.get_stream("KV_athena-tries").await.unwrap();
    stream.cached_info().state.messages
}
