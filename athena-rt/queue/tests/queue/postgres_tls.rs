//! Encrypted connections to `PostgreSQL`.

use std::net::TcpListener;
use std::path::Path;

use crate::postgres;
use crate::runner::{Finished, run_to_end, runner};

/// What the URL has behind its queue, whether the server's certificate is trusted, the exit code, and what
/// is said.
const CONNECTIONS: [(&str, bool, i32, &str); 5] = [
    ("&sslmode=require", true, 0, ""),
    ("&sslmode=verify-full", true, 0, ""),
    ("", true, 2, "add sslmode=require"),
    ("&sslmode=require", false, 2, "SSL_CERT_FILE"),
    ("&sslmode=sometimes", true, 2, "sslmode"),
];

pub(crate) fn a_connection_is_encrypted_where_the_url_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let [certificate, other] = ["server", "other"].map(|name| certificate(folder.path(), name));
    postgres::create(folder.path());
    let hba = "hostssl all all 127.0.0.1/32 trust\n";
    std::fs::write(folder.path().join("data/pg_hba.conf"), hba).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = folder.path().display();
    let options =
        format!("-c ssl=on -c ssl_cert_file={path}/server.pem -c ssl_key_file={path}/server.key");
    postgres::start_with(folder.path(), port, &options);
    let server = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=require");
    let queue = format!("{server}&queue=tasks");
    let submit = ["submit", "work", "-m", r#"{"id":1}"#, "--to", &queue];
    run_to_end(runner(&submit).env("SSL_CERT_FILE", &certificate)).expect_code(0);
    for (settings, is_trusted, code, said) in CONNECTIONS {
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?queue=tasks{settings}");
        let trusted = if is_trusted { &certificate } else { &other };
        let mut command = runner(&["queue", "status", &url]);
        let Finished { code: found, stderr, .. } =
            run_to_end(command.env("SSL_CERT_FILE", trusted));
        assert_eq!(found, code, "{settings}: {stderr}");
        assert!(stderr.contains(said), "{settings}: {stderr}");
    }
    tables_of_another_version_are_refused(&server, &queue, &submit, &certificate);
    postgres::stop(folder.path());
}

fn tables_of_another_version_are_refused(
    server: &str,
    queue: &str,
    submit: &[&str],
    certificate: &str,
) {
    postgres::execute(server, "UPDATE athena_schema SET version = 0");
    for arguments in [
        &["queue", "status", queue][..],
        &["work", "--from", queue, "--exit-when-idle", "1s"],
        &["collect", "--from", queue],
        submit,
    ] {
        let mut command = runner(arguments);
        let refused = run_to_end(command.env("SSL_CERT_FILE", certificate)).expect_code(2);
        let text = refused.stderr;
        assert!(text.contains("of version 0, and this program has version 1"), "{text}");
        assert!(text.contains("help: empty the queues with the program that made them"), "{text}");
    }
    postgres::execute(server, "UPDATE athena_schema SET version = 1");
    let status = run_to_end(
        runner(&["queue", "status", queue, "--format", "json"]).env("SSL_CERT_FILE", certificate),
    );
    assert!(status.expect_code(0).out.contains(r#""waiting":1"#), "nothing was lost");
}

/// A certificate of this machine and its key in a folder, and the path of the certificate.
fn certificate(folder: &Path, name: &str) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let path = folder.join(format!("{name}.pem"));
    std::fs::write(&path, made.cert.pem()).unwrap();
    postgres::write_key(&folder.join(format!("{name}.key")), &made.signing_key.serialize_pem());
    path.to_str().unwrap().to_owned()
}
