//! The toolchain of the base. A `cargo` that rustup has started exports its toolchain, which wins over
//! the toolchain file of the folder that a second cargo works in.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::error::{Error, Result};

/// The variable by which rustup selects a toolchain.
const VARIABLE: &str = "RUSTUP_TOOLCHAIN";

/// The `cargo` of rustup and the name of the base's toolchain, if its toolchain file differs from that of the working tree and the user has
/// not chosen one for both, with `cargo +NAME` or by a variable.
///
/// # Errors
///
/// Rustup does not have the toolchain.
pub(super) fn of_base(
    head: &Path,
    root: &Path,
    base: &Path,
    tree: &Path,
) -> Result<Option<(PathBuf, String)>> {
    if file_text(head, root) == file_text(base, tree) {
        return Ok(None);
    }
    let Some(current) = env::var_os(VARIABLE) else { return Ok(None) };
    let Ok(own) = active(head) else { return Ok(None) };
    let is_chosen = own.split_whitespace().next().is_none_or(|name| *current != *name)
        || own.contains("directory override");
    if is_chosen {
        return Ok(None);
    }
    let active = active(base).map_err(|words| {
        Error::build("rustup can't use the toolchain of its toolchain file").cause(words)
    })?;
    let name = active.split_whitespace().next().unwrap_or_default().to_owned();
    Ok((current != *name).then(|| (proxy(), name)))
}

/// The toolchain that rustup uses in a folder, with its reason.
fn active(folder: &Path) -> std::result::Result<String, String> {
    let output = Command::new("rustup")
        .args(["show", "active-toolchain"])
        .current_dir(folder)
        .env_remove(VARIABLE)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let words = String::from_utf8_lossy(&output.stderr);
        Err(words
            .lines()
            .map(|line| line.trim_start_matches("error: "))
            .collect::<Vec<_>>()
            .join("; "))
    }
}

/// The `cargo` beside rustup, which starts the one that the variable names. The one that has started
/// us is that of a toolchain.
fn proxy() -> PathBuf {
    let name = |program: &str| format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    let folder = env::split_paths(&path).find(|folder| folder.join(name("rustup")).is_file());
    let cargo = folder.map(|folder| folder.join(name("cargo"))).filter(|path| path.is_file());
    cargo.unwrap_or_else(|| name("cargo").into())
}

/// The text of the toolchain file that applies to a folder, up to the repository's folder.
fn file_text(folder: &Path, root: &Path) -> Option<String> {
    for folder in folder.ancestors().take_while(|folder| folder.starts_with(root)) {
        // The order in which rustup looks.
        for name in ["rust-toolchain", "rust-toolchain.toml"] {
            if let Ok(text) = fs::read_to_string(folder.join(name)) {
                return Some(text);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_in_the_repository_applies() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        assert_eq!(file_text(&inner, root.path()), None);
        fs::write(root.path().join("rust-toolchain.toml"), "one").unwrap();
        assert_eq!(file_text(&inner, root.path()).as_deref(), Some("one"));
        fs::write(root.path().join("a/rust-toolchain"), "two").unwrap();
        assert_eq!(file_text(&inner, root.path()).as_deref(), Some("two"));
        assert_eq!(file_text(&inner, &inner), None);
    }
}
