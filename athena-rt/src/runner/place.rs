//! Where a runner finds things when nobody tells it.

use std::path::{Path, PathBuf};

use athena_core::context::Folders;

/// The folders of a runner that is started by hand or by cargo.
pub(super) fn folders(fixtures: Option<PathBuf>) -> Folders {
    let fixtures = fixtures
        .or_else(|| std::env::var_os("ATHENA_FIXTURES").map(PathBuf::from))
        .unwrap_or_else(|| workspace_root(&package_root()).join("fixtures"));
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

/// The root of the workspace a package is in, as cargo finds it: the nearest `[workspace]` above,
/// unless it excludes the package.
pub(super) fn workspace_root(package: &Path) -> PathBuf {
    for folder in package.ancestors() {
        let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let is_root = manifest.lines().any(|line| {
            let line = line.trim();
            line.starts_with("[workspace]") || line.starts_with("[workspace.")
        });
        if is_root && !(folder != package && excludes(&manifest, folder, package)) {
            return folder.to_path_buf();
        }
    }
    package.to_path_buf()
}

/// Whether a root's `exclude = [..]` names a folder that the package is in.
fn excludes(manifest: &str, root: &Path, package: &Path) -> bool {
    let Some((_, rest)) = manifest.split_once("\nexclude") else { return false };
    let Some((_, rest)) = rest.split_once('[') else { return false };
    let list = rest.split(']').next().unwrap_or_default();
    list.split(['"', '\''])
        .skip(1)
        .step_by(2)
        .any(|excluded| package.starts_with(root.join(excluded)))
}

/// `target/athena`, found from where this program was built.
fn artifacts() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map_or_else(std::env::temp_dir, Path::to_path_buf)
        .join("athena")
}

/// How many files of a package hold `athena_rt::main!`.
#[cfg(feature = "replay")]
pub(super) fn runners_of(package: &Path) -> usize {
    let mut files = vec![package.join("src/main.rs"), package.join("tests/athena.rs")];
    for folder in ["src/bin", "examples"] {
        for entry in std::fs::read_dir(package.join(folder)).into_iter().flatten().flatten() {
            let path = entry.path();
            files.push(if path.is_dir() { path.join("main.rs") } else { path });
        }
    }
    files
        .iter()
        .filter(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("main!(")))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace_that_has_the_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nexclude = [\"apart\", 'b']\n");
        write("a/Cargo.toml", "[package]\nname = \"a\"\n");
        write("apart/deep/Cargo.toml", "[package]\nname = \"deep\"\n");
        write("a/own/Cargo.toml", "[package]\nname = \"own\"\n[workspace]\n");
        assert_eq!(workspace_root(&root.join("a")), root);
        assert_eq!(workspace_root(&root.join("apart/deep")), root.join("apart/deep"));
        assert_eq!(workspace_root(&root.join("a/own")), root.join("a/own"));
    }
}
