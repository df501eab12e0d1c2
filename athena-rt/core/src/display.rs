//! Displays paths and untrusted text.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use athena_protocol::text::{escape, escape_line, mask_url, plural, truncate};

/// The path relative to the working directory at program start.
pub fn display_path(path: &Path) -> String {
    let base = BASE_DIR.get_or_init(|| std::env::current_dir().unwrap_or_default());
    // The base directory itself is shown in full, as its relative path is empty.
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
