//! A package as users have one: the model, its runner, and nothing else. In the workspace of this repository cargo
//! needs four times as long to see that nothing has to be built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::cases::cargo_athena;
use super::{Contestant, folders};

/// The name is that of the benchmark's package, so that both replay the same cases.
const MANIFEST: &str = r#"[package]
name = "athena-bench-replay"
edition = "2024"

[workspace]

[dependencies]
athena-rt = { path = RUNTIME }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;

/// `cargo athena test` in the package.
pub(crate) fn test(fixtures: &Path) -> Contestant {
    in_package("cargo athena test", cargo_athena().to_str().expect("UTF-8"))
        .arguments(&["athena", "test", "-q", "--release", "--fixtures"])
        .path(fixtures)
        .variable("CARGO", env!("CARGO"))
}

/// Plain `cargo test` in the package, of copies of the cases: it replays those in the package's own folder.
pub(crate) fn plain_test(fixtures: &Path) -> Contestant {
    let own = folder().join("fixtures");
    folders::remove(&own);
    folders::copy(fixtures, &own);
    in_package("cargo test", env!("CARGO")).arguments(&[
        "test",
        "-q",
        "--release",
        "--bin",
        "runner",
    ])
}

/// Cargo's own part of it.
pub(crate) fn nothing_to_build() -> Contestant {
    in_package("cargo build, nothing to do", env!("CARGO")).arguments(&["build", "-q", "--release"])
}

fn in_package(name: &'static str, program: &str) -> Contestant {
    Contestant::new(name, program).folder(folder()).variable("CARGO_TARGET_DIR", &target())
}

/// The folder of the package, which is built.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../athena-rt");
        let write = |path: &str, text: String| {
            let path = folder.join(path);
            // Cargo compiles what is newer than what it has built.
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::create_dir_all(path.parent().expect("a folder")).unwrap();
                fs::write(path, text).unwrap();
            }
        };
        // Quoted as TOML has it.
        let quoted = format!("{:?}", runtime.display().to_string());
        write("Cargo.toml", MANIFEST.replace("RUNTIME", &quoted));
        write("src/lib.rs", include_str!("../../src/lib.rs").to_owned());
        write("src/bin/runner.rs", include_str!("../../src/bin/runner.rs").to_owned());
        for verb in [&["build", "--release"][..], &["test", "--release", "--no-run"]] {
            let built = Command::new(env!("CARGO"))
                .args(verb)
                .arg("-q")
                .current_dir(&folder)
                .env("CARGO_TARGET_DIR", target())
                .status()
                .expect("cargo");
            assert!(built.success(), "the package does not build");
        }
        folder
    })
}

/// The folder that the package is built in.
fn target() -> String {
    format!("{}/package-target", env!("CARGO_TARGET_TMPDIR"))
}
