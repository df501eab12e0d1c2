//! Sends requests over persistent connections, one at a time per connection, and prints the answers per
//! second, the total of answers, and its own processor time in seconds:
//! `service_load ADDRESS CONNECTIONS MILLISECONDS`.
//!
//! It does almost nothing besides system calls, so that it measures the service. An unexpected answer
//! ends it.

#![allow(clippy::cast_precision_loss, reason = "a count of requests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use athena_bench_support::{MESSAGE, bill_without_athena, cpu};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// The warm-up, which is not counted.
const WARM: Duration = Duration::from_millis(150);

/// The maximum time of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("ADDRESS CONNECTIONS MILLISECONDS");
    let address: SocketAddr = argument().parse().unwrap();
    let connections: usize = argument().parse().unwrap();
    let span = Duration::from_millis(argument().parse().unwrap());
    let count = Rc::new(Cell::new(0_u64));
    let tasks = LocalSet::new();
    for _ in 0..connections {
        tasks.spawn_local(ask(address, Rc::clone(&count)));
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

/// Sends requests forever.
async fn ask(address: SocketAddr, count: Rc<Cell<u64>>) {
    let request = format!(
        "POST /models/bill HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{MESSAGE}",
        MESSAGE.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 64 << 10];
    let body = tokio::time::timeout(PATIENCE, first(&mut stream, &mut buffer)).await.expect("late");
    loop {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        // Every answer has the same body and nothing after it.
        while !buffer[..length].ends_with(&body) {
            let read = stream.read(&mut buffer[length..]).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&buffer[..length]));
            length += read;
        }
        assert!(is_success(&buffer), "{}", String::from_utf8_lossy(&buffer[..length]));
        count.set(count.get() + 1);
    }
}

/// Reads the first answer, checks that its body is the bill, and returns the answer.
async fn first(stream: &mut TcpStream, buffer: &mut [u8]) -> Vec<u8> {
    let mut length = 0;
    loop {
        let read = stream.read(&mut buffer[length..]).await.unwrap();
        length += read;
        let text = String::from_utf8_lossy(&buffer[..length]);
        assert!(read > 0 && is_success(buffer), "{text}");
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(found) = serde_json::from_str::<Value>(body)
        {
            let wanted = bill_without_athena(MESSAGE.as_bytes()).unwrap();
            assert_eq!(found, serde_json::from_slice::<Value>(&wanted).unwrap());
            return body.as_bytes().to_vec();
        }
    }
}

fn is_success(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200 ")
}
