//! Valid and invalid gRPC calls on the port of HTTP.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use axum::http::Method;

use crate::Tests;
use crate::client::{connect, get, post};
use crate::grpc_client::{Client, Reply, WORK, call, framed, next, reply, run};
use crate::security::start_with_certificate;
use crate::server::{Server, runner};

pub(crate) const TESTS: Tests = &[
    ("a_call_is_answered_on_the_port_of_http", answered),
    ("async_models_are_called_like_others", asynchronous),
    ("a_model_of_many_streams_and_its_error_comes_last", many),
    ("errors_have_a_status_and_a_pointer", statuses),
    ("the_limits_of_requests_apply_to_calls", limits),
    ("a_client_sets_a_deadline", deadlines),
    ("malformed_calls_have_a_status_and_the_service_lives_on", malformed),
    ("calls_carry_ids_and_traces_and_are_counted", carried),
    ("calls_need_the_token_and_health_does_not", token),
    ("calls_go_over_tls", tls),
    ("health_follows_readiness_and_accepted_calls_are_answered", ending),
];

const COUNT: &str = "/athena_service.ServiceCountService/Run";
const WRECK: &str = "/athena_service.ServiceWreckService/Run";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/// `Task { id }`.
fn task(id: u16) -> Vec<u8> {
    let low = u8::try_from(id & 0x7f).unwrap();
    vec![0x08, low | 0x80, u8::try_from(id >> 7).unwrap()]
}

/// `Task { id, wait_ms }`.
fn waiting(id: u16, millis: u16) -> Vec<u8> {
    let mut message = task(id);
    message.extend([0x18, u8::try_from(millis & 0x7f).unwrap() | 0x80]);
    message.push(u8::try_from(millis >> 7).unwrap());
    message
}

fn lives_on(address: SocketAddr) {
    assert_eq!(call(address, WORK, &[], &task(7)).code(), 0);
}

