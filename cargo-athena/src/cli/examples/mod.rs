//! The files in `examples` that other programs read: what they have typed can be typed, and what
//! they say of each other is so.

mod ci;
mod cluster;
mod deploy;

use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// A file in `examples`.
fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The images that a Dockerfile begins with.
fn bases(dockerfile: &str) -> Vec<&str> {
    let bases = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM "));
    bases.map(|rest| rest.split(' ').next().unwrap()).collect()
}

/// Whether an image is named with a version.
fn has_version(image: &str) -> bool {
    let version = image.rsplit_once(':').map(|(_, version)| version);
    version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}
