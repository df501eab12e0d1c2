//! Other programs use the same keys.

use std::time::Instant;

use super::{
    LONG, NOW, address, ask, connect, envelopes, ids, length, open_consumer, open_consumer_of,
    open_producer, outcome,
};
use crate::address::ConsumerOptions;
use crate::broker::{Backlog, Delivery, DeliveryTag};
use crate::open;
use crate::test_support::redis_server::RedisServer;

#[tokio::test]
async fn an_entry_of_another_program_is_a_message() {
    let broker = RedisServer::redis();
    let _: String = ask(&broker, "XADD tasks 5-1 data {\"a\":1}").await;
    let _: String = ask(&broker, "XADD tasks 5-2 other 1").await;
    let consumer = open_consumer(&broker, LONG).await;
    let pulled = consumer.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&pulled), ["5-1", "5-2"]);
    assert_eq!(pulled[0].envelope.bytes, b"{\"a\":1}");
    assert_eq!(pulled[1].envelope.bytes, b"");
}

#[tokio::test]
async fn a_message_stays_while_another_group_wants_it() {
    let broker = RedisServer::redis();
    let (one, two) =
        (open_consumer(&broker, LONG).await, open_consumer_of(&broker, "other", LONG).await);
    open_producer(&broker).await.store(&envelopes(3)).await.unwrap();
    let first = one.pull(10, NOW).await.unwrap();
    let tags = |pulled: &[Delivery]| pulled.iter().map(|one| one.tag.clone()).collect::<Vec<_>>();
    one.acknowledge(&tags(&first)).await.unwrap();
    assert_eq!(one.backlog().await.unwrap(), Backlog::default());
    assert_eq!(length(&broker, "tasks").await, 3);
    let second = two.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&second), ids(&first));
    two.acknowledge(&tags(&second)[..2]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 1);
    two.acknowledge(&tags(&second)[2..]).await.unwrap();
    assert_eq!(length(&broker, "tasks").await, 0);
}

/// Ids that differ beyond 2^53, as programs make them that count microseconds or nanoseconds.
#[tokio::test]
async fn a_message_with_a_long_id_stays_while_another_group_wants_it() {
    let broker = RedisServer::redis();
    let ids = [
        "1758500000000000001-0",
        "1758500000000000002-0",
        "1758500000000000002-9007199254740993",
        "1758500000000000002-9007199254740994",
        "9758500000000000002-0",
        "10758500000000000002-0",
    ];
    for id in ids {
        let _: String = ask(&broker, &format!("XADD tasks {id} data 1")).await;
    }
    let _: String = ask(&broker, "XGROUP CREATE tasks audit 0").await;
    for already in 0..ids.len() {
        let read = "XREADGROUP GROUP audit me COUNT 1 STREAMS tasks >";
        let _: ::redis::Value = ask(&broker, read).await;
        let _: i64 = ask(&broker, &format!("XACK tasks audit {}", ids[already])).await;
        // Another group of workers is done with all of them.
        let group = format!("athena-{already}");
        let consumer = open_consumer_of(&broker, &group, LONG).await;
        let pulled = consumer.pull(10, NOW).await.unwrap();
        assert_eq!(super::ids(&pulled), ids[already..]);
        let tags: Vec<DeliveryTag> = pulled.iter().map(|one| one.tag.clone()).collect();
        consumer.acknowledge(&tags).await.unwrap();
        let _: i64 = ask(&broker, &format!("XGROUP DESTROY tasks {group}")).await;
        assert_eq!(length(&broker, "tasks").await, ids.len() - already - 1);
    }
}

#[tokio::test]
async fn a_key_that_is_not_a_stream_is_an_error() {
    let broker = RedisServer::redis();
    let _: String = ask(&broker, "SET tasks 1").await;
    let options = ConsumerOptions { group: "athena".to_owned(), lease: LONG, to: None };
    let error = open::consumer(&address(&broker, "tasks"), options.clone())
        .await
        .err()
        .unwrap()
        .to_string();
    let expected = "/tasks: the key tasks is a string, not a stream";
    assert!(error.contains(expected), "{error}");
    let error = open::producer(&address(&broker, "tasks")).await.err().unwrap().to_string();
    assert!(error.contains(expected), "{error}");
    // One that comes between: nothing is acknowledged that could not be stored.
    let _: i64 = ask(&broker, "DEL tasks").await;
    let consumer = open_consumer_of(&broker, "athena", LONG).await;
    open_producer(&broker).await.store(&envelopes(1)).await.unwrap();
    let held = consumer.pull(10, NOW).await.unwrap();
    let _: String = ask(&broker, "SET outcomes 1").await;
    let error = consumer.complete(&[outcome(&held[0])]).await.unwrap_err().to_string();
    assert!(error.contains("the key outcomes is a string, not a stream"), "{error}");
    assert_eq!(consumer.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 1 });
}

#[tokio::test]
async fn messages_deleted_by_others_are_not_waited_for() {
    let broker = RedisServer::redis();
    let one = open_consumer(&broker, LONG).await;
    for id in 1..=6 {
        let _: String = ask(&broker, &format!("XADD tasks {id}-0 data {id}")).await;
    }
    assert_eq!(one.pull(3, NOW).await.unwrap().len(), 3);
    // One that is held, one that waits, and what waits as the last.
    for id in [2, 4, 6] {
        let _: i64 = ask(&broker, &format!("XDEL tasks {id}-0")).await;
    }
    let left = one.backlog().await.unwrap();
    assert!(left.waiting > 0 && left.in_flight == 3, "{left:?}");
    let rest = one.pull(10, NOW).await.unwrap();
    assert_eq!(ids(&rest), ["5-0"]);
    assert_eq!(one.backlog().await.unwrap().waiting, 0);
    for id in ["1-0", "3-0", "5-0"] {
        one.acknowledge(&[DeliveryTag(format!("{id}/1"))]).await.unwrap();
    }
    let end = Instant::now() + LONG;
    while one.backlog().await.unwrap() != Backlog::default() {
        assert!(Instant::now() < end, "{:?}", one.backlog().await);
        assert!(open_consumer(&broker, LONG).await.pull(10, NOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_reader_that_is_long_gone_is_forgotten_and_one_that_holds_is_not() {
    let broker = RedisServer::redis();
    drop(open_consumer(&broker, LONG).await);
    let holds = open_consumer(&broker, LONG).await;
    open_producer(&broker).await.store(&envelopes(1)).await.unwrap();
    assert_eq!(holds.pull(1, NOW).await.unwrap().len(), 1);
    let _: i64 = ask(&broker, "XGROUP CREATECONSUMER tasks athena idle").await;
    let open = include_str!("../scripts/open.lua");
    let mut eval = ::redis::cmd("EVAL");
    eval.arg(open).arg(5).arg(&["tasks", "tries", "ids", "old", "dead"]).arg("athena").arg(-1);
    let _: String = eval.query_async(&mut connect(&broker).await).await.unwrap();
    let names: ::redis::Value = ask(&broker, "XINFO CONSUMERS tasks athena").await;
    assert!(matches!(names, ::redis::Value::Array(names) if names.len() == 1));
    assert_eq!(holds.backlog().await.unwrap(), Backlog { waiting: 0, in_flight: 1 });
}
