//! The application over a real socket.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Application(Child);

impl Drop for Application {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status and the body of a response.
fn ask(address: &str, request: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn models_are_behind_the_layer_of_the_application() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embedded"));
    let child = command.env("LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).spawn().unwrap();
    let mut application = Application(child);
    let mut line = String::new();
    BufReader::new(application.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap();
    let tenant = "x-tenant: acme\r\ncontent-type: application/json\r\n";

    let (status, body) = ask(address, "GET /about", tenant, "");
    assert_eq!((status, body.as_str()), (200, "an application with models\n"));
    let run = "POST /models/to_fahrenheit";
    let (status, body) = ask(address, run, tenant, r#"{"celsius": 20}"#);
    assert_eq!((status, body.as_str()), (200, r#"{"celsius":20.0,"fahrenheit":68.0}"#));
    let json = "content-type: application/json\r\n";
    let (status, body) = ask(address, run, json, r#"{"celsius": 20}"#);
    assert_eq!((status, body.as_str()), (403, "the header x-tenant is missing\n"));

    // The service's errors, and its list of models.
    let (status, body) = ask(address, run, tenant, r#"{"kelvin": 20}"#);
    assert!(status == 422 && body.contains("unknown field"), "{status} {body}");
    let (status, body) = ask(address, "GET /models", tenant, "");
    assert!(status == 200 && body.contains("embedded::to_fahrenheit"), "{status} {body}");
    assert_eq!(ask(address, "GET /models/to_fahrenheit", tenant, "").0, 405);
    // Paths of the application are left to it.
    for path in ["/", "/healthz", "/metrics"] {
        assert_eq!(ask(address, &format!("GET {path}"), tenant, "").0, 404, "{path}");
    }
}
