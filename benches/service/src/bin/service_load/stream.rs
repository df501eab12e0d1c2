//! One stream of lines per connection.

use athena_bench_support::{MESSAGE, bill_without_athena};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::is_success;
use crate::{Count, PATIENCE};

/// How many messages are sent before their outcomes are awaited.
const WINDOW: usize = 64;

/// Sends messages forever.
pub(crate) async fn ask(mut stream: TcpStream, count: &Count) {
    let head = "POST /models/bill HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let lines = format!("{MESSAGE}\n").repeat(WINDOW);
    let chunk = format!("{:x}\r\n{lines}\r\n", lines.len());
    let mut buffer = vec![0; 64 << 10];
    let mut is_first = true;
    loop {
        stream.write_all(chunk.as_bytes()).await.unwrap();
        let (mut length, mut answered) = (0, 0);
        while answered < WINDOW {
            let read = stream.read(&mut buffer[length..]);
            let read = tokio::time::timeout(PATIENCE, read).await.expect("late").unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&buffer[..length]));
            // Neither the head nor the frames have braces, and a bill has one pair.
            answered += buffer[length..length + read].iter().filter(|byte| **byte == b'}').count();
            length += read;
        }
        if is_first {
            let text = String::from_utf8_lossy(&buffer[..length]);
            let wanted = bill_without_athena(MESSAGE.as_bytes()).unwrap();
            assert!(
                is_success(&buffer) && text.contains(&*String::from_utf8_lossy(&wanted)),
                "{text}"
            );
            is_first = false;
        }
        count.set(count.get() + WINDOW as u64);
    }
}
