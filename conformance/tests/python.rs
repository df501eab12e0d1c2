//! Python's library, in an old and a new version, reads the messages that Athena writes and the other way
//! round, as bytes and as ProtoJSON, with random values of every form of structure.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use athena_conformance::random::{Any, Random};
use athena_conformance::shapes::*;
use athena_conformance::{each_shape, each_whole_message};
use athena_rt::structure::{ProtoJson, Structure, wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The number of values per structure and version.
const VALUES: u64 = 400;

/// The oldest version that runs on current Python versions, and the newest.
const VERSIONS: [&str; 2] = ["3.20.3", "7.36.2"];

/// A line to send, and the check of the answer.
struct Case {
    line: String,
    check: Check,
}

type Check = Box<dyn Fn(&Value) -> Result<(), String>>;

fn cases<T: Structure + Any>(name: &str, out: &mut Vec<Case>) {
    for seed in 0..VALUES {
        let name = name.to_owned();
        let value = T::any(&mut Random::new(seed));
        let bytes = wire::encode(&value);
        let json = ProtoJson::<T>::new();
        let text = json.write(&value).unwrap();
        let line = json!({ "message": name, "bytes": STANDARD.encode(&bytes), "json": text });
        let check = move |answer: &Value| {
            check::<T>(answer, &json, &bytes).map_err(|reason| {
                format!("{name}, seed {seed}: {reason}\nwe wrote {text}\nthey {answer}")
            })
        };
        out.push(Case { line: line.to_string(), check: Box::new(check) });
    }
}

/// The answer must be the message that was sent. Values are compared as bytes, because NaN is not equal
/// to itself.
fn check<T: Structure>(answer: &Value, json: &ProtoJson<T>, bytes: &[u8]) -> Result<(), String> {
    if let Some(error) = answer["error"].as_str() {
        return Err(error.to_owned());
    }
    let theirs = STANDARD.decode(answer["bytes"].as_str().unwrap()).unwrap();
    let read = wire::decode::<T>(&theirs).map_err(|error| format!("their bytes: {error}"))?;
    if wire::encode(&read) != bytes {
        return Err(format!("their bytes read as {read:?}"));
    }
    for text in answer["json"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        let read = json.read(text).map_err(|error| format!("their JSON: {error}"))?;
        if wire::encode(&read) != bytes {
            return Err(format!("their JSON read as {read:?}"));
        }
    }
    Ok(())
}

fn all_cases() -> Vec<Case> {
    let mut out = Vec::new();
    macro_rules! add {
        ($($name:ident)*) => { $( cases::<$name>(stringify!($name), &mut out); )* };
    }
    each_shape!(add);
    // The message of a model, under the name that its schema gives it.
    macro_rules! add_whole {
        ($($model:ident: $type:ty),*) => { $( cases::<$type>(&whole_message(stringify!($model)), &mut out); )* };
    }
    each_whole_message!(add_whole);
    out
}

/// The name of the message that a model accepts.
fn whole_message(model: &str) -> String {
    static SCHEMA: LazyLock<String> = LazyLock::new(|| {
        let printed = support::run(Command::new(env!("CARGO_BIN_EXE_shapes")).arg("schema"));
        String::from_utf8(printed.stdout).unwrap()
    });
    let model = format!("::{model} (in");
    let line = SCHEMA.lines().find(|line| line.contains(&model)).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

/// Compiles the schema of all structures with protoc. Each test has its own file.
fn descriptors(name: &str) -> PathBuf {
    let folder = support::folder().join(format!("schema-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let schema = support::run(Command::new(env!("CARGO_BIN_EXE_shapes")).arg("schema"));
    std::fs::write(folder.join("all.proto"), schema.stdout).unwrap();
    let descriptors = folder.join("all.pb");
    let mut protoc = Command::new("protoc");
    protoc.arg("--proto_path").arg(&folder).arg("--include_imports");
    support::run(protoc.arg("--descriptor_set_out").arg(&descriptors).arg("all.proto"));
    descriptors
}

/// Sends every case to Python and checks the answers; returns their number.
fn converse(version: &str, name: &str, cases: &[Case]) -> Result<usize, String> {
    let path = support::folder().join(format!("{name}-{version}.jsonl"));
    let lines: Vec<&str> = cases.iter().map(|case| case.line.as_str()).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let mut python = Command::new("python3");
    python.arg(support::file("python/peer.py")).arg(version).arg(descriptors(name));
    python.arg("athena_conformance").stdin(File::open(path).unwrap());
    let answers =
        support::run(python.env("PYTHONPATH", support::python_package("protobuf", version)));
    let answers = String::from_utf8(answers.stdout).unwrap();
    for (case, answer) in cases.iter().zip(answers.lines()) {
        let answer = serde_json::from_str(answer).unwrap();
        (case.check)(&answer).map_err(|reason| format!("protobuf {version}: {reason}"))?;
    }
    Ok(answers.lines().count())
}

#[test]
fn any_value_survives_a_round_trip_through_python() {
    let cases = all_cases();
    assert!(cases.len() >= 2000, "{}", cases.len());
    for version in VERSIONS {
        match converse(version, "any", &cases) {
            Ok(checkd) => assert_eq!(checkd, cases.len()),
            Err(reason) => panic!("{reason}"),
        }
    }
}

#[test]
fn a_difference_between_bytes_and_json_is_found() {
    let mut cases = Vec::new();
    mismatched_cases(&mut cases);
    let reason = converse(VERSIONS[1], "lie", &cases).unwrap_err();
    assert!(reason.contains("the JSON and the bytes differ"), "{reason}");
}

/// JSON of one value with the bytes of another.
fn mismatched_cases(out: &mut Vec<Case>) {
    cases::<Others>("Others", out);
    let [one, other] = [0, 1].map(|at| serde_json::from_str::<Value>(&out[at].line).unwrap());
    out.truncate(1);
    out[0].line =
        json!({ "message": "Others", "bytes": one["bytes"], "json": other["json"] }).to_string();
}
