//! What a platform and an operator see and do: probes, signals, addresses.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use axum::http::Method;

use crate::Tests;
use crate::client::{Answer, JSON, ask, bytes, connect, get, post};
use crate::grpc_client::{Client, framed, run};
use crate::server::{Server, runner};

pub(crate) const TESTS: Tests = &[
    ("models_that_hang_on_every_thread_are_visible_to_probes", hang),
    ("a_client_that_reads_no_response_is_disconnected", unread),
    ("a_client_of_http_2_that_gives_no_room_for_a_response_is_disconnected", no_room),
    ("an_error_of_grpc_is_a_head_alone", health_error),
    ("a_name_with_several_addresses_is_served_on_all_of_them", localhost),
    ("a_refused_request_is_read_before_it_is_answered", drained),
    ("a_path_that_is_not_utf_8_is_a_problem", path),
    #[cfg(unix)]
    ("sighup_reads_the_token_again", reload),
    #[cfg(unix)]
    ("a_service_in_the_background_outlives_the_shell_that_started_it", background),
];

fn hang() {
    let server = Server::start(&["--timeout", "300ms", "--jobs", "1", "--queue", "1"]);
    assert_eq!(post(server.address, "work", r#"{"id":1,"wait_ms":2000}"#).status, 504);
    let probe = |path: &str| get(server.address, path).status;
    assert_eq!((probe("/readyz"), probe("/healthz")), (503, 200));
    assert!(get(server.address, "/metrics").text().contains("\nathena_slots_late 1\n"));
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(probe("/healthz"), 503);
    server.printed("occupy every thread");
    std::thread::sleep(Duration::from_millis(1700));
    assert_eq!((probe("/readyz"), probe("/healthz")), (200, 200));
}

fn unread() {
    let server = Server::start(&["--timeout", "400ms"]);
    let mut stream = connect(server.address);
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    let requests = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000);
    let began = Instant::now();
    while stream.write_all(requests.as_bytes()).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
}

fn no_room() {
    let mut server = Server::start(&["--timeout", "400ms"]);
    run(async {
        let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        // It answers pings, and reads no byte of a response.
        let mut client = h2::client::Builder::new();
        client.initial_window_size(0);
        let (mut requests, connection) =
            client.handshake::<_, axum::body::Bytes>(stream).await.unwrap();
        let ended = tokio::spawn(connection);
        let uri = format!("http://{}/openapi.json", server.address);
        let request = axum::http::Request::get(uri).body(()).unwrap();
        let (response, _) = requests.send_request(request, true).unwrap();
        let response = response.await.unwrap();
        assert_eq!(response.status(), 200);
        let began = Instant::now();
        let _ = tokio::time::timeout(Duration::from_secs(15), ended).await.expect("it is open");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    });
    server.terminate();
    assert_eq!(server.wait(), Some(0));
}

fn health_error() {
    let server = Server::start(&[]);
    run(async {
        let client = Client::connect(server.address).await;
        // A service that does not exist, methods that do not exist, and a message that can't be read.
        for (path, message, status) in [
            ("/grpc.health.v1.Health/Check", &b"\x0a\x02no"[..], "5"),
            ("/grpc.health.v1.Health/Check", b"\xff", "13"),
            ("/grpc.health.v1.Health/Missing", b"", "12"),
            ("/grpc.reflection.v1.ServerReflection/Missing", b"", "12"),
            ("/grpc.reflection.v1alpha.ServerReflection/Missing", b"", "12"),
            ("/grpc.health.v1.Missing/Check", b"", "12"),
            ("/work.Work/Missing", b"", "12"),
        ] {
            let (response, mut stream) = client.open(Method::POST, path, &[]).await;
            let _ = stream.send_data(framed(message).into(), true);
            let response = response.await.unwrap();
            assert_eq!(response.headers()["grpc-status"], status, "{path}");
            assert!(response.body().is_end_stream(), "nothing follows the head of {path}");
        }
    });
}

fn localhost() {
    let server = Server::spawn(&mut runner(&["serve", "--listen", "localhost:0"]));
    server.printed("models:");
    let port = server.address.port();
    let addresses: Vec<SocketAddr> =
        vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()];
    let printed = server.printed("models:");
    for address in addresses {
        if printed.contains(&format!("http://{address}")) {
            assert_eq!(get(address, "/healthz").status, 200);
        } else {
            // This machine's localhost has no such address.
            assert!(TcpStream::connect(address).is_err());
        }
    }
}

