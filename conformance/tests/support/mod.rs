//! The other programs: where they come from, and how they are started.

// Each test uses some of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

/// Where things are kept between runs, under the target folder.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file of this package.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The folder of a Python package, which is fetched once.
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
        // Another process may have been faster.
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

/// Runs a program, whatever comes of it.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}\n{INSTALL}"))
}

/// What to do where a program is missing.
pub(crate) const INSTALL: &str =
    "What is needed: apt-get install -y protobuf-compiler python3-venv python3-pip g++";
