//! Sends requests over persistent connections, and prints the answers per second, the total of answers, and
//! its own processor time in seconds: `service_load http|tls|stream|grpc ADDRESS CONNECTIONS MILLISECONDS`.
//!
//! It does almost nothing besides system calls, so that it measures the service. An unexpected answer
//! ends it.

#![allow(clippy::cast_precision_loss, reason = "a count of requests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

mod grpc;
mod http;
mod stream;
mod tls;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use athena_bench_support::cpu;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// The warm-up, which is not counted.
const WARM: Duration = Duration::from_millis(150);

/// The maximum time of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The number of answers.
type Count = Rc<Cell<u64>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("WAY ADDRESS CONNECTIONS MILLISECONDS");
    let way = argument();
    let address: SocketAddr = argument().parse().unwrap();
    let connections: usize = argument().parse().unwrap();
    let span = Duration::from_millis(argument().parse().unwrap());
    let count = Count::default();
    let tasks = LocalSet::new();
    for _ in 0..connections {
        let (way, count) = (way.clone(), Rc::clone(&count));
        tasks.spawn_local(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            match &way[..] {
                "http" => http::ask(stream, &count).await,
                "tls" => http::ask(tls::secured(stream).await, &count).await,
                "stream" => stream::ask(stream, &count).await,
                "grpc" => grpc::ask(stream, &count).await,
                other => panic!("{other} is unknown"),
            }
        });
    }
    let measured = tasks.run_until(async {
        tokio::time::sleep(WARM).await;
        let (began, before) = (Instant::now(), count.get());
        tokio::time::sleep(span).await;
        (count.get() - before, began.elapsed())
    });
    let (answered, took) = measured.await;
    assert!(answered > 0, "nothing was answered");
    let rate = answered as f64 / took.as_secs_f64();
    let ran = cpu(std::process::id());
    println!("{rate} {} {}", count.get(), ran.as_secs_f64());
}
