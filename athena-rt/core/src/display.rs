//! What is printed of paths, and of text from outside.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use athena_protocol::text::{escape, mask_url, plural, truncate};

/// A path as a person in the working directory of this program's start would type it.
pub fn display_path(path: &Path) -> String {
    let base = BASE_DIR.get_or_init(|| std::env::current_dir().unwrap_or_default());
    // The base directory itself is shown whole, not as nothing.
    let shown = path.strip_prefix(base).ok().filter(|path| !path.as_os_str().is_empty());
    escape(&shown.unwrap_or(path).to_string_lossy()).into_owned()
}

/// Remembers the working directory, before a model can change it.
pub fn init_base_dir() {
    BASE_DIR.get_or_init(|| std::env::current_dir().unwrap_or_default());
}

/// Displays paths relative to this directory, unless one is set already.
pub fn set_base_dir(directory: &Path) {
    BASE_DIR.get_or_init(|| directory.to_owned());
}

static BASE_DIR: OnceLock<PathBuf> = OnceLock::new();
