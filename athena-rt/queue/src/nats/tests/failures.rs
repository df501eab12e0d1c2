//! A server that dies, forgets, is unreachable, or requires a user.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::{LEASE, MOMENT, SHORT, envelopes, held, ids, open, tags};
use crate::broker::{Backlog, Consumer, Producer};
use crate::envelope::Envelope;
use crate::open;
use crate::test_support::nats_server::NatsServer;
use athena_protocol::Exit;

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed() {
    let mut server = NatsServer::start();
    let (tasks, results) = (server.address("tasks"), server.address("results"));
    let many = 5_000;
    open::producer(&tasks).await.unwrap().store(&envelopes(0..many)).await.unwrap();
    let (queue, producer) = (open(&tasks, SHORT).await, open::producer(&results).await.unwrap());
    let done = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&done);
    let work = tokio::spawn(async move {
        let (mut failures, mut last) = (0, Instant::now());
        loop {
            match step(&*queue, &*producer).await {
                Ok(0) if queue.backlog().await.is_ok_and(|left| left == Backlog::default()) => {
                    break;
                }
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
    // The server deletes acknowledged messages.
    assert!(held(&tasks).await.is_empty());
    let found = held(&results).await;
    assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>().len()), (many, many));
}

/// A killed server's files may be of different times. Here the consumer, or the messages, are as
/// they were before two messages were acknowledged. The consumer may also have forgotten them, so
/// they are redelivered.
#[tokio::test]
async fn stale_state_of_a_killed_server_is_repaired() {
    for older in ["obs", "msgs"] {
        let mut server = NatsServer::start();
        let tasks = server.address("tasks");
        open::producer(&tasks).await.unwrap().store(&envelopes(0..4)).await.unwrap();
        let queue = open(&tasks, SHORT).await;
        let come = queue.pull(3, MOMENT).await.unwrap();
        server.stop();
        let (state, copy) = (server.state_of("tasks").join(older), tempfile::tempdir().unwrap());
        copy_all(&state, copy.path());
        server.restart();
        let queue = open(&tasks, SHORT).await;
        queue.acknowledge(&tags(&come[1..])).await.unwrap();
        server.stop();
        std::fs::remove_dir_all(&state).unwrap();
        copy_all(copy.path(), &state);
        server.restart();
        let queue = open(&tasks, SHORT).await;
        let mut come = BTreeSet::new();
        let start = Instant::now();
        while queue.backlog().await.unwrap() != Backlog::default() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{older}: {:?}",
                queue.backlog().await
            );
            let some = queue.pull(3, MOMENT).await.unwrap();
            queue.acknowledge(&tags(&some)).await.unwrap();
            come.extend(ids(&some));
        }
        let all = if older == "obs" { &["0", "3"][..] } else { &["0", "1", "2", "3"] };
        assert_eq!(come.iter().collect::<Vec<_>>(), all, "{older}");
        assert!(held(&tasks).await.is_empty(), "{older}");
    }
}

/// 2.9, killed twice, may treat messages as acknowledged that it had only delivered.
#[tokio::test]
async fn messages_forgotten_by_a_killed_server_are_redelivered() {
    let mut server = NatsServer::start();
    let (tasks, other) = (server.address("tasks"), server.address("tasks2"));
    open::producer(&tasks).await.unwrap().store(&envelopes(0..4)).await.unwrap();
    open::producer(&other).await.unwrap().store(&envelopes(0..4)).await.unwrap();
    let queue = open(&tasks, LEASE).await;
    queue.pull(2, MOMENT).await.unwrap();
    let copied = open(&other, LEASE).await;
    let done = copied.pull(2, MOMENT).await.unwrap();
    copied.acknowledge(&tags(&done)).await.unwrap();
    server.stop();
    // The consumer has the state of one whose messages were acknowledged.
    let state = |name: &str| {
        let consumers = std::fs::read_dir(server.state_of(name).join("obs")).unwrap();
        consumers.map(|entry| entry.unwrap().path().join("o.dat")).next().unwrap()
    };
    std::fs::copy(state("tasks2"), state("tasks")).unwrap();
    server.restart();
    let queue = open(&tasks, LEASE).await;
    let come = queue.pull(4, MOMENT).await.unwrap();
    assert_eq!(ids(&come).into_iter().collect::<BTreeSet<_>>().len(), 4, "{:?}", ids(&come));
    queue.acknowledge(&tags(&come)).await.unwrap();
    assert_eq!(queue.backlog().await.unwrap(), Backlog::default());
    assert!(held(&tasks).await.is_empty());
}

