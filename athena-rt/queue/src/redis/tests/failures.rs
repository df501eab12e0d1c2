//! A broker that dies, hangs, forgets, is full, or requires a user.

use std::collections::HashSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    LONG, NOW, SHORT, ask, connect, envelope, envelopes, length, nack, open_consumer,
    open_producer, outcome, pull_until_some, stored,
};
use crate::address::ConsumerOptions;
use crate::broker::Backlog;
use crate::open;
use crate::test_support::redis_server::RedisServer;
use athena_protocol::Exit;

#[tokio::test]
async fn nothing_is_lost_when_the_broker_is_killed() {
    let mut broker = RedisServer::redis();
    let (one, producer) = (open_consumer(&broker, LONG).await, open_producer(&broker).await);
    producer.store(&envelopes(100)).await.unwrap();
    let held = one.pull(50, NOW).await.unwrap();
    let outcomes: Vec<_> = held.iter().map(outcome).collect();
    one.complete(&outcomes[..20]).await.unwrap();
    broker.kill();
    let error = one.complete(&outcomes[20..]).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: "), "{error}");
    let error = one.pull(10, SHORT).await.unwrap_err().to_string();
    assert!(error.contains("the connection broke") || error.contains("can't connect"), "{error}");
    let error = producer.store(&envelopes(1)).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: "), "{error}");
    let error = producer.store(&envelopes(1)).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: can't connect: "), "{error}");
    broker.start();
    // The request is repeated and takes effect once.
    producer.store(&envelopes(100)).await.unwrap();
    one.complete(&outcomes).await.unwrap();
    assert_eq!(one.backlog().await.unwrap(), Backlog { waiting: 50, in_flight: 0 });
    let rest = one.pull(100, NOW).await.unwrap();
    let rest: Vec<_> = rest.iter().map(outcome).collect();
    one.complete(&rest).await.unwrap();
    let outcomes = stored(&broker, "outcomes").await;
    assert_eq!((outcomes.len(), outcomes.iter().collect::<HashSet<_>>().len()), (100, 100));
}

#[tokio::test]
async fn a_connection_that_is_cut_comes_back() {
    let broker = RedisServer::redis();
    let one = open_consumer(&broker, LONG).await;
    let waiting = tokio::spawn({
        let one = one.clone();
        async move { one.pull(10, LONG).await }
    });
    sleep(SHORT).await;
    let _: i64 = ask(&broker, "CLIENT KILL TYPE normal SKIPME yes").await;
    let error = waiting.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("/tasks: the connection broke: "), "{error}");
    // Each connection may fail once before it is replaced.
    for _ in 0..2 {
        let _ = one.backlog().await;
    }
    open_producer(&broker).await.store(&envelopes(3)).await.unwrap();
    assert_eq!(one.pull(10, LONG).await.unwrap().len(), 3);
    assert_eq!(one.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 3 });
}

