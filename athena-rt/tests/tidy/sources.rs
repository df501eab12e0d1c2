//! The source files of the repository.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// A file and what it holds.
pub struct Source {
    /// Its path below the root of the repository, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Whether it is a test, an example or a benchmark: not what users run.
    pub fn is_test(&self) -> bool {
        let is_test = |part: &str| matches!(part, "tests" | "benches" | "fuzz" | "golden");
        self.path.split('/').any(is_test) || self.path.ends_with("/tests.rs")
    }

    /// Whether it is the root of a crate.
    pub fn is_root(&self) -> bool {
        self.path.ends_with("/main.rs") || self.path.ends_with("/lib.rs")
    }

    pub fn has_folder_of_its_name(&self) -> bool {
        self.path.strip_suffix(".rs").is_some_and(|stem| root().join(stem).is_dir())
    }

    /// The crate's folder and the path of its module: `("athena-rt/core", ["model", "asynchronous"])`.
    pub fn module(&self) -> Option<(&str, Vec<&str>)> {
        let (folder, file) = self.path.split_once("/src/")?;
        let mut module: Vec<&str> = file.strip_suffix(".rs")?.split('/').collect();
        if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
            module.pop();
        }
        Some((folder, module))
    }
}

/// All Rust files.
pub fn all() -> Vec<Source> {
    with_extension("rs")
}

/// All files with an extension, except for those that are built.
pub fn with_extension(extension: &str) -> Vec<Source> {
    let root = root();
    let is_ours = |name: &str| name != "target" && !(name.starts_with('.') && name.len() > 1);
    WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name().to_str().is_some_and(is_ours) || entry.depth() == 0)
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|found| found == extension))
        .map(|entry| Source {
            path: relative(&root, entry.path()),
            text: std::fs::read_to_string(entry.path()).unwrap_or_default(),
        })
        .collect()
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