fn answered() {
    let server = Server::start(&[]);
    for kind in ["application/grpc", "application/grpc+proto", "application/grpc;x=1"] {
        let metadata =
            [("content-type", kind), ("any-bin", "AAEC/w"), ("grpc-encoding", "identity")];
        let answer = call(server.address, WORK, &metadata, &task(7));
        assert_eq!((answer.status, answer.code()), (200, 0), "{answer:?}");
        assert_eq!(answer.metadata("content-type"), Some("application/grpc"));
        assert_eq!(answer.messages().len(), 1);
        assert_eq!(answer.messages()[0][..4], [0x08, 7, 0x10, 8]);
    }
    assert_eq!(post(server.address, "work", r#"{"id":7}"#).json()["value"], 8);
    // One connection, many calls at once.
    let codes = run(async {
        let client = Client::connect(server.address).await;
        let calls = (0..50).map(|id| {
            let client = client.clone();
            tokio::spawn(async move { client.send(WORK, &[], framed(&waiting(id, 5))).await })
        });
        let mut codes = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            codes.push(call.await.unwrap().code());
        }
        codes
    });
    assert_eq!(codes, [0; 50]);
}

fn asynchronous() {
    const IDLE: &str = "/athena_service.ServiceIdleService/Run";
    let server = Server::start(&["--jobs", "1", "--queue", "0"]);
    let address = server.address;
    assert_eq!(call(address, IDLE, &[], &task(7)).messages()[0][..4], [0x08, 7, 0x10, 8]);
    assert_eq!(call(address, IDLE, &[], &task(500)).code(), 9);
    assert_eq!(call(address, IDLE, &[], &task(999)).code(), 13);
    assert_eq!(call(address, IDLE, &[], &[0x08]).code(), 3);
    let late = call(address, IDLE, &[("grpc-timeout", "100m")], &waiting(1, 8000));
    assert_eq!((late.code(), late.metadata("athena-failure")), (4, Some("timeout")));
    let many = call(address, "/athena_service.ServiceCountIdlyService/Run", &[], &[0x08, 3]);
    assert_eq!((many.code(), many.messages().len()), (0, 3));
}

fn many() {
    let server = Server::start(&[]);
    let answer = call(server.address, COUNT, &[], &[0x08, 3]);
    assert_eq!((answer.code(), answer.messages()), (0, vec![&[8, 1][..], &[8, 2], &[8, 3]]));
    let answer = call(server.address, COUNT, &[], &[0x08, 0]);
    assert_eq!((answer.code(), answer.messages().len()), (0, 0));
    let answer = call(server.address, COUNT, &[], &[0x08, 0xc0, 0xa9, 0x07]);
    assert_eq!((answer.code(), answer.messages().len()), (0, 120_000));
    // `ports: {"a": 1}, ending: Loud`.
    let answer = call(server.address, WRECK, &[], b"\x12\x05\x0a\x01a\x10\x01\x18\x01");
    assert_eq!((answer.code(), answer.messages().len()), (9, 1), "{answer:?}");
    assert_eq!(answer.message(), "on the rocks: \u{2693}");
    assert_eq!(answer.metadata("athena-error-kind"), Some("String"));
}

fn statuses() {
    let server = Server::start(&[]);
    let address = server.address;
    let broken = call(address, WORK, &[], &[0x08]);
    assert_eq!((broken.code(), broken.metadata("athena-failure")), (3, Some("message")));
    assert!(broken.message().contains("Task.id"), "{}", broken.message());
    let missing = call(address, WORK, &[], &[]);
    assert_eq!(missing.code(), 3);
    assert!(missing.message().contains("id"), "{}", missing.message());
    let refused = call(address, WORK, &[], &task(500));
    assert_eq!((refused.code(), refused.message()), (9, "refused".to_owned()));
    assert_eq!(refused.metadata("athena-failure"), Some("error"));
    assert_eq!(refused.metadata("athena-error-kind"), Some("String"));
    assert!(refused.messages().is_empty());
    let panicked = call(address, WORK, &[], &task(999));
    assert_eq!((panicked.code(), panicked.metadata("athena-failure")), (13, Some("panic")));
    // The reason is in the log, under the same id.
    let message = panicked.message();
    assert!(
        message.starts_with("the model panicked; ") && !message.contains("poison"),
        "{message}"
    );
    let unknown = call(address, "/athena_service.ServiceWrokService/Run", &[], &task(7));
    assert_eq!((unknown.status, unknown.code()), (200, 12));
    assert!(
        unknown.message().contains("did you mean `/athena_service.ServiceWorkService/Run`"),
        "{unknown:?}"
    );
    for path in [
        "/athena_service.ServiceWorkService/Walk",
        "/models/work",
        "/grpc.health.v1.Health/Heal",
        "/",
    ] {
        assert_eq!(call(address, path, &[], &task(7)).code(), 12, "{path}");
    }
    let packed = call(address, WORK, &[("grpc-encoding", "gzip")], &task(7));
    assert_eq!((packed.code(), packed.metadata("grpc-accept-encoding")), (12, Some("identity")));
    let json = call(address, WORK, &[("content-type", "application/grpc+json")], b"{}");
    assert_eq!(json.code(), 12);
    let got = run(async {
        let client = Client::connect(address).await;
        let (response, mut stream) = client.open(Method::GET, WORK, &[]).await;
        let _ = stream.send_data(framed(&task(7)).into(), true);
        reply(response).await
    });
    assert_eq!(got.code(), 12);
    // Other requests go to the routes of HTTP.
    let plain = call(address, WORK, &[("content-type", "application/grpcx")], &task(7));
    assert_eq!((plain.status, plain.metadata("grpc-status")), (404, None));
    let plain = call(address, "/models/work", &[("content-type", "application/protobuf")], b"");
    assert_eq!((plain.status, plain.metadata("grpc-status")), (400, None));
    lives_on(address);

    let open = Server::spawn(&mut runner(&["serve", "--listen", "0.0.0.0:0", "--allow-anonymous"]));
    let address = (Ipv4Addr::LOCALHOST, open.address.port()).into();
    let panicked = call(address, WORK, &[], &task(999));
    assert_eq!(panicked.code(), 13);
    assert!(panicked.message().starts_with("the model panicked; "), "{}", panicked.message());
}

fn limits() {
    let small = Server::start(&["--body-limit", "1KB"]);
    let with_note = |length: u16| {
        let mut message = task(7);
        message.extend([0x22, u8::try_from(length & 0x7f).unwrap() | 0x80]);
        message.push(u8::try_from(length >> 7).unwrap());
        message.extend(vec![b'n'; usize::from(length)]);
        message
    };
    let fits = call(small.address, WORK, &[], &with_note(994));
    assert_eq!(fits.code(), 0, "{fits:?}");
    let large = call(small.address, WORK, &[], &with_note(995));
    assert_eq!((large.code(), large.metadata("athena-failure")), (8, Some("size")));
    let mut huge = framed(&[]);
    huge[1..5].fill(0xff);
    huge.resize(3_000_000, 0);
    let sent = run(async { Client::connect(small.address).await.send(WORK, &[], huge).await });
    assert_eq!(sent.code(), 8);
    lives_on(small.address);

    let server = Server::start(&["--jobs", "1", "--queue", "1", "--timeout", "10s"]);
    let replies: Vec<Reply> = run(async {
        let client = Client::connect(server.address).await;
        let calls = (0..10).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(WORK, &[], framed(&waiting(1, 1000))).await })
        });
        let mut replies = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            replies.push(call.await.unwrap());
        }
        replies
    });
    let count = |code| replies.iter().filter(|reply| reply.code() == code).count();
    assert_eq!((count(0), count(14)), (2, 8), "{replies:?}");
    let busy = replies.iter().find(|reply| reply.code() == 14).unwrap();
    assert_eq!(busy.metadata("grpc-retry-pushback-ms"), Some("1000"));
    lives_on(server.address);
}