#[cfg(unix)]
#[tokio::test]
async fn no_request_waits_for_ever() {
    let broker = RedisServer::redis();
    let (one, producer) = (open_consumer(&broker, LONG).await, open_producer(&broker).await);
    let process = rustix::process::Pid::from_raw(broker.id().cast_signed()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    let asked_at = Instant::now();
    let envelopes = envelopes(1);
    let (pulled, stored) = tokio::join!(one.pull(1, LONG), producer.store(&envelopes));
    for error in [pulled.unwrap_err().to_string(), stored.unwrap_err().to_string()] {
        assert!(error.contains("/tasks: no answer within 5"), "{error}");
    }
    assert!(asked_at.elapsed() < Duration::from_secs(10));
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    producer.store(&envelopes).await.unwrap();
    assert_eq!(pull_until_some(&*one, LONG).await.len(), 1);
    assert_eq!(length(&broker, "tasks").await, 1);
}

#[tokio::test]
async fn keys_that_the_broker_lost_are_created_again() {
    let broker = RedisServer::redis();
    let one = open_consumer(&broker, LONG).await;
    let _: String = ask(&broker, "FLUSHALL").await;
    let _: String = ask(&broker, "SCRIPT FLUSH").await;
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
    let _: String = ask(&broker, "FLUSHALL").await;
    open_producer(&broker).await.store(&envelopes(2)).await.unwrap();
    let held = one.pull(10, LONG).await.unwrap();
    assert_eq!(held.len(), 2);
    let _: String = ask(&broker, "FLUSHALL").await;
    one.keep_alive(&[held[0].tag.clone()]).await.unwrap();
    one.nack(&[nack(&held[0], NOW)]).await.unwrap();
    one.complete(&[outcome(&held[0])]).await.unwrap();
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
    assert_eq!(length(&broker, "outcomes").await, 0, "it was not there to be acknowledged");
}

#[tokio::test]
async fn a_broker_out_of_memory_stores_nothing_and_deletes_acknowledged_messages() {
    let broker = RedisServer::redis();
    let (one, producer) = (open_consumer(&broker, LONG).await, open_producer(&broker).await);
    producer.store(&envelopes(10)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let _: String = ask(&broker, "CONFIG SET maxmemory 1mb").await;
    let error = producer.store(&[envelope("more")]).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: the broker is out of memory"), "{error}");
    let outcomes: Vec<_> = held.iter().map(outcome).collect();
    one.complete(&outcomes).await.unwrap();
    assert_eq!(length(&broker, "outcomes").await, 10);
    // A worker that starts now drains the queue.
    let other = open_consumer(&broker, LONG).await;
    assert_eq!(other.backlog().await.unwrap(), Backlog::default());
    let _: String = ask(&broker, "CONFIG SET maxmemory 0").await;
    producer.store(&[envelope("more")]).await.unwrap();
    assert_eq!(stored(&broker, "tasks").await, ["more"]);
}

#[tokio::test]
async fn a_broker_that_wants_a_password_gets_it() {
    let broker = RedisServer::redis();
    let mut keeper = connect(&broker).await;
    let mut set = ::redis::cmd("CONFIG");
    let _: String =
        set.arg(&["SET", "requirepass", "pa/ss"]).query_async(&mut keeper).await.unwrap();
    let of = |user: &str| broker.url("tasks?db=3").replace("://", &format!("://{user}"));
    for (user, reason) in [("", "requires a user and a password"), (":no@", "rejects this user")] {
        let error =
            open::producer(&open::address(&of(user)).unwrap()).await.err().unwrap().to_string();
        assert!(error.contains(reason) && !error.contains("no@"), "{error}");
    }
    let producer = open::producer(&open::address(&of(":pa%2Fss@")).unwrap()).await.unwrap();
    producer.store(&envelopes(1)).await.unwrap();
    let _: String = ::redis::cmd("SELECT").arg(3).query_async(&mut keeper).await.unwrap();
    let length: usize = ::redis::cmd("XLEN").arg("tasks").query_async(&mut keeper).await.unwrap();
    assert_eq!(length, 1);
}

/// Nothing is acknowledged that could not be stored.
#[tokio::test]
async fn a_user_that_may_acknowledge_and_not_store_loses_nothing() {
    let broker = RedisServer::redis();
    open_producer(&broker).await.store(&envelopes(2)).await.unwrap();
    let _: String = ask(&broker, "ACL SETUSER me on >pw ~* +@all -xadd").await;
    let url = broker.url("tasks").replace("://", "://me:pw@");
    let to = Some(open::address(&broker.url("outcomes").replace("://", "://me:pw@")).unwrap());
    let options = ConsumerOptions { group: "athena".to_owned(), lease: LONG, to };
    let one = open::consumer(&open::address(&url).unwrap(), options).await.unwrap();
    let held = one.pull(2, NOW).await.unwrap();
    let error = one.complete(&[outcome(&held[0])]).await.unwrap_err().to_string();
    assert!(error.contains("this user has no permission"), "{error}");
    let _: String = ask(&broker, "ACL SETUSER me +xadd").await;
    let _: String =
        ask(&broker, "XADD outcomes 18446744073709551615-18446744073709551615 a b").await;
    let error = one.complete(&[outcome(&held[0])]).await.unwrap_err().to_string();
    assert!(error.contains("the last possible id"), "{error}");
    assert_eq!(one.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 2 });
    let _: i64 = ask(&broker, "DEL outcomes").await;
    one.complete(&[outcome(&held[0]), outcome(&held[1])]).await.unwrap();
    assert_eq!(length(&broker, "outcomes").await, 2);
}

#[tokio::test]
async fn a_replica_is_refused() {
    let (master, replica) = (RedisServer::redis(), RedisServer::redis());
    let port = master.url("").rsplit(':').next().unwrap().trim_matches('/').to_owned();
    let _: String = ask(&replica, &format!("REPLICAOF 127.0.0.1 {port}")).await;
    let options = ConsumerOptions { group: "athena".to_owned(), lease: LONG, to: None };
    let address = open::address(&replica.url("tasks")).unwrap();
    let consumer = open::consumer(&address, options).await.err().unwrap().to_string();
    let producer = open::producer(&address).await.err().unwrap().to_string();
    for error in [consumer, producer] {
        assert!(error.contains("a replica") && error.contains("address of the master"), "{error}");
    }
}

#[tokio::test]
async fn a_broker_with_tls_must_show_a_certificate_that_is_trusted() {
    let names = vec!["127.0.0.1".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert"), folder.path().join("key"));
    std::fs::write(&cert, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let broker = RedisServer::redis();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (cert, key) = (cert.display(), key.display());
    let set = format!(
        "CONFIG SET tls-cert-file {cert} tls-key-file {key} tls-auth-clients no tls-port {port}"
    );
    let _: String = ask(&broker, &set).await;
    let secure = open::address(&format!("rediss://127.0.0.1:{port}/tasks")).unwrap();
    let error = open::producer(&secure).await.err().unwrap().to_string();
    assert!(
        error.contains("/tasks: can't connect: ") && error.contains("SSL_CERT_FILE"),
        "{error}"
    );
    let without = open::address(&broker.url("tasks").replace("redis:", "rediss:")).unwrap();
    let error = open::producer(&without).await.err().unwrap();
    assert_eq!(error.exit(), Exit::Usage);
    assert!(error.to_string().contains("use redis://"), "{error}");
    let plain = open::address(&format!("redis://127.0.0.1:{port}/tasks")).unwrap();
    let error = open::producer(&plain).await.err().unwrap().to_string();
    assert!(error.contains("/tasks: "), "{error}");
}
