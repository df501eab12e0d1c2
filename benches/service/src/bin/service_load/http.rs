//! One request at a time per connection.

use athena_bench_support::{MESSAGE, bill_without_athena};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::{Count, PATIENCE};

/// Sends requests forever.
pub(crate) async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, count: &Count) {
    let request = format!(
        "POST /models/bill HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{MESSAGE}",
        MESSAGE.len()
    );
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
async fn first(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> Vec<u8> {
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

/// Whether an answer begins with the status of success.
pub(crate) fn is_success(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200 ")
}
