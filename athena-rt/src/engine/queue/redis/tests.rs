//! Against a real server.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;
use athena_protocol::Format;
use tokio::time::sleep;

use super::broker::Broker;
use crate::engine::letter::{Kind, Letter};
use crate::engine::queue::address::{Address, Reader};
use crate::engine::transport::{Burial, Delivery, Left, Refusal, Sink, Source, Ticket};

/// Long enough that no test reaches it by chance.
const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(300);
const NOW: Duration = Duration::ZERO;

fn address(broker: &Broker, name: &str) -> Address {
    Address::parse(&broker.url(name)).unwrap()
}

async fn reader_of(broker: &Broker, group: &str, lease: Duration) -> Arc<dyn Source> {
    let to = Some(address(broker, "outcomes"));
    let reader = Reader { group: group.to_owned(), lease, to };
    address(broker, "tasks").source(reader).await.unwrap()
}

async fn reader(broker: &Broker, lease: Duration) -> Arc<dyn Source> {
    reader_of(broker, "athena", lease).await
}

async fn sink(broker: &Broker) -> Arc<dyn Sink> {
    address(broker, "tasks").sink().await.unwrap()
}

fn letter(id: &str) -> Letter {
    Letter { id: id.to_owned(), bytes: format!("[{id}]").into_bytes(), ..Letter::default() }
}

fn letters(count: usize) -> Vec<Letter> {
    (0..count).map(|id| letter(&id.to_string())).collect()
}

fn outcome(delivery: &Delivery) -> (Ticket, Letter) {
    let letter = Letter { kind: Kind::Output, ..delivery.letter.clone() };
    (delivery.ticket.clone(), letter)
}

fn refusal(delivery: &Delivery, delay: Duration) -> Refusal {
    Refusal {
        ticket: delivery.ticket.clone(),
        id: delivery.letter.id.clone(),
        tries: delivery.tries + 1,
        delay,
    }
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.letter.id.as_str()).collect()
}

/// Whatever comes until something does.
async fn some(source: &dyn Source, within: Duration) -> Vec<Delivery> {
    let end = Instant::now() + within;
    loop {
        let pulled = source.pull(10, SHORT).await.unwrap();
        if !pulled.is_empty() || Instant::now() > end {
            return pulled;
        }
    }
}

async fn connect(broker: &Broker) -> MultiplexedConnection {
    let url = broker.url("");
    let client = ::redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: ::redis::FromRedisValue>(broker: &Broker, request: &str) -> T {
    let mut words = request.split(' ');
    let mut command = ::redis::cmd(words.next().unwrap());
    command.arg(words.collect::<Vec<_>>());
    command.query_async(&mut connect(broker).await).await.unwrap()
}

async fn length(broker: &Broker, key: &str) -> usize {
    ask(broker, &format!("XLEN {key}")).await
}

/// The ids of what is in a stream.
async fn stored(broker: &Broker, key: &str) -> Vec<String> {
    let mut shelf = address(broker, key).shelf().await.unwrap();
    let mut ids = Vec::new();
    loop {
        let letters = shelf.next(7).await.unwrap();
        if letters.is_empty() {
            return ids;
        }
        ids.extend(letters.into_iter().map(|letter| letter.id));
    }
}

#[tokio::test]
async fn what_is_stored_is_read_whole_and_gone_when_it_is_done() {
    let broker = Broker::redis();
    let reader = reader(&broker, LONG).await;
    let whole = Letter {
        id: "7".to_owned(),
        model: "a::b".to_owned(),
        kind: Kind::Message,
        format: Format::Protobuf,
        trace: "00-1-2-01".to_owned(),
        bytes: vec![0, 255, 10],
        ..Letter::default()
    };
    sink(&broker).await.store(&[whole.clone(), letter("8")]).await.unwrap();
    assert_eq!(reader.left().await.unwrap(), Left { waiting: 2, held: 0 });
    let pulled = reader.pull(10, LONG).await.unwrap();
    assert_eq!(pulled[0].letter, whole);
    assert_eq!((pulled[0].tries, pulled[0].deliveries), (0, 1));
    assert_eq!(reader.left().await.unwrap(), Left { waiting: 0, held: 2 });
    assert!(reader.abilities().atomic);
    reader.acknowledge(&[pulled[0].ticket.clone()]).await.unwrap();
    reader.complete(&[outcome(&pulled[1])]).await.unwrap();
    assert_eq!(reader.left().await.unwrap(), Left::default());
    assert_eq!(length(&broker, "tasks").await, 0);
    assert_eq!(stored(&broker, "outcomes").await, ["8"]);
}

#[tokio::test]
async fn an_entry_of_any_hand_is_a_message() {
    let broker = Broker::redis();
    let _: String = ask(&broker, "XADD tasks 5-1 data {\"a\":1}").await;
    let _: String = ask(&broker, "XADD tasks 5-2 other 1").await;
    let reader = reader(&broker, LONG).await;
    let pulled = reader.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&pulled), ["5-1", "5-2"]);
    assert_eq!(pulled[0].letter.bytes, b"{\"a\":1}");
    assert_eq!(pulled[1].letter.bytes, b"");
}

