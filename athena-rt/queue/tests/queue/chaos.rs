//! No message is lost and no outcome is stored twice when workers, brokers and connections die.

use std::time::{Duration, Instant};

use crate::Tests;
use crate::broker::{Broker, BrokerKind};
use crate::proxy::Proxy;
use crate::runner::{Worker, by_id, collect, dead, runner, submit};

pub(crate) const TESTS: Tests = &[(
    "20000_messages_each_have_one_outcome_though_workers_brokers_and_connections_die",
    everything_dies,
)];

const MESSAGES: i64 = 20_000;

/// Every message with this distance panics.
const POISON: i64 = 1000;

fn everything_dies(kind: BrokerKind) {
    let mut broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    submit(
        "work",
        &tasks,
        (0..MESSAGES).map(|id| {
            let act = if id % POISON == POISON - 1 { "panic" } else { "" };
            format!("{{\"id\":{id},\"act\":\"{act}\",\"wait_ms\":2}}")
        }),
    );
    let proxy = Proxy::start(broker.port);
    let (from, to) = (broker.url_at(proxy.port, "tasks"), broker.url_at(proxy.port, "results"));
    let arguments = [
        "--from",
        &from,
        "--to",
        &to,
        "--lease",
        "3s",
        "--backoff",
        "200ms",
        "--processes",
        "4",
        "--attempts",
        "3",
    ];
    let start = || Worker::start(&arguments);
    // Its queues are there for good: RabbitMQ loses those that it made right before it is killed.
    let first = Worker::at_work(runner(&["work"]).args(arguments));
    let mut workers = vec![first, start()];
    let began = Instant::now();
    let mut kills = 0;
    for second in 0.. {
        std::thread::sleep(Duration::from_secs(1));
        match second % 10 {
            4 => {
                broker.kill();
                std::thread::sleep(Duration::from_millis(500));
                broker.restart();
            }
            7 => {
                proxy.disconnect();
                std::thread::sleep(Duration::from_secs(2));
                proxy.restore();
            }
            _ => {
                kills += 1;
                workers.remove(0).kill();
                workers.push(start());
            }
        }
        if second >= 20 {
            break;
        }
    }
    println!("{}: {kills} workers killed in {:?}", kind.name(), began.elapsed());
    if kind == BrokerKind::Amqp {
        // It does not tell what other workers hold, so that an idle one does not wait for them.
        workers.clear();
    }
    let mut last = Worker::start(&[&arguments[..], &["--exit-when-idle", "4s"]].concat());
    assert_eq!(last.wait(Duration::from_mins(4)), Some(0));
    drop(workers);
    let outcomes = collect(&results);
    let (seen, others) = by_id(&outcomes);
    let missing: Vec<i64> =
        (0..MESSAGES).filter(|id| id % POISON != POISON - 1 && !seen.contains_key(id)).collect();
    let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
    assert!(
        missing.is_empty() && twice.is_empty() && others.is_empty(),
        "lost {missing:?}, twice {twice:?}, {others:?}"
    );
    let mut poison: Vec<i64> =
        dead(&tasks).iter().map(|letter| letter["message"]["id"].as_i64().unwrap()).collect();
    poison.sort_unstable();
    assert!(poison.iter().copied().eq((POISON - 1..MESSAGES).step_by(1000)), "{poison:?}");
}
