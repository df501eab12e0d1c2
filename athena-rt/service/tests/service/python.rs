//! Python's gRPC client, which knows only the address of the service.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::Tests;
use crate::server::Server;

pub(crate) const TESTS: Tests = &[("python_calls_models_that_it_finds_by_reflection", python)];

const PACKAGES: [&str; 5] = [
    "--no-deps",
    "grpcio==1.85.1",
    "grpcio-reflection==1.85.1",
    "protobuf==7.36.2",
    "typing_extensions==4.16.0",
];

/// The folder of these packages of `PyPI`, which are downloaded once.
pub(crate) fn packages(packages: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kept = folder.join(packages.join("-").replace("==", "-"));
    if kept.exists() {
        return kept;
    }
    let fresh = folder.join(format!("{}.{}", packages[packages.len() - 1], std::process::id()));
    let _ = std::fs::remove_dir_all(&fresh);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&fresh);
    ran(pip.args(packages));
    // Another process may have been faster.
    if std::fs::rename(&fresh, &kept).is_err() {
        std::fs::remove_dir_all(&fresh).unwrap();
    }
    kept
}

/// The output of a program, which must succeed.
pub(crate) fn ran(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}\nwhat is needed: apt-get install -y python3 python3-pip")
    });
    let printed = [&output.stdout[..], &output.stderr[..]].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(output.status.success(), "{command:?}: {}\n{printed}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn python() {
    let server = Server::start(&[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/python/client.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(server.address.to_string()).env("PYTHONPATH", packages(&PACKAGES));
    let results: Value = serde_json::from_str(&ran(&mut command)).unwrap();
    let services = results["services"].as_array().unwrap();
    for service in ["Count", "Divide", "Work", "Wreck"] {
        let name = format!("athena_service.Service{service}Service");
        assert!(services.contains(&name.as_str().into()), "{services:?}");
        assert_eq!(results["health"][&name], 1);
    }
    assert!(services.contains(&"grpc.health.v1.Health".into()));
    assert_eq!(results["health"][""], 1);
    assert_eq!(results["default"], 0, "a default is described");
    assert_eq!(results["answer"], json!({ "id": "7", "value": "8", "note": "n" }));
    assert_eq!(results["count"], json!([1, 2, 3]));
    let ports = json!([["a", 1, "2.500s"], ["b", 2, "2.500s"]]);
    assert_eq!(results["ports"], ports);
    assert_eq!(
        results["loud"],
        json!(["FAILED_PRECONDITION", "on the rocks: \u{2693}", "String", 2])
    );
    assert_eq!(results["refused"], json!(["FAILED_PRECONDITION", "refused", "String"]));
    assert_eq!(results["late"], "DEADLINE_EXCEEDED");
    assert_eq!(results["missing"][0], "INVALID_ARGUMENT");
    assert_eq!(results["unknown"], "UNIMPLEMENTED");
}