fn deadlines() {
    let patient = Server::start(&[]);
    let began = Instant::now();
    let late = call(patient.address, WORK, &[("grpc-timeout", "100m")], &waiting(1, 8000));
    assert_eq!((late.code(), late.metadata("athena-failure")), (4, Some("timeout")));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    let server = Server::start(&["--timeout", "600ms", "--jobs", "2"]);
    let address = server.address;
    let late = call(address, WORK, &[], &waiting(1, 8000));
    assert_eq!((late.code(), late.metadata("athena-failure")), (4, Some("timeout")));
    let long = call(address, WORK, &[("grpc-timeout", "99999999H")], &waiting(1, 5));
    assert_eq!(long.code(), 0);
    for wrong in ["", "soon", "1", "1.5S", "123456789S"] {
        let wrong = call(address, WORK, &[("grpc-timeout", wrong)], &task(1));
        assert_eq!(wrong.code(), 13);
        assert!(wrong.message().contains("grpc-timeout"), "{}", wrong.message());
    }
    // A client that pauses.
    for (metadata, start) in [(&[][..], &[0, 0][..]), (&[("grpc-timeout", "50m")], &[])] {
        let slow = run(async {
            let client = Client::connect(address).await;
            let (response, mut stream) = client.open(Method::POST, WORK, metadata).await;
            stream.send_data(start.to_vec().into(), false).unwrap();
            reply(response).await
        });
        assert_eq!((slow.code(), slow.metadata("athena-failure")), (4, Some("slow")));
    }
    lives_on(address);
}

