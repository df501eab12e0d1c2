//! TLS and tokens.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Tests;
use crate::client::{Answer, JSON, ask, bytes, connect, get, post};
use crate::server::{Server, ended, runner};

pub(crate) const TESTS: Tests = &[
    ("a_public_address_needs_a_token", token),
    ("a_page_of_another_site_reaches_no_loopback_service", other_hosts),
    ("a_certificate_makes_it_https", https),
    ("a_panic_is_one_line_of_the_log_whatever_it_says", forged),
];

fn token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "s3cret\n").unwrap();
    let path = file.to_str().unwrap();
    let open = ["serve", "--listen", "0.0.0.0:0"];
    let with_file = Server::spawn(runner(&open).args(["--token-file", path]));
    let with_variable = Server::spawn(runner(&open).env("ATHENA_TOKEN", "s3cret"));
    for server in [with_file, with_variable] {
        let address = (std::net::Ipv4Addr::LOCALHOST, server.address.port()).into();
        let try_with = |token: &str| {
            let header = format!("authorization: {token}");
            ask(address, "POST", "/models/work", &[JSON, &header], br#"{"id":1}"#)
        };
        assert_eq!(try_with("Bearer s3cret").status, 200);
        assert_eq!(try_with("bearer s3cret").status, 200);
        for wrong in ["Bearer s3cre", "Bearer s3crets", "Bearer ", "s3cret", "Basic s3cret"] {
            let answer = try_with(wrong);
            assert_eq!(answer.status, 401, "{wrong}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        for path in ["/models", "/metrics", "/openapi.json", "/nowhere"] {
            assert_eq!(get(address, path).status, 401, "{path}");
        }
        for path in ["/", "/healthz", "/readyz"] {
            assert_eq!(get(address, path).status, 200, "{path}");
        }
    }
    // `s3cret` is short.
    with_a_warning(&file, 0o600, "s3cret", "can be guessed");
    with_a_warning(&file, 0o644, "0123456789abcdef", "every user of this machine");
    std::fs::write(&file, "\n").unwrap();
    let (code, printed) = ended(runner(&open).args(["--token-file", path]));
    assert!(code == 2 && printed.contains("has no token"), "{code} {printed}");
}

/// Starts a service with a token in a file of this mode.
fn with_a_warning(file: &std::path::Path, mode: u32, token: &str, warning: &str) {
    std::fs::write(file, token).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    let server = Server::start(&["--token-file", file.to_str().unwrap()]);
    server.printed(warning);
}

fn other_hosts() {
    let server = Server::start(&["--allow-host", "box.lan"]);
    let port = server.address.port();
    let with_host = |host: &str| {
        let request = bytes("POST", "/models/work", &[JSON], br#"{"id":1}"#);
        let request = String::from_utf8(request).unwrap();
        let request = request.replace("host: localhost", &format!("host: {host}"));
        let mut stream = connect(server.address);
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(&mut stream)
    };
    for own in ["localhost", "127.0.0.1", "[::1]", "box.lan"] {
        assert_eq!(with_host(&format!("{own}:{port}")).status, 200, "{own}");
    }
    let refused = with_host(&format!("evil.example:{port}"));
    assert_eq!((refused.status, &refused.json()["failure"]), (403, &"host".into()));
    assert!(refused.text().contains("--allow-host evil.example"), "{}", refused.text());
    // Others reach a public address by names of their own.
    let public = ["serve", "--listen", "0.0.0.0:0", "--allow-anonymous"];
    let public = Server::spawn(&mut runner(&public));
    let address = (std::net::Ipv4Addr::LOCALHOST, public.address.port()).into();
    let mut stream = connect(address);
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")
        .unwrap();
    assert_eq!(Answer::read(&mut stream).status, 200);
}

/// A service with a certificate, and the configuration of its clients.
pub(crate) fn start_with_certificate(arguments: &[&str]) -> (Server, ClientConfig, TempDir) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (cert_path, key_path) =
        (write("cert.pem", cert.pem()), write("key.pem", signing_key.serialize_pem()));
    let files = ["--tls-cert", &cert_path, "--tls-key", &key_path];
    let server = Server::start(&[arguments, &files].concat());
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (server, config, folder)
}

pub(crate) fn connect_with_tls(
    server: &Server,
    config: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = "localhost".try_into().unwrap();
    let client = ClientConnection::new(Arc::clone(config), name).unwrap();
    StreamOwned::new(client, connect(server.address))
}

fn https() {
    let (server, config, folder) = start_with_certificate(&[]);
    server.printed("serving on https://127.0.0.1");
    let mut stream = connect_with_tls(&server, &Arc::new(config));
    stream.write_all(&bytes("POST", "/models/work", &[JSON], br#"{"id":1}"#)).unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, &answer.json()["value"]), (200, &2.into()));
    let key = folder.path().join("key.pem");
    let key = key.to_str().unwrap();
    let (code, printed) = ended(&mut runner(&["serve", "--tls-cert", key, "--tls-key", key]));
    assert!(code == 2 && printed.contains("certificate"), "{code} {printed}");
    let cert = folder.path().join("cert.pem");
    let cert = cert.to_str().unwrap();
    for (text, reason) in [
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "openssl pkey",
        ),
        ("", "has no private key"),
    ] {
        std::fs::write(key, text).unwrap();
        let (code, printed) = ended(&mut runner(&["serve", "--tls-cert", cert, "--tls-key", key]));
        assert!(code == 2 && printed.contains(reason), "{code} {printed}");
    }
}

fn forged() {
    let server = Server::start(&[]);
    assert_eq!(post(server.address, "work", r#"{"id":998}"#).status, 500);
    let printed = server.printed("no\\nmore");
    assert!(printed.lines().all(|line| !line.starts_with("more")), "{printed}");
}
