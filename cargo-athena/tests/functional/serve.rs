//! `cargo athena serve`

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use super::support::{LIBRARY, Project};

#[test]
#[ignore = "builds a service; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_service_is_served_in_development_and_a_runner_without_it_says_what_to_add() {
    let project = Project::bin("plain");
    project.athena(&["serve"]).exits(2).says("without the feature `service`");

    let project = Project::service("served")
        .file("src/main.rs", &format!("{LIBRARY}\nathena_rt::main!();\n"));
    project.athena(&["serve", "dubble"]).exits(2).says("double");
    project.athena(&["serve", "--listen", "0.0.0.0:0"]).exits(2).says("no token is set");
    let (mut command, _lock) =
        project.athena_to_start(&["serve", "double", "--listen", "127.0.0.1:0", "--grace", "0s"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("it serves").unwrap();
        if let Some(address) = line.strip_prefix("serving on http://") {
            break address.to_owned();
        }
    };
    let mut stream = TcpStream::connect(address).unwrap();
    let body = "{\"value\":4}";
    let head = "POST /models/double HTTP/1.1\r\nhost: localhost\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("200 OK") && answer.ends_with("{\"value\":8}"), "{answer}");
    // The runner has taken the place of `cargo athena`: the signal is its own.
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
