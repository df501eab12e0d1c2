//! Shutdown on a signal.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::Tests;
use crate::client::{Answer, JSON, bytes, connect, get, post};
use crate::server::{Server, ended, runner};

pub(crate) const TESTS: Tests = &[
    ("accepted_requests_are_answered_after_a_signal", signal),
    ("the_service_is_not_ready_first_and_accepts_requests_in_the_grace_period", grace),
    ("a_model_that_hangs_does_not_stop_the_shutdown", hanging),
    ("a_connection_that_is_idle_ends_at_once", idle),
    #[cfg(unix)]
    ("a_model_that_exits_with_0_ends_the_program_with_an_error", exiting),
];

/// One request; `None` if the connection was not accepted, which is allowed after the signal.
fn try_post(address: SocketAddr, is_sent: &AtomicBool) -> Option<Result<u16, String>> {
    let is_late = is_sent.load(Ordering::SeqCst);
    let mut stream = match TcpStream::connect(address) {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => return None,
        Err(error) => return Some(Err(error.to_string())),
    };
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request = bytes("POST", "/models/work", &[JSON], br#"{"id":1,"wait_ms":20}"#);
    let mut answer = Vec::new();
    let done = stream.write_all(&request).and_then(|()| stream.read_to_end(&mut answer));
    match (done, Answer::parse(&answer)) {
        (_, Some(answer)) => Some(Ok(answer.status)),
        // The address was closed after the kernel had accepted the connection: no request was accepted.
        (Err(error), None) if error.kind() == ErrorKind::ConnectionReset && is_late => None,
        (done, None) => Some(Err(format!("{done:?}"))),
    }
}

fn signal() {
    let mut server = Server::start(&["--queue", "1000"]);
    let address = server.address;
    let answered = AtomicUsize::new(0);
    let is_sent = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(answer) = try_post(address, &is_sent) {
                    assert_eq!(answer, Ok(200));
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(700));
        is_sent.store(true, Ordering::SeqCst);
        server.terminate();
    });
    assert_eq!(server.wait(), Some(0));
    let answered = answered.load(Ordering::Relaxed);
    assert!(answered > 16, "{answered} answers");
}

fn grace() {
    let mut command = runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "1s"]);
    let mut server = Server::spawn(&mut command);
    assert_eq!(get(server.address, "/readyz").status, 200);
    server.terminate();
    server.printed("shutting down");
    let ready = get(server.address, "/readyz");
    assert_eq!((ready.status, ready.header("connection")), (503, Some("close")));
    assert_eq!(get(server.address, "/healthz").status, 200);
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).status, 200);
    let began = Instant::now();
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(TcpStream::connect(server.address).is_err());
}

fn hanging() {
    let mut server = Server::start(&["--timeout", "300ms"]);
    let mut stream = connect(server.address);
    let request = bytes("POST", "/models/work", &[JSON], br#"{"id":1,"wait_ms":60000}"#);
    stream.write_all(&request).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    server.terminate();
    assert_eq!(Answer::read(&mut stream).status, 504);
    let began = Instant::now();
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5));
}

fn idle() {
    let mut server = Server::start(&[]);
    let _silent = connect(server.address);
    let mut kept = connect(server.address);
    kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut head = [0; 15];
    kept.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let began = Instant::now();
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[cfg(unix)]
fn exiting() {
    let mut server = Server::start(&[]);
    let mut stream = connect(server.address);
    stream.write_all(&bytes("POST", "/models/work", &[JSON], br#"{"id":991}"#)).unwrap();
    assert_eq!(server.wait(), Some(1), "a platform starts it again");
    server.printed("--processes N");
    // Neither does a run look complete.
    let (code, printed) = ended(&mut runner(&["run", "service::work", "-m", r#"{"id":991}"#]));
    assert!(code == 1 && printed.contains("a model called `exit`"), "{code} {printed}");
}