fn drained() {
    let server = Server::start(&[]);
    for (path, headers, status) in [
        ("/models/nothing", JSON, 404),
        ("/models/work", "content-type: text/csv", 415),
        ("/nowhere", JSON, 404),
    ] {
        let request = bytes("POST", path, &[headers], br#"{"id":1}"#);
        let (head, last) = request.split_at(request.len() - 1);
        let mut stream = connect(server.address);
        stream.write_all(head).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert!(stream.read(&mut [0]).is_err(), "{path}: an answer before the body");
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(last).unwrap();
        assert_eq!(Answer::read(&mut stream).status, status, "{path}");
    }
}

fn path() {
    let server = Server::start(&[]);
    let answer = ask(server.address, "POST", "/models/%ff", &[JSON], b"{}");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (400, Some("application/problem+json"))
    );
}

#[cfg(unix)]
fn reload() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "one\n").unwrap();
    let mut server = Server::start(&["--token-file", file.to_str().unwrap()]);
    let try_with = |token: &str| {
        let header = format!("authorization: Bearer {token}");
        ask(server.address, "GET", "/models", &[&header], b"").status
    };
    assert_eq!((try_with("one"), try_with("two")), (200, 401));
    std::fs::write(&file, "two\n").unwrap();
    server.signal("HUP");
    server.printed("again");
    assert_eq!((try_with("one"), try_with("two")), (401, 200));
    // A broken replacement changes nothing.
    std::fs::write(&file, "\n").unwrap();
    server.signal("HUP");
    server.printed("the earlier file stays in use");
    assert_eq!(try_with("two"), 200);
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    // Without a file there is nothing to read: it ends as on SIGTERM.
    let mut plain = Server::start(&[]);
    plain.signal("HUP");
    assert_eq!(plain.wait(), Some(0));
}

#[cfg(unix)]
fn background() {
    use athena_protocol::{OWNED_REQUEST_PREFIX, REQUEST_VARIABLE, Request, Serve, Verb};
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--grace", "0s"];
    // As a runner is started by hand, and as `cargo athena serve` becomes the runner.
    let listen = Some("127.0.0.1:0".to_owned());
    let serve = Serve { listen, grace_ms: Some(0), ..Serve::default() };
    let request = Request::new(folder.path().join("answered.json"), Verb::Serve(serve));
    let asked = folder.path().join(format!("{OWNED_REQUEST_PREFIX}1.json"));
    std::fs::write(&asked, serde_json::to_vec(&request).unwrap()).unwrap();
    let mut handed_over = runner(&[]);
    handed_over.env(REQUEST_VARIABLE, &asked);
    for command in [runner(&arguments), handed_over] {
        let log = folder.path().join("log");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "log=$1; shift; \"$@\" > \"$log\" 2>&1 & echo $!", "sh"]).arg(&log);
        shell.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let id = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        // Whoever watches its parent looks twice a second.
        std::thread::sleep(Duration::from_millis(1500));
        let printed = std::fs::read_to_string(&log).unwrap();
        let address = printed.lines().find_map(|line| line.strip_prefix("serving on http://"));
        let address = address.unwrap_or_else(|| panic!("{printed}")).parse().unwrap();
        assert_eq!(get(address, "/healthz").status, 200);
        let ended = std::process::Command::new("kill").arg(id.trim()).status().unwrap();
        assert!(ended.success());
    }
}
