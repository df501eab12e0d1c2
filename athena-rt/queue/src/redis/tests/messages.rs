//! What messages go through, from where they are stored to where they are done.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use athena_protocol::Format;
use tokio::time::sleep;

use super::super::broker::Broker;
use super::{
    LONG, NOW, SHORT, address, ask, ids, length, letter, letters, outcome, reader, refusal, sink,
    some, stored,
};
use crate::address::Reader;
use crate::letter::{Kind, Letter};
use crate::transport::{Burial, Left};

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