fn malformed() {
    let server = Server::start(&[]);
    let address = server.address;
    let whole = framed(&task(7));
    let changed = |at: usize, byte: u8| {
        let mut frame = whole.clone();
        frame[at] = byte;
        frame
    };
    let bodies = [
        vec![],
        whole[..3].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        changed(4, 200),
        changed(4, 1),
        changed(0, 1),
        changed(0, 7),
        [whole.clone(), whole.clone()].concat(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 100],
    ];
    run(async {
        // All on one connection: a failed call does not affect others.
        let client = Client::connect(address).await;
        for body in bodies {
            let answer = client.send(WORK, &[], body.clone()).await;
            assert_eq!((answer.status, answer.code()), (200, 13), "{body:?} {answer:?}");
            assert_eq!(answer.metadata("athena-failure"), Some("request"));
        }
        for body in [&[0, 0, 0][..], &[1, 0, 0, 0, 0], &[0, 0, 0, 0, 1, 0xff], b"nonsense"] {
            assert_ne!(client.send(HEALTH, &[], body.to_vec()).await.code(), 0, "{body:?}");
            // It only has to end: for tonic's reflection this is the end of the stream.
            client.send(REFLECTION, &[], body.to_vec()).await.code();
        }
        // A client that cancels. One that always does so is disconnected.
        for _ in 0..10 {
            let (response, mut stream) = client.open(Method::POST, WORK, &[]).await;
            stream.send_data(whole[..4].to_vec().into(), false).unwrap();
            stream.send_reset(h2::Reason::CANCEL);
            drop(response);
        }
        assert_eq!(client.send(WORK, &[], whole.clone()).await.code(), 0);
    });
    // Not HTTP/2 at all.
    for nonsense in
        [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense nonsense"[..], b"PRI * HTTP/2.0\r\n"]
    {
        connect(address).write_all(nonsense).unwrap();
    }
    lives_on(address);
    let printed = server.printed("serving on");
    assert!(!printed.contains("panicked"), "{printed}");
}

fn carried() {
    let mut command = runner(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::spawn(command.env("LOG_LEVEL", "info"));
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let metadata = [("x-request-id", "mine-1"), ("traceparent", parent.as_str())];
    let answer = call(server.address, WORK, &metadata, &task(500));
    assert_eq!(answer.metadata("x-request-id"), Some("mine-1"));
    let given = answer.metadata("traceparent").unwrap();
    assert!(given.starts_with(&format!("00-{trace}-")) && given != parent, "{given}");
    let printed = server.printed("micros");
    assert!(printed.contains("mine-1") && printed.contains(trace), "{printed}");
    lives_on(server.address);
    call(server.address, WORK, &[], &[0x08]);
    call(server.address, "/athena_service.ServiceNoService/Run", &[], &[]);
    let metrics = get(server.address, "/metrics");
    for line in [
        "athena_requests_total{model=\"service::work\",status=\"200\"} 1",
        "athena_requests_total{model=\"service::work\",status=\"422\"} 1",
        "athena_requests_total{model=\"service::work\",status=\"400\"} 1",
        "athena_requests_total{model=\"\",status=\"404\"} 1",
        "athena_messages_total{model=\"service::work\",outcome=\"output\"} 1",
        "athena_messages_total{model=\"service::work\",outcome=\"error\"} 1",
        "athena_messages_total{model=\"service::work\",outcome=\"failure\"} 1",
    ] {
        assert!(metrics.text().lines().any(|known| known == line), "{line}\n{}", metrics.text());
    }
}

fn token() {
    let mut command = runner(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::spawn(command.env("ATHENA_TOKEN", "s3cret"));
    let call_with = |path: &str, token: &str| {
        call(server.address, path, &[("authorization", token)], &[0x08, 1])
    };
    assert_eq!(call_with(WORK, "Bearer s3cret").code(), 0);
    for wrong in ["Bearer s3cre", "Basic s3cret", ""] {
        let answer = call_with(WORK, wrong);
        assert_eq!((answer.status, answer.code()), (200, 16));
        assert_eq!(answer.metadata("athena-failure"), Some("token"));
    }
    assert_eq!(call(server.address, REFLECTION, &[], &[]).code(), 16);
    assert_eq!(call(server.address, HEALTH, &[], &[]).code(), 0);
}

fn tls() {
    let (server, config, _folder) = start_with_certificate(&[]);
    let answer = run(async {
        let client = Client::connect_with_tls(server.address, config).await;
        client.send(WORK, &[], framed(&task(7))).await
    });
    assert_eq!((answer.code(), answer.messages().len()), (0, 1));
}

fn ending() {
    let mut command = runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "2s"]);
    let mut server = Server::spawn(&mut command);
    let address = server.address;
    // `status: SERVING`, and `status: NOT_SERVING`.
    let (serving, not_serving) = (framed(&[0x08, 1]), framed(&[0x08, 2]));
    run(async {
        let client = Client::connect(address).await;
        for service in
            ["", "athena_service.ServiceWorkService", "athena_service.ServiceCountService"]
        {
            let mut message = vec![0x0a, u8::try_from(service.len()).unwrap()];
            message.extend(service.as_bytes());
            let answer = client.send(HEALTH, &[], framed(&message)).await;
            assert_eq!((answer.code(), answer.messages()), (0, vec![&[0x08, 1][..]]), "{service}");
        }
        let unknown = client.send(HEALTH, &[], framed(b"\x0a\x01x")).await;
        assert_eq!(unknown.code(), 5);
        let (response, mut stream) =
            client.open(Method::POST, "/grpc.health.v1.Health/Watch", &[]).await;
        stream.send_data(framed(&[]).into(), true).unwrap();
        let mut watch = response.await.unwrap().into_body();
        assert_eq!(next(&mut watch).await, Some(serving.into()));
        // Streams that the client never ends.
        let (_reflection, _open) = client.open(Method::POST, REFLECTION, &[]).await;
        let running = {
            let client = client.clone();
            tokio::spawn(async move { client.send(WORK, &[], framed(&waiting(1, 3000))).await })
        };
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.terminate();
        assert_eq!(next(&mut watch).await, Some(not_serving.into()));
        // Calls are accepted in the grace period.
        assert_eq!(client.send(WORK, &[], framed(&task(7))).await.code(), 0);
        assert_eq!(client.send(HEALTH, &[], framed(&[])).await.messages(), [&[0x08, 2][..]]);
        assert_eq!(next(&mut watch).await, None);
        let last = watch.trailers().await.unwrap().unwrap();
        assert_eq!(last.get("grpc-status").unwrap(), "14");
        assert_eq!(running.await.unwrap().code(), 0, "what was accepted is answered");
    });
    let began = Instant::now();
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
