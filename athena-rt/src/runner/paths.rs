//! The folders of a runner that `cargo athena` has not started.

use std::path::{Component, Path, PathBuf};

use athena_core::context::Folders;

use super::Start;

/// The folders of a runner that is started by hand or by cargo.
pub(super) fn folders(start: &Start, fixtures: Option<PathBuf>) -> Folders {
    let fixtures = fixtures
        .or_else(|| std::env::var_os("ATHENA_FIXTURES").map(PathBuf::from))
        .unwrap_or_else(|| workspace_root(start).join("fixtures"));
    // A model may change the working directory.
    let fixtures = std::path::absolute(&fixtures).unwrap_or(fixtures);
    Folders { fixtures, artifacts: artifacts() }
}

/// The root of the package that cargo runs, or else the working directory.
pub(super) fn package_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .or_else(|| std::env::current_dir().ok())
        .unwrap_or_default()
}

/// The root of the workspace, where recorded cases are: as cargo found it when this program was
/// built. A program that has been moved to another machine looks in the working directory.
fn workspace_root(start: &Start) -> PathBuf {
    let built = start.manifest_dir.map(Path::new).filter(|folder| folder.is_dir());
    let package = built.map(Path::to_path_buf);
    // Another checkout, whose cargo runs a program that was built in a checkout that is gone.
    let package = package.or_else(|| std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from));
    match package {
        Some(package) => join(&package, Path::new(start.workspace_root)),
        None => std::env::current_dir().unwrap_or_default(),
    }
}

/// A folder and a path from there, without `..`.
fn join(folder: &Path, path: &Path) -> PathBuf {
    let mut joined = folder.to_path_buf();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                joined.pop();
            }
            other => joined.push(other),
        }
    }
    joined
}

/// `target/athena`, found from where this program was built.
fn artifacts() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map_or_else(std::env::temp_dir, Path::to_path_buf)
        .join("athena")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_the_workspace_is_reached_from_the_package() {
        let root = |path| join(Path::new("/home/space/member"), Path::new(path));
        assert_eq!(root(""), Path::new("/home/space/member"));
        assert_eq!(root("../.."), Path::new("/home"));
        assert_eq!(root("../root"), Path::new("/home/space/root"));
    }
}
