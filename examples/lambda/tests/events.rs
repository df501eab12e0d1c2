//! Events of a runtime API on loopback that has the routes of Lambda's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;

struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The method and path of a request, and its body.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut first = String::new();
    if stream.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(given) = line.strip_prefix("content-length: ") {
            length = given.parse().unwrap();
        }
        is_chunked |= line == "transfer-encoding: chunked";
    }
    let mut body = Vec::new();
    loop {
        if is_chunked {
            let mut size = String::new();
            stream.read_line(&mut size).unwrap();
            length = usize::from_str_radix(size.trim(), 16).unwrap();
        }
        let mut piece = vec![0; length];
        stream.read_exact(&mut piece).unwrap();
        body.extend(piece);
        if is_chunked {
            stream.read_line(&mut String::new()).unwrap();
        }
        if !is_chunked || length == 0 {
            break;
        }
    }
    let request = first.rsplit_once(' ').unwrap().0.to_owned();
    Some((request, String::from_utf8(body).unwrap()))
}

fn respond(stream: &mut BufReader<TcpStream>, headers: &str, body: &str) {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.get_mut().write_all(text.as_bytes()).unwrap();
}

/// Sends each event, and returns the last part of the path of its response, and the response.
fn invoke(events: &[&str]) -> Vec<(String, Value)> {
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambda"));
    command
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr().unwrap().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "invoice")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .env("TAX_PERCENT", "20");
    let _function = Function(command.spawn().unwrap());
    let (mut sent, mut responses) = (0, Vec::new());
    loop {
        let (stream, _) = api.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut stream = BufReader::new(stream);
        while let Some((request, body)) = read(&mut stream) {
            if request == "GET /2018-06-01/runtime/invocation/next" {
                let headers = format!(
                    "lambda-runtime-aws-request-id: {sent}\r\nlambda-runtime-deadline-ms: 9999999999999\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:x\r\n"
                );
                respond(&mut stream, &headers, events[sent]);
                sent += 1;
                continue;
            }
            let path = request.strip_prefix("POST /2018-06-01/runtime/invocation/").unwrap();
            let (id, kind) = path.split_once('/').unwrap();
            assert_eq!(id, (sent - 1).to_string());
            responses.push((kind.to_owned(), serde_json::from_str(&body).unwrap()));
            respond(&mut stream, "", "{}");
            if responses.len() == events.len() {
                return responses;
            }
        }
    }
}

#[test]
fn each_event_is_answered_by_its_model() {
    let responses = invoke(&[
        r#"{"model": "invoice", "message": {"net_cents": 1000}}"#,
        r#"{"model": "invoice", "message": {"net_cents": 0}}"#,
        r#"{"model": "invoice", "message": {"net": 1}}"#,
        r#"{"model": "invoices", "message": {}}"#,
        r#"{"model": "invoice", "message": {"net_cents": 5}}"#,
    ]);
    let is_error = |at: usize, text: &str| {
        let (kind, body) = &responses[at];
        let message = body["errorMessage"].as_str().unwrap();
        assert!(kind == "error" && message.contains(text), "{message}");
    };
    assert_eq!(responses[0].0, "response");
    assert_eq!(responses[0].1, serde_json::json!({ "net_cents": 1000, "gross_cents": 1200 }));
    is_error(1, "the invoice has no amount");
    is_error(2, "unknown field `net`");
    is_error(3, "did you mean `invoice`");
    assert_eq!(responses[4].1["gross_cents"], 6);
}