#[tokio::test]
async fn a_stream_that_is_gone_is_made_again() {
    let server = NatsServer::start();
    let tasks = server.address("tasks");
    let (queue, producer) = (open(&tasks, LEASE).await, open::producer(&tasks).await.unwrap());
    let client = async_nats::connect(server.url("")).await.unwrap();
    async_nats::jetstream::new(client).delete_stream("tasks").await.unwrap();
    producer.store(&envelopes(0..1)).await.unwrap_err();
    producer.store(&envelopes(0..1)).await.unwrap();
    queue.pull(1, MOMENT).await.unwrap_err();
    assert_eq!(ids(&queue.pull(1, SHORT).await.unwrap()), ["0"]);
}

#[tokio::test]
async fn a_server_without_jetstream_is_an_error() {
    let server = NatsServer::start_with(&[]);
    let error = open::producer(&server.address("tasks")).await.err().unwrap().to_string();
    assert!(error.contains("start the server with -js"), "{error}");
}

#[tokio::test]
async fn a_user_is_named_in_the_url_and_never_shown() {
    let server = NatsServer::start_with(&["-js", "--user", "me", "--pass", "w:r d"]);
    let with = |user: &str| {
        let url = server.url("tasks").replace("//", &format!("//{user}@"));
        open::address(&url).unwrap()
    };
    open::producer(&with("me:w%3Ar%20d")).await.unwrap();
    for wrong in ["me:wrong", "wrong"] {
        let error = open::producer(&with(wrong)).await.err().unwrap().to_string();
        assert!(error.contains("name the user in the URL"), "{error}");
        assert!(!error.contains("wrong"), "{error}");
    }
    let server = NatsServer::start_with(&["-js", "--auth", "t/k"]);
    let url = server.url("tasks").replace("//", "//t%2Fk@");
    open::producer(&open::address(&url).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_user_without_permission_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("nats.conf");
    let users = r#"authorization { users = [
        { user: none, password: pw, permissions: { publish: "other", subscribe: "other" } }
        { user: some, password: pw, permissions: { publish: "$JS.API.INFO", subscribe: "_INBOX.>" } }
    ] }"#;
    std::fs::write(&config, users).unwrap();
    let server = NatsServer::start_with(&["-js", "-c", config.to_str().unwrap()]);
    for user in ["none", "some"] {
        let url = server.url("tasks").replace("//", &format!("//{user}:pw@"));
        let start = Instant::now();
        let error = open::producer(&open::address(&url).unwrap()).await.err().unwrap();
        assert_eq!(error.exit(), Exit::Usage, "{error}");
        assert!(error.to_string().contains("Permissions Violation"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn an_unreachable_server_is_an_error_and_nothing_hangs() {
    let mut server = NatsServer::start();
    let tasks = server.address("tasks");
    let (queue, producer) = (open(&tasks, LEASE).await, open::producer(&tasks).await.unwrap());
    producer.store(&envelopes(0..1)).await.unwrap();
    let taken = tags(&queue.pull(1, SHORT).await.unwrap());
    server.kill();
    let start = Instant::now();
    let pull = queue.pull(1, SHORT).await.unwrap_err().to_string();
    assert!(pull.contains(&server.url("tasks")), "{pull}");
    producer.store(&envelopes(0..1)).await.unwrap_err();
    queue.acknowledge(&taken).await.unwrap_err();
    queue.keep_alive(&taken).await.unwrap_err();
    queue.backlog().await.unwrap_err();
    let error = open::producer(&tasks).await.err().unwrap().to_string();
    assert!(error.contains("can't connect"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// Takes a batch, stores it, and acknowledges it.
async fn step(queue: &dyn Consumer, producer: &dyn Producer) -> athena_core::error::Result<usize> {
    let come = queue.pull(100, MOMENT).await?;
    let envelopes: Vec<Envelope> = come.iter().map(|delivery| delivery.envelope.clone()).collect();
    producer.store(&envelopes).await?;
    queue.acknowledge(&tags(&come)).await?;
    Ok(come.len())
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
