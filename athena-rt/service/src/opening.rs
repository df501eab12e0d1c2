//! The first bytes of a connection: which protocol a client speaks.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// The first bytes of HTTP/2 without TLS.
const HTTP2: &[u8] = b"PRI";

/// The first bytes of the two versions of the PROXY protocol.
const PROXY: [&[u8]; 2] = [b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n"];

/// The first bytes of TLS: a handshake.
const TLS: &[u8] = b"\x16\x03";

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Http1,
    Http2,
    /// A load balancer that tells the client's address first.
    Proxy,
    Tls,
}

impl Opening {
    /// Waits for the first bytes, and leaves them in the stream.
    ///
    /// `hyper_util::server::conn::auto` detects HTTP/2 too, but its detection has no deadline: a client that
    /// sends `P` and then nothing would keep its connection. It also ends a connection whose first byte has
    /// not arrived when the shutdown begins, and we wait for that byte.
    pub(super) async fn detect(stream: &TcpStream) -> std::io::Result<Self> {
        let mut start = [0; 12];
        loop {
            let length = stream.peek(&mut start).await?;
            if length == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(opening) = Self::from_bytes(&start[..length]) {
                return Ok(opening);
            }
            // Only part of it has arrived, and `peek` would return it again at once.
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// `None` if more bytes are needed.
    fn from_bytes(start: &[u8]) -> Option<Self> {
        let [first, second] = PROXY;
        let known =
            [(HTTP2, Self::Http2), (TLS, Self::Tls), (first, Self::Proxy), (second, Self::Proxy)];
        if let Some((_, opening)) = known.iter().find(|(bytes, _)| start.starts_with(bytes)) {
            return Some(*opening);
        }
        let may_become_known = known.iter().any(|(bytes, _)| bytes.starts_with(start));
        (!may_become_known).then_some(Self::Http1)
    }
}

/// Answers a client that doesn't speak what is served here, in plain HTTP, and logs why.
pub(super) async fn refuse(mut stream: TcpStream, reason: &str) {
    tracing::warn!("a connection is refused: {reason}");
    let response = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{reason}\n",
        reason.len() + 1
    );
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    // Unread bytes would reset the connection before the client reads the answer.
    let mut rest = [0; 1024];
    let _ = stream.try_read(&mut rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_protocol() {
        for (start, opening) in [
            (&b"GET / HTTP/1.1"[..], Some(Opening::Http1)),
            (b"POST", Some(Opening::Http1)),
            (b"PR", None),
            (b"PRI * HTTP/2.0", Some(Opening::Http2)),
            (b"PRO", None),
            (b"PROPFIND /", Some(Opening::Http1)),
            (b"PROXY TCP4 1", Some(Opening::Proxy)),
            (b"\r\n\r\n\0\r\nQUIT\n", Some(Opening::Proxy)),
            (b"\r\nGET / HTTP", Some(Opening::Http1)),
            (b"\x16\x03\x01", Some(Opening::Tls)),
        ] {
            assert_eq!(Opening::from_bytes(start), opening, "{start:?}");
        }
    }
}
