//! A Python program uses a recorded case: it reads the message and the outcome, and writes a message for
//! the model. It knows only the `.proto` file.

#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "floats are transferred exactly")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use athena_rt::structure::wire;
use earthquakes::message::Quake;
use serde_json::{Value, json};

fn root() -> PathBuf {
    support::file("..")
}

/// `cargo athena ..`
fn athena(args: &[&str]) -> Vec<u8> {
    let program = std::env::current_exe().unwrap();
    let programs = program.parent().and_then(Path::parent).unwrap();
    // With the features that `cargo test` builds it with: others would build its dependencies again.
    let mut build = Command::new(env!("CARGO"));
    build.args(["test", "--no-run", "--quiet", "--locked", "--test", "functional"]);
    build.arg("--target-dir").arg(programs.parent().unwrap());
    support::run(build.current_dir(root()));
    let mut command = Command::new(programs.join("cargo-athena"));
    support::run(command.arg("athena").args(args).current_dir(root())).stdout
}

/// Creates a Python module from the schema.
fn module(folder: &Path) {
    std::fs::write(
        folder.join("earthquakes.proto"),
        athena(&["schema", "assess", "--format", "proto"]),
    )
    .unwrap();
    let mut protoc = Command::new("protoc");
    protoc.arg("--proto_path").arg(folder).arg("--python_out").arg(folder);
    support::run(protoc.arg("earthquakes.proto"));
}

fn python(folder: &Path, work: &str, files: &[&Path]) -> Value {
    let library = support::python_package("protobuf", "3.20.3");
    let paths = std::env::join_paths([folder.to_owned(), library]).unwrap();
    let mut command = Command::new("python3");
    command.arg(support::file("python/quake.py")).arg(work).args(files).env("PYTHONPATH", paths);
    serde_json::from_slice(&support::run(&mut command).stdout).unwrap()
}

#[test]
fn python_reads_and_writes_a_recorded_earthquake() {
    let folder = support::folder().join("earthquakes");
    std::fs::create_dir_all(&folder).unwrap();
    module(&folder);
    let case =
        std::fs::read_to_string(root().join("fixtures/earthquakes/assess/strongest@tokyo.json"));
    let case: Value = serde_json::from_str(&case.unwrap()).unwrap();
    let input = &case["input"];

    let quake: Quake = serde_json::from_value(input.clone()).unwrap();
    let recorded = folder.join("recorded.pb");
    std::fs::write(&recorded, wire::encode(&quake)).unwrap();
    let said = python(&folder, "read", &[&recorded]);
    assert_eq!(
        said,
        json!({
            "id": input["id"],
            "place": input["properties"]["place"],
            "mag": input["properties"]["mag"],
            "time": input["properties"]["time"],
            "status": "STATUS_REVIEWED",
            "coordinates": input["geometry"]["coordinates"],
            "has_nst": false,
        })
    );

    let outcome = folder.join("outcome.pb");
    std::fs::write(&outcome, assess(&recorded)).unwrap();
    let said = python(&folder, "assessment", &[&outcome]);
    let output = &case["output"];
    assert_eq!(
        said,
        json!({
            "id": output["id"],
            "energy_joules": output["energy_joules"],
            "distance_km": output["distance_km"],
            "felt": output["felt"],
            "level": "ALERT_LEVEL_GREEN",
            "reports": output["reports"],
        })
    );

    let moved = folder.join("moved.pb");
    python(&folder, "move", &[&recorded, &moved]);
    let read: Quake = wire::decode(&std::fs::read(&moved).unwrap()).unwrap();
    assert_eq!(read.properties.place, "somewhere else");
    assert_eq!(read.geometry.coordinates.2, quake.geometry.coordinates.2 + 10.0);
    assert_eq!(read.properties.mag, quake.properties.mag);
    std::fs::write(&outcome, assess(&moved)).unwrap();
    let said = python(&folder, "assessment", &[&outcome]);
    assert_eq!(said["id"], json!(format!("{}-moved", quake.id)));
    assert!(said["distance_km"].as_f64() > output["distance_km"].as_f64());
}

fn assess(message: &Path) -> Vec<u8> {
    let message = message.to_str().unwrap();
    athena(&[
        "run",
        "assess",
        "--message",
        message,
        "--environment",
        "tokyo",
        "--input-format",
        "protobuf",
        "--output-format",
        "protobuf",
    ])
}
