//! A minimal gRPC client that can misbehave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request};
use h2::client::SendRequest;
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;

pub(crate) const WORK: &str = "/athena_service.ServiceWorkService/Run";

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: HeaderMap,
    body: Vec<u8>,
    trailers: HeaderMap,
}

impl Reply {
    /// A value of metadata, from the trailers or the head.
    pub(crate) fn metadata(&self, name: &str) -> Option<&str> {
        let found = self.trailers.get(name).or_else(|| self.head.get(name));
        found.map(|value| value.to_str().unwrap())
    }

    /// The gRPC status.
    pub(crate) fn code(&self) -> i32 {
        let code = self.metadata("grpc-status").unwrap_or_else(|| panic!("no status: {self:?}"));
        code.parse().unwrap()
    }

    /// The message of the status.
    pub(crate) fn message(&self) -> String {
        let text = self.metadata("grpc-message").unwrap_or_default().as_bytes();
        let (mut bytes, mut at) = (Vec::new(), 0);
        while at < text.len() {
            if text[at] == b'%' {
                let hex = std::str::from_utf8(&text[at + 1..at + 3]).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                at += 2;
            } else {
                bytes.push(text[at]);
            }
            at += 1;
        }
        String::from_utf8(bytes).unwrap()
    }

    /// The messages.
    pub(crate) fn messages(&self) -> Vec<&[u8]> {
        let mut rest = &self.body[..];
        let mut messages = Vec::new();
        while !rest.is_empty() {
            assert_eq!(rest[0], 0, "no message is compressed");
            let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
            messages.push(&rest[5..5 + length]);
            rest = &rest[5 + length..];
        }
        messages
    }
}

/// A message with its frame.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame
}

/// Runs a client with a timeout.
pub(crate) fn run<T>(client: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let patience = Duration::from_secs(30);
    runtime.block_on(async { timeout(patience, client).await.expect("an answer") })
}

/// A connection.
#[derive(Clone)]
pub(crate) struct Client {
    sender: SendRequest<Bytes>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap()).await
    }

    /// Connects over TLS, which must negotiate HTTP/2.
    pub(crate) async fn connect_with_tls(address: SocketAddr, mut config: ClientConfig) -> Self {
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = TcpStream::connect(address).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        Self::over(stream).await
    }

    async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (sender, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Self { sender }
    }

    /// Begins a call.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        metadata: &[(&str, &str)],
    ) -> (h2::client::ResponseFuture, SendStream<Bytes>) {
        let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
        let known = [("content-type", "application/grpc"), ("te", "trailers")];
        let given = |name: &str| metadata.iter().any(|(known, _)| *known == name);
        for (name, value) in known.iter().filter(|(name, _)| !given(name)).chain(metadata) {
            request = request.header(*name, *value);
        }
        let mut sender = self.sender.clone().ready().await.unwrap();
        sender.send_request(request.body(()).unwrap(), false).unwrap()
    }

    /// A whole call with any body.
    pub(crate) async fn send(&self, path: &str, metadata: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let (response, mut stream) = self.open(Method::POST, path, metadata).await;
        // It may be rejected before it is sent.
        let _ = stream.send_data(body.into(), true);
        reply(response).await
    }
}

/// Reads the whole response.
pub(crate) async fn reply(response: h2::client::ResponseFuture) -> Reply {
    let (head, mut stream) = response.await.unwrap().into_parts();
    let mut body = Vec::new();
    while let Some(data) = next(&mut stream).await {
        body.extend(data);
    }
    let trailers = stream.trailers().await.unwrap().unwrap_or_default();
    Reply { status: head.status.as_u16(), head: head.headers, body, trailers }
}

/// The next bytes of a response.
pub(crate) async fn next(stream: &mut RecvStream) -> Option<Bytes> {
    let data = stream.data().await?.unwrap();
    stream.flow_control().release_capacity(data.len()).unwrap();
    Some(data)
}

/// A call with one message on its own connection.
pub(crate) fn call(
    address: SocketAddr,
    path: &str,
    metadata: &[(&str, &str)],
    message: &[u8],
) -> Reply {
    run(async { Client::connect(address).await.send(path, metadata, framed(message)).await })
}
