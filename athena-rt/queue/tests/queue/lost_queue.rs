//! A queue that `RabbitMQ` has lost.

use std::time::{Duration, Instant};

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};

use crate::broker::{Broker, BrokerKind};
use crate::runner::{Worker, dead, runner, submit};

/// A server that is killed right after it made a queue lists it, and never answers for it. A worker whose
/// retries would wait there stores them elsewhere.
pub(crate) fn a_lost_delay_queue_is_replaced() {
    let mut broker = Broker::start(BrokerKind::Amqp);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    let arguments = ["--from", &tasks, "--to", &results, "--backoff", "200ms", "--attempts", "2"];
    let worker = Worker::at_work(runner(&["work"]).args(arguments));
    submit("work", &tasks, std::iter::once("{\"id\":1,\"act\":\"panic\"}".to_owned()));
    let server = broker.url("").replace("?queue=", "");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(until_declared(&server, "tasks.delay.200"));
    broker.kill();
    worker.kill();
    broker.restart();
    let mut last = Worker::start(&[&arguments[..], &["--exit-when-idle", "2s"]].concat());
    assert_eq!(last.wait(Duration::from_mins(2)), Some(0));
    assert_eq!(dead(&tasks).len(), 1);
}

/// Waits until a queue exists.
async fn until_declared(server: &str, queue: &str) {
    let connection = Connection::connect(server, ConnectionProperties::default()).await.unwrap();
    let began = Instant::now();
    loop {
        // A queue that is missing ends the channel.
        let channel = connection.create_channel().await.unwrap();
        let options = QueueDeclareOptions::durable().passive();
        if channel.queue_declare(queue.into(), options, FieldTable::default()).await.is_ok() {
            return;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{queue} is not made");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
