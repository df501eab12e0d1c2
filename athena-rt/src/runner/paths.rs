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

/// The root of the workspace, where recorded cases are.
fn workspace_root(start: &Start) -> PathBuf {
    let surroundings = Surroundings {
        package: std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        working_directory: std::env::current_dir().unwrap_or_default(),
        program: std::env::current_exe().unwrap_or_default(),
    };
    surroundings.workspace_root(start.manifest_dir.map(Path::new), Path::new(start.workspace_root))
}

/// Where this program runs.
struct Surroundings {
    /// The package that cargo runs, if cargo started this program.
    package: Option<PathBuf>,
    working_directory: PathBuf,
    program: PathBuf,
}

impl Surroundings {
    /// The root as cargo found it when this program was built, from the folder of its package and
    /// the path from there to the root.
    ///
    /// It is not trusted blindly: for cargo, two checkouts that share a target folder have the same
    /// program, and a checkout may be copied with its target folder. So the package that cargo runs
    /// must be in that root, or else the root is as far from that package. Without cargo, the
    /// program or the working directory must be in it; anywhere else cases are looked up in the
    /// working directory.
    fn workspace_root(&self, built: Option<&Path>, to_root: &Path) -> PathBuf {
        let built = built.map(|package| join(package, to_root));
        let is_in = |path: &Path| built.as_ref().filter(|root| path.starts_with(root)).cloned();
        match &self.package {
            Some(package) => is_in(package).unwrap_or_else(|| join(package, to_root)),
            None => is_in(&self.program)
                .or_else(|| is_in(&self.working_directory))
                .unwrap_or_else(|| self.working_directory.clone()),
        }
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

    #[test]
    fn a_program_of_another_checkout_uses_the_cases_of_this_one() {
        let root = |package: Option<&str>, working_directory: &str, program: &str| {
            let surroundings = Surroundings {
                package: package.map(PathBuf::from),
                working_directory: working_directory.into(),
                program: program.into(),
            };
            surroundings.workspace_root(Some(Path::new("/one/models")), Path::new(".."))
        };
        // Cargo runs it: in the checkout it was built in, for another package there, and elsewhere.
        assert_eq!(root(Some("/one/models"), "/", "/t/debug/p"), Path::new("/one"));
        assert_eq!(root(Some("/one/deep/other"), "/", "/t/debug/p"), Path::new("/one"));
        assert_eq!(root(Some("/two/models"), "/one", "/t/debug/p"), Path::new("/two"));
        // Started by hand: in its checkout, from a copy, and on another machine.
        assert_eq!(root(None, "/one/models/src", "/t/debug/p"), Path::new("/one"));
        assert_eq!(root(None, "/", "/one/target/debug/p"), Path::new("/one"));
        assert_eq!(root(None, "/two", "/two/target/debug/p"), Path::new("/two"));
        assert_eq!(root(None, "/srv", "/usr/bin/p"), Path::new("/srv"));
    }
}
