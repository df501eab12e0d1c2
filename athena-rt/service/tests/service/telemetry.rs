//! Spans and metrics, as a collector receives them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;

use crate::Tests;
use crate::client::{JSON, ask};
use crate::grpc_client::{Client, WORK, framed, run};
use crate::server::{Server, ended, runner};

pub(crate) const TESTS: Tests = &[
    ("requests_are_spans_of_their_clients_traces", requests),
    ("messages_of_a_queue_are_spans_from_submit_to_outcome", queue),
    ("a_collector_that_is_away_or_silent_stops_no_message", no_collector),
    ("telemetry_follows_the_standard_variables", variables),
    ("a_program_without_the_feature_links_none_of_it", not_linked),
];

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

#[derive(Default)]
struct Received {
    heads: Vec<String>,
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
}

struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Received>>::default();
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                receive(stream.unwrap(), &kept);
            }
        });
        Self { address, received }
    }

    /// A runner that exports to this collector.
    fn runner(&self, arguments: &[&str]) -> Command {
        exporting(self.address, arguments)
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        let resources = received.traces.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The only span with this name.
    fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let mut found = spans.iter().filter(|span| span.name == name);
        let names = || spans.iter().map(|span| &span.name).collect::<Vec<_>>();
        let span = found.next().unwrap_or_else(|| panic!("no {name} in {:?}", names()));
        assert!(found.next().is_none(), "more than one {name}");
        span.clone()
    }

    /// The number of what a metric counts, in its last export.
    fn count(&self, name: &str) -> u64 {
        let received = self.received.lock().unwrap();
        let request = received.metrics.last().expect("metrics");
        let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
        let mut metrics = scopes.flat_map(|scope| &scope.metrics);
        let metric = metrics.find(|metric| metric.name == name);
        match metric.and_then(|metric| metric.data.as_ref()) {
            Some(Data::Histogram(histogram)) => {
                histogram.data_points.iter().map(|point| point.count).sum()
            }
            Some(Data::Sum(sum)) => {
                use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt;
                let values = sum.data_points.iter().map(|point| match point.value {
                    Some(AsInt(value)) => u64::try_from(value).unwrap(),
                    _ => 0,
                });
                values.sum()
            }
            _ => panic!("no {name}"),
        }
    }

    fn resource(&self, name: &str) -> Option<String> {
        let received = self.received.lock().unwrap();
        let resource = received.traces[0].resource_spans[0].resource.clone().unwrap();
        attribute(&resource.attributes, name)
    }
}

fn exporting(address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = runner(arguments);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    command
}

fn receive(mut stream: TcpStream, received: &Mutex<Received>) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body) = loop {
        let count = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if bytes.len() >= end + 4 + length.unwrap().parse::<usize>().unwrap() {
            break (head, bytes.split_off(end + 4));
        }
    };
    let mut received = received.lock().unwrap();
    if head.starts_with("post /v1/traces ") {
        received.traces.push(ExportTraceServiceRequest::decode(&body[..]).unwrap());
    } else if head.starts_with("post /v1/metrics ") {
        received.metrics.push(ExportMetricsServiceRequest::decode(&body[..]).unwrap());
    } else {
        panic!("{head}");
    }
    received.heads.push(head);
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
}

fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn has(span: &Span, attributes: &[(&str, &str)]) {
    for (name, value) in attributes {
        let given = attribute(&span.attributes, name);
        assert_eq!(given.as_deref(), Some(*value), "{name} of {span:?}");
    }
}