#[tokio::test]
async fn two_readers_share_what_comes() {
    let broker = Broker::redis();
    let (one, two) = (reader(&broker, LONG).await, reader(&broker, LONG).await);
    sink(&broker).await.store(&letters(500)).await.unwrap();
    let mut seen = HashSet::new();
    for round in 0..50 {
        let source = if round % 2 == 0 { &one } else { &two };
        for delivery in source.pull(10, NOW).await.unwrap() {
            assert!(seen.insert(delivery.letter.id), "it came twice");
        }
    }
    assert_eq!(seen.len(), 500);
    assert!(one.pull(10, NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_dead_reader_held_is_taken_over_after_the_lease() {
    let broker = Broker::redis();
    let dead = reader(&broker, SHORT).await;
    sink(&broker).await.store(&letters(2)).await.unwrap();
    let held = dead.pull(10, NOW).await.unwrap();
    let taken_at = Instant::now();
    drop(dead);
    let other = reader(&broker, SHORT).await;
    assert!(other.pull(10, NOW).await.unwrap().is_empty());
    let taken = some(&*other, LONG).await;
    assert!(taken_at.elapsed() >= SHORT);
    assert_eq!(ids(&taken), ids(&held));
    assert!(taken.iter().all(|one| one.deliveries == 2 && one.tries == 0));
    assert_eq!(taken[0].letter, held[0].letter);
}

#[tokio::test]
async fn a_sign_of_life_keeps_a_message() {
    let broker = Broker::redis();
    let lease = Duration::from_secs(1);
    let (one, two) = (reader(&broker, lease).await, reader(&broker, lease).await);
    sink(&broker).await.store(&letters(1)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let tickets = [held[0].ticket.clone()];
    for _ in 0..12 {
        one.keep_alive(&tickets).await.unwrap();
        assert!(two.pull(10, NOW).await.unwrap().is_empty());
        sleep(Duration::from_millis(200)).await;
    }
    let taken = some(&*two, LONG).await;
    assert_eq!(taken[0].deliveries, 2, "signs of life are no deliveries");
    // A sign of life that comes too late takes nothing back.
    let taken_at = Instant::now();
    while taken_at.elapsed() < lease * 3 / 2 {
        one.keep_alive(&tickets).await.unwrap();
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(some(&*two, LONG).await[0].deliveries, 3);
}

#[tokio::test]
async fn what_is_refused_comes_again_with_its_tries_and_not_too_early() {
    let broker = Broker::redis();
    let one = reader(&broker, LONG).await;
    sink(&broker).await.store(&letters(2)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let refused_at = Instant::now();
    let delay = Duration::from_millis(700);
    let refused = [refusal(&held[0], delay), refusal(&held[1], delay * 2)];
    one.refuse(&refused).await.unwrap();
    assert!(one.pull(10, NOW).await.unwrap().is_empty());
    let first = some(&*one, LONG).await;
    assert!(refused_at.elapsed() >= delay && refused_at.elapsed() < delay * 2);
    assert_eq!((ids(&first), first[0].tries, first[0].deliveries), (vec!["0"], 1, 2));
    let second = some(&*one, LONG).await;
    assert!(refused_at.elapsed() >= delay * 2 && refused_at.elapsed() < delay * 4);
    assert_eq!((ids(&second), second[0].tries), (vec!["1"], 1));
    // The first refusal again, as after an answer that was lost: the message is out once more.
    one.refuse(&[refusal(&held[0], NOW)]).await.unwrap();
    let other = reader(&broker, LONG).await;
    assert!(other.pull(10, NOW).await.unwrap().is_empty());
    one.refuse(&[refusal(&first[0], NOW)]).await.unwrap();
    assert_eq!(reader(&broker, LONG).await.pull(10, NOW).await.unwrap()[0].tries, 2);
    one.complete(&[outcome(&first[0]), outcome(&second[0])]).await.unwrap();
    assert_eq!(ask::<usize>(&broker, "EXISTS tasks:tries:athena").await, 0);
}

#[tokio::test]
async fn of_two_that_hold_a_message_one_stores() {
    let broker = Broker::redis();
    let (one, two) = (reader(&broker, SHORT).await, reader(&broker, SHORT).await);
    sink(&broker).await.store(&letters(20)).await.unwrap();
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
    assert_eq!(one.left().await.unwrap(), Left::default());
}

#[tokio::test]
async fn what_is_given_up_is_kept_whole_with_the_reason() {
    let broker = Broker::redis();
    let one = reader(&broker, LONG).await;
    sink(&broker).await.store(&letters(1)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let dead = Letter { reason: "it panicked".to_owned(), tries: 3, ..held[0].letter.clone() };
    let burial = Burial { ticket: held[0].ticket.clone(), letter: dead.clone() };
    one.bury(std::slice::from_ref(&burial)).await.unwrap();
    one.bury(&[burial]).await.unwrap();
    assert_eq!(one.left().await.unwrap(), Left::default());
    let graves = Reader { group: "athena".to_owned(), lease: LONG, to: None };
    let graves = address(&broker, "tasks").beside("dead").source(graves).await.unwrap();
    let found = graves.pull(10, NOW).await.unwrap();
    assert_eq!((found.len(), &found[0].letter), (1, &dead));
    assert!(!graves.abilities().atomic, "nowhere was said where outcomes go");
    assert_eq!(stored(&broker, "tasks:dead").await, ["0"], "whoever looks takes nothing");
    assert!(stored(&broker, "nothing").await.is_empty());
    assert_eq!(ask::<usize>(&broker, "EXISTS nothing").await, 0);
}

#[tokio::test]
async fn a_sink_keeps_one_of_an_id() {
    let broker = Broker::redis();
    let sink = sink(&broker).await;
    let same = Letter { bytes: b"other".to_vec(), ..letter("0") };
    sink.store(&[letter("0"), letter("1"), same.clone()]).await.unwrap();
    sink.store(&[same.clone(), letter("2")]).await.unwrap();
    sink.store(&[Letter::default(), Letter::default()]).await.unwrap();
    let ids = stored(&broker, "tasks").await;
    assert_eq!((&ids[..3], ids.len()), (&["0", "1", "2"].map(str::to_owned)[..], 5));
    // The second set of ids is asked as well, and both go in time.
    let _: i64 = ask(&broker, "EXPIRE tasks:ids 86400").await;
    sink.store(&[same.clone(), letter("3")]).await.unwrap();
    assert_eq!(ask::<i64>(&broker, "SCARD tasks:ids:old").await, 3);
    assert_eq!(ask::<i64>(&broker, "SCARD tasks:ids").await, 1);
    assert!(ask::<i64>(&broker, "TTL tasks:ids").await > 2 * 86400);
    assert_eq!(length(&broker, "tasks").await, 6);
    // Who deletes a stream begins anew.
    let _: i64 = ask(&broker, "DEL tasks").await;
    sink.store(&[same]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 1);
}

#[tokio::test]
async fn nothing_is_lost_when_the_broker_is_killed() {
    let mut broker = Broker::redis();
    let (one, sink) = (reader(&broker, LONG).await, sink(&broker).await);
    sink.store(&letters(100)).await.unwrap();
    let held = one.pull(50, NOW).await.unwrap();
    let outcomes: Vec<_> = held.iter().map(outcome).collect();
    one.complete(&outcomes[..20]).await.unwrap();
    broker.kill();
    let error = one.complete(&outcomes[20..]).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: "), "{error}");
    let error = one.pull(10, SHORT).await.unwrap_err().to_string();
    assert!(error.contains("the connection broke") || error.contains("can't connect"), "{error}");
    let error = sink.store(&letters(1)).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: "), "{error}");
    let error = sink.store(&letters(1)).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: can't connect: "), "{error}");
    broker.start();
    // What was done before is asked for again, and done once.
    sink.store(&letters(100)).await.unwrap();
    one.complete(&outcomes).await.unwrap();
    assert_eq!(one.left().await.unwrap(), Left { waiting: 50, held: 0 });
    let rest = one.pull(100, NOW).await.unwrap();
    let rest: Vec<_> = rest.iter().map(outcome).collect();
    one.complete(&rest).await.unwrap();
    let outcomes = stored(&broker, "outcomes").await;
    assert_eq!((outcomes.len(), outcomes.iter().collect::<HashSet<_>>().len()), (100, 100));
}

#[tokio::test]
async fn a_connection_that_is_cut_comes_back() {
    let broker = Broker::redis();
    let one = reader(&broker, LONG).await;
    let waiting = tokio::spawn({
        let one = one.clone();
        async move { one.pull(10, LONG).await }
    });
    sleep(SHORT).await;
    let _: i64 = ask(&broker, "CLIENT KILL TYPE normal SKIPME yes").await;
    let error = waiting.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("/tasks: the connection broke: "), "{error}");
    // Each connection may have to find out that it was cut.
    for _ in 0..2 {
        let _ = one.left().await;
    }
    sink(&broker).await.store(&letters(3)).await.unwrap();
    assert_eq!(one.pull(10, LONG).await.unwrap().len(), 3);
    assert_eq!(one.left().await.unwrap(), Left { waiting: 0, held: 3 });
}

#[cfg(unix)]
#[tokio::test]
async fn no_request_waits_for_ever() {
    let broker = Broker::redis();
    let (one, sink) = (reader(&broker, LONG).await, sink(&broker).await);
    let process = rustix::process::Pid::from_raw(broker.id().cast_signed()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    let asked_at = Instant::now();
    let letters = letters(1);
    let (pulled, stored) = tokio::join!(one.pull(1, LONG), sink.store(&letters));
    for error in [pulled.unwrap_err().to_string(), stored.unwrap_err().to_string()] {
        assert!(error.contains("/tasks: no answer within 5"), "{error}");
    }
    assert!(asked_at.elapsed() < Duration::from_secs(10));
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    sink.store(&letters).await.unwrap();
    assert_eq!(some(&*one, LONG).await.len(), 1);
    assert_eq!(length(&broker, "tasks").await, 1);
}

#[tokio::test]
async fn a_message_stays_while_another_group_wants_it() {
    let broker = Broker::redis();
    let (one, two) = (reader(&broker, LONG).await, reader_of(&broker, "other", LONG).await);
    sink(&broker).await.store(&letters(3)).await.unwrap();
    let first = one.pull(10, NOW).await.unwrap();
    let tickets =
        |pulled: &[Delivery]| pulled.iter().map(|one| one.ticket.clone()).collect::<Vec<_>>();
    one.acknowledge(&tickets(&first)).await.unwrap();
    assert_eq!(one.left().await.unwrap(), Left::default());
    assert_eq!(length(&broker, "tasks").await, 3);
    let second = two.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&second), ids(&first));
    two.acknowledge(&tickets(&second)[..2]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 1);
    two.acknowledge(&tickets(&second)[2..]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 0);
}

#[tokio::test]
async fn a_key_that_is_no_stream_is_told() {
    let broker = Broker::redis();
    let _: String = ask(&broker, "SET tasks 1").await;
    let reader = Reader { group: "athena".to_owned(), lease: LONG, to: None };
    let error = address(&broker, "tasks").source(reader.clone()).await.err().unwrap().to_string();
    let expected = "/tasks: the key tasks is there and is a string, no stream";
    assert!(error.contains(expected), "{error}");
    let error = address(&broker, "tasks").sink().await.err().unwrap().to_string();
    assert!(error.contains(expected), "{error}");
    // One that comes between: nothing is acknowledged that could not be stored.
    let _: i64 = ask(&broker, "DEL tasks").await;
    let reader = reader_of(&broker, "athena", LONG).await;
    sink(&broker).await.store(&letters(1)).await.unwrap();
    let held = reader.pull(10, NOW).await.unwrap();
    let _: String = ask(&broker, "SET outcomes 1").await;
    let error = reader.complete(&[outcome(&held[0])]).await.unwrap_err().to_string();
    assert!(error.contains("the key outcomes is there and is a string, no stream"), "{error}");
    assert_eq!(reader.left().await.unwrap(), Left { waiting: 0, held: 1 });
}

#[tokio::test]
async fn what_others_delete_is_not_waited_for() {
    let broker = Broker::redis();
    let one = reader(&broker, LONG).await;
    for id in 1..=6 {
        let _: String = ask(&broker, &format!("XADD tasks {id}-0 data {id}")).await;
    }
    assert_eq!(one.pull(3, NOW).await.unwrap().len(), 3);
    // One that is held, one that waits, and what waits as the last.
    for id in [2, 4, 6] {
        let _: i64 = ask(&broker, &format!("XDEL tasks {id}-0")).await;
    }
    let left = one.left().await.unwrap();
    assert!(left.waiting > 0 && left.held == 3, "{left:?}");
    let rest = one.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&rest), ["5-0"]);
    assert_eq!(one.left().await.unwrap().waiting, 0);
    for id in ["1-0", "3-0", "5-0"] {
        one.acknowledge(&[Ticket(format!("{id}/1"))]).await.unwrap();
    }
    let end = Instant::now() + LONG;
    while one.left().await.unwrap() != Left::default() {
        assert!(Instant::now() < end, "{:?}", one.left().await);
        assert!(reader(&broker, LONG).await.pull(10, NOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_the_broker_lost_is_created_again() {
    let broker = Broker::redis();
    let one = reader(&broker, LONG).await;
    let _: String = ask(&broker, "FLUSHALL").await;
    let _: String = ask(&broker, "SCRIPT FLUSH").await;
    assert_eq!(one.left().await.unwrap(), Left::default());
    let _: String = ask(&broker, "FLUSHALL").await;
    sink(&broker).await.store(&letters(2)).await.unwrap();
    let held = one.pull(10, LONG).await.unwrap();
    assert_eq!(held.len(), 2);
    let _: String = ask(&broker, "FLUSHALL").await;
    one.keep_alive(&[held[0].ticket.clone()]).await.unwrap();
    one.refuse(&[refusal(&held[0], NOW)]).await.unwrap();
    one.complete(&[outcome(&held[0])]).await.unwrap();
    assert_eq!(one.left().await.unwrap(), Left::default());
    assert_eq!(length(&broker, "outcomes").await, 0, "it was not there to be acknowledged");
}

#[tokio::test]
async fn a_reader_that_is_long_gone_is_forgotten_and_one_that_holds_is_not() {
    let broker = Broker::redis();
    drop(reader(&broker, LONG).await);
    let holds = reader(&broker, LONG).await;
    sink(&broker).await.store(&letters(1)).await.unwrap();
    assert_eq!(holds.pull(1, NOW).await.unwrap().len(), 1);
    let _: i64 = ask(&broker, "XGROUP CREATECONSUMER tasks athena idle").await;
    let open = include_str!("scripts/open.lua");
    let mut eval = ::redis::cmd("EVAL");
    eval.arg(open).arg(5).arg(&["tasks", "tries", "ids", "old", "dead"]).arg("athena").arg(-1);
    let _: String = eval.query_async(&mut connect(&broker).await).await.unwrap();
    let names: ::redis::Value = ask(&broker, "XINFO CONSUMERS tasks athena").await;
    assert!(matches!(names, ::redis::Value::Array(names) if names.len() == 1));
    assert_eq!(holds.left().await.unwrap(), Left { waiting: 0, held: 1 });
}

#[tokio::test]
async fn a_broker_out_of_memory_stores_nothing_and_lets_go_of_what_is_done() {
    let broker = Broker::redis();
    let (one, sink) = (reader(&broker, LONG).await, sink(&broker).await);
    sink.store(&letters(10)).await.unwrap();
    let held = one.pull(10, NOW).await.unwrap();
    let _: String = ask(&broker, "CONFIG SET maxmemory 1mb").await;
    let error = sink.store(&[letter("more")]).await.unwrap_err().to_string();
    assert!(error.contains("/tasks: the broker is out of memory"), "{error}");
    let outcomes: Vec<_> = held.iter().map(outcome).collect();
    one.complete(&outcomes).await.unwrap();
    assert_eq!(length(&broker, "outcomes").await, 10);
    let _: String = ask(&broker, "CONFIG SET maxmemory 0").await;
    sink.store(&[letter("more")]).await.unwrap();
    assert_eq!(stored(&broker, "tasks").await, ["more"]);
}

#[tokio::test]
async fn a_broker_that_wants_a_password_gets_it() {
    let broker = Broker::redis();
    let mut keeper = connect(&broker).await;
    let mut set = ::redis::cmd("CONFIG");
    let _: String =
        set.arg(&["SET", "requirepass", "pa/ss"]).query_async(&mut keeper).await.unwrap();
    let of = |user: &str| broker.url("tasks?db=3").replace("://", &format!("://{user}"));
    for (user, reason) in [("", "wants a user and a password"), (":no@", "does not take")] {
        let error = Address::parse(&of(user)).unwrap().sink().await.err().unwrap().to_string();
        assert!(error.contains(reason) && !error.contains("no@"), "{error}");
    }
    let sink = Address::parse(&of(":pa%2Fss@")).unwrap().sink().await.unwrap();
    sink.store(&letters(1)).await.unwrap();
    let _: String = ::redis::cmd("SELECT").arg(3).query_async(&mut keeper).await.unwrap();
    let length: usize = ::redis::cmd("XLEN").arg("tasks").query_async(&mut keeper).await.unwrap();
    assert_eq!(length, 1);
}

#[tokio::test]
async fn large_messages_come_and_go_in_several_requests() {
    let broker = Broker::redis();
    let (one, sink) = (reader(&broker, LONG).await, sink(&broker).await);
    let large = |id: usize| Letter { bytes: vec![b'x'; 3 << 20], ..letter(&id.to_string()) };
    sink.store(&(0..10).map(large).collect::<Vec<_>>()).await.unwrap();
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
    assert_eq!(one.left().await.unwrap(), Left::default());
}

#[tokio::test]
async fn a_broker_with_tls_must_show_a_certificate_that_is_trusted() {
    let names = vec!["127.0.0.1".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert"), folder.path().join("key"));
    std::fs::write(&cert, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let broker = Broker::redis();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (cert, key) = (cert.display(), key.display());
    let set = format!(
        "CONFIG SET tls-cert-file {cert} tls-key-file {key} tls-auth-clients no tls-port {port}"
    );
    let _: String = ask(&broker, &set).await;
    let secure = Address::parse(&format!("rediss://127.0.0.1:{port}/tasks")).unwrap();
    let error = secure.sink().await.err().unwrap().to_string();
    assert!(
        error.contains("/tasks: can't connect: ") && error.contains("UnknownIssuer"),
        "{error}"
    );
    let plain = Address::parse(&format!("redis://127.0.0.1:{port}/tasks")).unwrap();
    let error = plain.sink().await.err().unwrap().to_string();
    assert!(error.contains("/tasks: "), "{error}");
}
