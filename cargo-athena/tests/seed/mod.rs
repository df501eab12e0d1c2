//! The target folder that others start from.
//!
//! Building `athena-rt` keeps two cores busy for half a minute. So it is built once, and a new target folder starts as
//! a copy of that build. Cargo checks whether the copy is up to date.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How these folders are built: with other settings, nothing of the copy would serve. A hundred small packages take 1 GB
/// with them, and 15 without.
pub(crate) const SETTINGS: [(&str, &str); 2] =
    [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];

const MANIFEST: &str = "[package]
name = \"seed\"
version = \"0.1.0\"
edition = \"2024\"

[workspace]

[dependencies]
athena-rt = { path = ATHENA }
";

/// A target folder of tests. If it is new, `athena-rt` is built in it, as a package outside of the workspace builds it.
pub(crate) fn target(name: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = all.join(name);
    if !target.exists() {
        let lock = File::create(all.join("seed.lock")).unwrap();
        lock.lock().unwrap();
        // Another test made it while this one waited.
        if !target.exists() {
            let part = all.join(format!("{name}.part"));
            let _ = fs::remove_dir_all(&part);
            copy_folder(&built(all), &part).unwrap();
            fs::rename(&part, &target).unwrap();
        }
    }
    target
}

/// The target folder in which `athena-rt` is built.
fn built(all: &Path) -> PathBuf {
    let (folder, target) = (all.join("seed"), all.join("seed-target"));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir_all(folder.join("src")).unwrap();
    let runtime = format!("{:?}", repository.join("athena-rt").to_str().unwrap());
    fs::write(folder.join("Cargo.toml"), MANIFEST.replace("ATHENA", &runtime)).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &target)
        .envs(SETTINGS)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target
}

/// Copies a folder. Cargo compares the times of files, so they stay.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &copy)?;
            continue;
        }
        // The compiler never writes a library in place.
        let is_library = path.extension().is_some_and(|it| it == "rlib" || it == "rmeta");
        if is_library && fs::hard_link(&path, &copy).is_ok() {
            continue;
        }
        fs::copy(&path, &copy)?;
        let modified = fs::metadata(&path)?.modified()?;
        File::options().append(true).open(&copy)?.set_modified(modified)?;
    }
    Ok(())
}
