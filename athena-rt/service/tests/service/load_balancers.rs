//! What load balancers, proxies and their health checks send.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Tests;
use crate::client::{Answer, JSON, ask, connect};
use crate::server::{Server, runner};

pub(crate) const TESTS: Tests = &[
    ("an_idle_connection_outlives_the_time_limit_of_messages", idle),
    ("idle_connections_make_place_for_new_ones", crowded),
    ("a_compressed_body_is_415_with_advice", compressed),
    ("requests_in_unusual_forms_are_answered", forms),
    ("a_client_that_speaks_another_protocol_is_told", protocols),
];

const MESSAGE: &str = r#"{"id":1}"#;

/// Sends a request on a connection that stays open, and reads the response.
fn exchange(stream: &mut TcpStream, request: &str) -> Option<Answer> {
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let length = stream.read(&mut some).ok().filter(|&length| length > 0)?;
        bytes.extend_from_slice(&some[..length]);
        if let Some(answer) = Answer::parse(&bytes) {
            let length: usize = answer.header("content-length").unwrap_or("0").parse().unwrap();
            if answer.body.len() >= length {
                return Some(answer);
            }
        }
    }
}

fn message() -> String {
    format!(
        "POST /models/work HTTP/1.1\r\nhost: localhost\r\n{JSON}\r\ncontent-length: {}\r\n\r\n{MESSAGE}",
        MESSAGE.len()
    )
}

fn idle() {
    let server = Server::start(&["--timeout", "300ms"]);
    let mut stream = connect(server.address);
    for _ in 0..3 {
        assert_eq!(exchange(&mut stream, &message()).unwrap().status, 200);
        std::thread::sleep(Duration::from_millis(900));
    }
    // The limit holds for a head that has begun, also on a connection that was idle.
    let began = Instant::now();
    stream.write_all(b"POST /models/work HTT").unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{rest:?}");
    let took = began.elapsed();
    assert!((Duration::from_millis(250)..Duration::from_secs(5)).contains(&took), "{took:?}");
}

fn crowded() {
    // A hundred connections do not fit into the files that the service may open.
    let plain = runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "0s"]);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 64; exec \"$@\"", "sh"]).arg(plain.get_program());
    limited.args(plain.get_args()).stdin(std::process::Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let server = Server::spawn(&mut limited);
    let open: Vec<TcpStream> = (0..100)
        .map(|at| {
            let mut stream = connect(server.address);
            let answer = exchange(&mut stream, &message());
            assert_eq!(answer.unwrap_or_else(|| panic!("connection {at}")).status, 200);
            stream
        })
        .collect();
    // The last one is still open: the oldest are closed.
    let mut last = open.into_iter().next_back().unwrap();
    assert_eq!(exchange(&mut last, &message()).unwrap().status, 200);
}

fn compressed() {
    let server = Server::start(&[]);
    for (kind, encoding) in [(JSON, "gzip"), ("content-type: application/x-ndjson", "br")] {
        let header = format!("content-encoding: {encoding}");
        let answer = ask(server.address, "POST", "/models/work", &[kind, &header], b"\x1f\x8b");
        assert_eq!((answer.status, answer.header("accept-encoding")), (415, Some("identity")));
        let problem = answer.json();
        assert_eq!(problem["failure"], "encoding");
        let wanted = format!("unsupported content-encoding {encoding}; send the body uncompressed");
        assert_eq!(problem["detail"], wanted.as_str());
    }
    let headers = [JSON, "content-encoding: identity", "accept-encoding: gzip, br"];
    let answer = ask(server.address, "POST", "/models/work", &headers, MESSAGE.as_bytes());
    assert_eq!((answer.status, answer.header("content-encoding")), (200, None));
}

fn raw(address: SocketAddr, request: &str) -> Answer {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    Answer::read(&mut stream)
}

fn forms() {
    let server = Server::start(&[]);
    let address = server.address;
    for (request, status) in [
        // Health checks of HAProxy and others: HTTP/1.0, without a host, with HEAD.
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        ("HEAD /readyz HTTP/1.0\r\n\r\n", 200),
        // HTTP/1.1 has exactly one.
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n", 400),
        (
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            400,
        ),
        ("OPTIONS /healthz HTTP/1.0\r\n\r\n", 204),
        ("OPTIONS * HTTP/1.0\r\n\r\n", 204),
        // The URI as proxies have it.
        (
            "GET http://localhost/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            200,
        ),
        ("GET /healthz?probe=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 200),
        // Empty lines before a request are allowed.
        ("\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 200),
        ("TRACE /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 405),
    ] {
        let answer = raw(address, request);
        assert_eq!(answer.status, status, "{request:?}");
    }
    let options = raw(
        address,
        "OPTIONS /models/work HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    );
    assert_eq!((options.status, options.header("allow")), (204, Some("POST")));
    assert_eq!(options.header("access-control-allow-origin"), None);
    let absolute = message()
        .replace("POST /", "POST http://localhost/")
        .replace("host: localhost", "host: localhost\r\nconnection: close");
    assert_eq!(raw(address, &absolute).status, 200);
    let head =
        format!("POST /models/work HTTP/1.1\r\nhost: localhost\r\n{JSON}\r\nconnection: close\r\n");
    let length = MESSAGE.len();
    let chunked =
        format!("{head}transfer-encoding: chunked\r\n\r\n{length:x}\r\n{MESSAGE}\r\n0\r\n\r\n");
    assert_eq!(raw(address, &chunked).status, 200);
    // A client that asks before it sends.
    let mut stream = connect(address);
    stream
        .write_all(
            format!("{head}expect: 100-continue\r\ncontent-length: {length}\r\n\r\n").as_bytes(),
        )
        .unwrap();
    let mut permission = [0; 25];
    stream.read_exact(&mut permission).unwrap();
    assert_eq!(&permission, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(MESSAGE.as_bytes()).unwrap();
    assert_eq!(Answer::read(&mut stream).status, 200);
    // Too many headers.
    let many = "x-more: 1\r\n".repeat(500);
    assert_eq!(raw(address, &format!("GET /healthz HTTP/1.1\r\n{many}\r\n")).status, 431);
}

fn protocols() {
    let server = Server::start(&[]);
    let mut stream = connect(server.address);
    stream
        .write_all(
            b"PROXY TCP4 10.0.0.1 10.0.0.2 5000 8080\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
        )
        .unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("PROXY protocol"), "{answer:?}");
    let mut stream = connect(server.address);
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(ask(server.address, "GET", "/healthz", &[], b"").status, 200);
}
