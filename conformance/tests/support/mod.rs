//! Downloads and starts the other implementations.

// Each test uses only a part.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

/// Returns the folder for downloads, under the target folder.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns the path of a file of this package.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Returns the folder of a Python package, which is downloaded once.
pub(crate) fn python_package(name: &str, version: &str) -> PathBuf {
    static FETCHING: Mutex<()> = Mutex::new(());
    let _guard = FETCHING.lock();
    let kept = folder().join(format!("{name}-{version}"));
    if !kept.exists() {
        let fresh = folder().join(format!("{name}-{version}.{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&fresh);
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&fresh);
        run(pip.arg(format!("{name}=={version}")));
        // Another process may have created it meanwhile.
        if std::fs::rename(&fresh, &kept).is_err() {
            std::fs::remove_dir_all(&fresh).unwrap();
        }
    }
    kept
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a program; it may fail.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}\n{INSTALL}"))
}

/// The help if a program is missing.
pub(crate) const INSTALL: &str =
    "help: apt-get install -y protobuf-compiler python3-venv python3-pip g++";
