//! The JSON Schema of a type accepts its messages, says Python's jsonschema.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use athena_rt::structure::Structure;
use athena_structure::DeclaredOrder;
use athena_structure::schema::json_schema;

use super::{MODEL, schema};

const PACKAGES: [&str; 2] = ["jsonschema==4.26.0", "rfc3339-validator==0.1.4"];

/// Reads lines of a schema and a message, and writes what is wrong.
const PROGRAM: &str = r"
import json, sys, jsonschema
for line in sys.stdin:
    schema, message = json.loads(line)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    errors = kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(message)
    print(json.dumps([f'{error.json_path}: {error.message}' for error in errors]), flush=True)
";

struct Python {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

static PYTHON: LazyLock<Mutex<Python>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let packages = folder.join("jsonschema-4.26.0");
    if !packages.exists() {
        let fresh = folder.join(format!("jsonschema.{}", std::process::id()));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&fresh).args(PACKAGES);
        let installed = pip.status().expect("python3 is needed: apt-get install -y python3-pip");
        assert!(installed.success(), "pip can't install {PACKAGES:?}");
        // Another program may have been faster.
        let _ = std::fs::rename(&fresh, &packages);
    }
    let mut python = Command::new("python3");
    python.args(["-c", PROGRAM]).env("PYTHONPATH", packages);
    let Child { stdin, stdout, .. } =
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    Mutex::new(Python { input: stdin.unwrap(), output: BufReader::new(stdout.unwrap()) })
});

/// What is wrong with a message by the schema of the model that accepts it.
fn errors<T: Structure>(message: &str) -> Vec<String> {
    let schema = json_schema(&schema::<T>(), MODEL);
    let schema = serde_json::to_string(&DeclaredOrder(&schema)).unwrap();
    let mut python = PYTHON.lock().unwrap_or_else(PoisonError::into_inner);
    let message = message.replace('\n', " ");
    writeln!(python.input, "[{schema},{message}]").unwrap();
    let mut line = String::new();
    python.output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON Schema: {schema}"))
}

#[track_caller]
pub(crate) fn schema_accepts<T: Structure>(message: &str) {
    let errors = errors::<T>(message);
    assert!(errors.is_empty(), "{message}\n{}", errors.join("\n"));
}

#[track_caller]
pub(crate) fn schema_refuses<T: Structure>(message: &str) {
    assert!(!errors::<T>(message).is_empty(), "{message}");
}
