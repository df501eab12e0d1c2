//! The project of hostile models, built once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::seed;

const MANIFEST: &str = "[package]
name = \"hostile\"
version = \"0.1.0\"
edition = \"2024\"

[[test]]
name = \"athena\"
harness = false

[workspace]

[dependencies]
athena-rt = { path = ATHENA }
";

/// Takes away the variables that change what is printed.
pub(crate) fn clean(command: &mut Command) {
    for variable in
        ["CI", "NO_COLOR", "CARGO_TERM_COLOR", "RUST_LOG", "LOG_LEVEL", "USER", "RUST_BACKTRACE"]
    {
        command.env_remove(variable);
    }
}

/// The project's folder, with the program `tool` built.
pub(crate) fn folder() -> &'static Path {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(folder.join("src/bin")).unwrap();
        fs::create_dir_all(folder.join("tests")).unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            // What is as it was is not built again.
            if fs::read_to_string(&path).ok().as_deref() != Some(text) {
                fs::write(path, text).unwrap();
            }
        };
        let runtime = format!("{:?}", repository.join("athena-rt").to_str().unwrap());
        write("Cargo.toml", &MANIFEST.replace("ATHENA", &runtime));
        write("src/lib.rs", include_str!("../data/hostile/lib.rs"));
        write("src/bin/tool.rs", "athena_rt::main!(hostile);\n");
        write("tests/athena.rs", "athena_rt::main!(hostile);\n");
        fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let built = cargo(&folder, &["build", "--quiet", "--bins"]);
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        folder
    })
}

/// `cargo` in a folder, with the target folder of the project.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    clean(&mut command);
    command
        .current_dir(folder)
        .args(arguments)
        .env("CARGO_TARGET_DIR", target())
        .envs(seed::SETTINGS)
        .output()
        .unwrap()
}

/// The target folder of the project.
pub(crate) fn target() -> PathBuf {
    seed::target("hostile-target")
}

/// The runner of the models.
pub(crate) fn tool() -> PathBuf {
    folder();
    target().join("debug").join(format!("tool{}", std::env::consts::EXE_SUFFIX))
}