fn requests() {
    let collector = Collector::start();
    let mut command = collector.runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "0s"]);
    command.env("OTEL_SERVICE_NAME", "shop").env("OTEL_RESOURCE_ATTRIBUTES", "team=blue");
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k1");
    let mut server = Server::spawn(&mut command);
    let parent = format!("traceparent: 00-{TRACE}-{PARENT}-01");
    let headers = [JSON, &parent, "tracestate: vendor=1"];
    let answer = ask(server.address, "POST", "/models/work", &headers, b"{\"id\":7}");
    assert_eq!(answer.status, 200);
    let sent_back = answer.header("traceparent").unwrap().to_owned();
    let lines = ["content-type: application/x-ndjson"];
    ask(server.address, "POST", "/models/work", &lines, b"{\"id\":1}\n{\"id\":999}\n");
    let poison = ask(server.address, "POST", "/models/work", &[JSON], b"{\"id\":999}");
    assert_eq!(poison.status, 500);
    ask(server.address, "GET", "/else/where", &[], b"");
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let code = run(async {
        let client = Client::connect(server.address).await;
        let metadata = [("traceparent", parent.as_str())];
        // The id is of the wrong type.
        client.send(WORK, &metadata, framed(&[0x0a, 1, b'x'])).await.code()
    });
    assert_eq!(code, 3);
    server.terminate();
    assert_eq!(server.wait(), Some(0));

    assert_eq!(collector.resource("service.name").as_deref(), Some("shop"));
    assert_eq!(collector.resource("team").as_deref(), Some("blue"));
    assert!(collector.resource("service.instance.id").is_some());
    let heads = collector.received.lock().unwrap().heads.clone();
    assert!(heads.iter().all(|head| head.contains("api-key: k1")), "{heads:?}");
    let all: Vec<Span> =
        collector.spans().into_iter().filter(|span| span.name == "POST /models/{id}").collect();
    assert_eq!(all.len(), 3);
    let first = all.iter().find(|span| hex(&span.trace_id) == TRACE).unwrap();
    assert_eq!(hex(&first.parent_span_id), PARENT);
    assert_eq!((first.kind(), first.trace_state.as_str()), (SpanKind::Server, "vendor=1"));
    assert_eq!(sent_back, format!("00-{TRACE}-{}-01", hex(&first.span_id)));
    let expected = [
        ("http.request.method", "POST"),
        ("http.route", "/models/{id}"),
        ("http.response.status_code", "200"),
        ("url.path", "/models/work"),
        ("url.scheme", "http"),
        ("network.protocol.version", "1.1"),
        ("server.address", "localhost"),
        ("athena.model", "service::work"),
    ];
    has(first, &expected);
    let failed = all.iter().filter(|span| attribute(&span.attributes, "error.type").is_some());
    let failed: Vec<&Span> = failed.collect();
    assert_eq!(failed.len(), 1);
    has(failed[0], &[("error.type", "500"), ("http.response.status_code", "500")]);
    // The lines of a stream.
    let lines: Vec<Span> =
        collector.spans().into_iter().filter(|span| span.name == "run service::work").collect();
    assert_eq!(lines.len(), 2);
    let stream = all.iter().find(|span| span.span_id == lines[0].parent_span_id).unwrap();
    assert_eq!((&lines[1].parent_span_id, &lines[1].trace_id), (&stream.span_id, &stream.trace_id));
    has(&lines[1], &[("athena.line", "2"), ("error.type", "failure")]);
    // Nothing that a client chooses is in a name.
    has(&collector.span("GET"), &[("url.path", "/else/where")]);
    let call = collector.span(WORK.trim_start_matches('/'));
    assert_eq!((hex(&call.trace_id).as_str(), hex(&call.parent_span_id).as_str()), (TRACE, PARENT));
    let status = ("rpc.response.status_code", "INVALID_ARGUMENT");
    has(&call, &[("rpc.system.name", "grpc"), status, ("athena.model", "service::work")]);
    assert_eq!(collector.count("http.server.request.duration"), 4);
    assert_eq!(collector.count("rpc.server.call.duration"), 1);
    assert_eq!(collector.count("http.server.active_requests"), 0);
}

/// The URLs of a queue of messages and of one for outcomes.
fn queues(folder: &Path) -> [String; 2] {
    let file = folder.join("q.db");
    ["tasks", "done"].map(|name| format!("sqlite:{}?queue={name}", file.display()))
}

fn queue() {
    let folder = tempfile::tempdir().unwrap();
    let [tasks, done] = queues(folder.path());
    let messages = folder.path().join("in.jsonl");
    std::fs::write(&messages, "{\"id\":1}\n{\"id\":999}\n").unwrap();
    let collector = Collector::start();
    let messages = messages.to_str().unwrap();
    let mut submit =
        collector.runner(&["submit", "service::work", "--messages", messages, "--to", &tasks]);
    submit.env("TRACEPARENT", format!("00-{TRACE}-{PARENT}-01")).env("TRACESTATE", "vendor=1");
    let (code, printed) = ended(&mut submit);
    assert_eq!(code, 0, "{printed}");
    let work =
        ["work", "--from", &tasks, "--to", &done, "--attempts", "1", "--exit-when-idle", "1s"];
    let (code, printed) = ended(&mut collector.runner(&work));
    assert_eq!(code, 0, "{printed}");

    let spans = collector.spans();
    let named =
        |name: &str| -> Vec<&Span> { spans.iter().filter(|span| span.name == name).collect() };
    let created = named("create tasks");
    assert_eq!(created.len(), 2);
    for span in &created {
        assert_eq!(
            (hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()),
            (TRACE, PARENT)
        );
        assert_eq!(span.kind(), SpanKind::Producer);
    }
    let links = |span: &Span| -> Vec<_> {
        span.links.iter().map(|link| (link.trace_id.clone(), link.span_id.clone())).collect()
    };
    let sent = collector.span("send tasks");
    has(&sent, &[("messaging.batch.message_count", "2"), ("messaging.system", "sqlite")]);
    let place = |span: &&Span| (span.trace_id.clone(), span.span_id.clone());
    assert_eq!(links(&sent), created.iter().map(place).collect::<Vec<_>>());
    let processed = named("process tasks");
    assert_eq!(processed.len(), 2);
    for span in &processed {
        let parent = created.iter().find(|created| created.span_id == span.parent_span_id).unwrap();
        assert_eq!((&span.trace_id, span.kind()), (&parent.trace_id, SpanKind::Consumer));
        assert_eq!(span.trace_state, "vendor=1");
        let id = |span: &Span| attribute(&span.attributes, "messaging.message.id");
        assert_eq!(id(span), id(parent));
        let operation = ("messaging.operation.type", "process");
        has(
            span,
            &[
                operation,
                ("messaging.destination.name", "tasks"),
                ("athena.model", "service::work"),
            ],
        );
    }
    let failed = |span: &&&Span| attribute(&span.attributes, "error.type").is_some();
    let dead: Vec<&&Span> = processed.iter().filter(failed).collect();
    assert_eq!(dead.len(), 1);
    has(dead[0], &[("error.type", "dead_letter")]);
    assert!(dead[0].status.as_ref().unwrap().message.contains("poison"));
    // The outcome continues the trace with the span that created it, below that of the worker.
    let good = processed.iter().find(|span| !failed(span)).unwrap();
    let created = collector.span("create done");
    assert_eq!((&created.parent_span_id, &created.trace_id), (&good.span_id, &good.trace_id));
    assert_eq!(created.kind(), SpanKind::Producer);
    has(&created, &[("messaging.destination.name", "done"), ("messaging.system", "sqlite")]);
    // The request that stored it is a span that refers to it.
    let sent = collector.span("send done");
    assert_eq!((links(&sent), sent.kind()), (vec![place(&&created)], SpanKind::Client));
    assert_eq!(attribute(&sent.attributes, "messaging.batch.message_count"), None, "it is one");
    let outcome = format!("00-{TRACE}-{}-01", hex(&created.span_id));
    let stored: Vec<u8> = ["q.db", "q.db-wal"]
        .iter()
        .flat_map(|file| std::fs::read(folder.path().join(file)).unwrap_or_default())
        .collect();
    assert!(stored.windows(outcome.len()).any(|window| window == outcome.as_bytes()));
    assert_eq!(collector.count("messaging.process.duration"), 2);
    assert_eq!(collector.count("messaging.client.consumed.messages"), 2);
}

fn no_collector() {
    // One that accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let away = {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap();
        closed.local_addr().unwrap()
    };
    for address in [away, silent.local_addr().unwrap()] {
        let folder = tempfile::tempdir().unwrap();
        let [tasks, done] = queues(folder.path());
        let messages = folder.path().join("in.jsonl");
        std::fs::write(&messages, "{\"id\":1}\n".repeat(300)).unwrap();
        let messages = messages.to_str().unwrap();
        let began = Instant::now();
        for arguments in [
            &["submit", "service::work", "--messages", messages, "--to", &tasks][..],
            &["work", "--from", &tasks, "--to", &done, "--exit-when-idle", "100ms"],
        ] {
            let mut command = exporting(address, arguments);
            command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "300");
            let (code, printed) = ended(&mut command);
            assert_eq!(code, 0, "{printed}");
            assert_eq!(printed.matches("can't export telemetry to").count(), 1, "{printed}");
            assert!(arguments[0] == "submit" || printed.contains("300 outcomes"), "{printed}");
        }
        // Each waits at most 5 s for the last export.
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }
}

fn variables() {
    let listed = |command: &mut Command| {
        let folder = tempfile::tempdir().unwrap();
        let [tasks, _] = queues(folder.path());
        ended(command.args(["submit", "service::work", "--message", "{\"id\":1}", "--to", &tasks]))
    };
    let collector = Collector::start();
    assert_eq!(listed(collector.runner(&[]).env("OTEL_SDK_DISABLED", "true")).0, 0);
    assert!(collector.received.lock().unwrap().heads.is_empty());
    assert_eq!(listed(collector.runner(&[]).env("OTEL_TRACES_SAMPLER", "always_off")).0, 0);
    assert!(collector.spans().is_empty());
    assert_eq!(collector.count("messaging.client.sent.messages"), 1);
    let (code, printed) = listed(collector.runner(&[]).env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));
    assert_eq!(code, 2, "{printed}");
    assert!(printed.contains("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"), "{printed}");
}

fn not_linked() {
    let tree = |features: &str| {
        let arguments =
            ["tree", "--offline", "-p", "athena-rt", "-e", "normal", "--prefix", "none"];
        let mut cargo = Command::new(env!("CARGO"));
        let cargo = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
        let output = cargo.args(["--features", features]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!tree("service,sqlite").contains("opentelemetry"));
    let with = tree("service,sqlite,otel");
    assert!(with.contains("opentelemetry-otlp"));
    // One client and one TLS: ours.
    for other in ["reqwest", "native-tls", "openssl", "openssl-sys", "aws-lc-rs", "ureq"] {
        let is_there = with.lines().any(|line| line.split(' ').next() == Some(other));
        assert!(!is_there, "{other}");
    }
}
