//! The settings of cargo-mutants, which judges the same cases by building each mutant.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Has cargo-mutants replay the cases of some packages for the mutants of others: by itself it runs the tests of the
/// mutated package only. Settings that exist are left alone. Returns the file if it was written.
///
/// # Errors
///
/// The file can't be written.
pub(crate) fn write_judge_settings(
    root: &Path,
    mutated: &BTreeSet<&str>,
    replaying: &BTreeSet<&str>,
) -> io::Result<Option<PathBuf>> {
    if mutated.is_subset(replaying) {
        return Ok(None);
    }
    let path = root.join(".cargo/mutants.toml");
    fs::create_dir_all(root.join(".cargo"))?;
    let mut file = match File::create_new(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
        created => created?,
    };
    let packages: Vec<String> =
        replaying.iter().map(|name| format!("\"--package={name}\"")).collect();
    file.write_all(
        format!(
            "# By itself cargo-mutants runs the tests of the mutated package only. The cases of these packages run its code.\n\
             additional_cargo_args = [{}]\n",
            packages.join(", ")
        )
        .as_bytes(),
    )?;
    Ok(Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_of_one_package_judge_the_mutants_of_another() {
        let root = tempfile::tempdir().unwrap();
        let own = BTreeSet::from(["models"]);
        let both = BTreeSet::from(["models", "strsim"]);
        // Its own tests run anyway.
        assert_eq!(write_judge_settings(root.path(), &own, &own).unwrap(), None);
        assert!(!root.path().join(".cargo").exists());
        let path = write_judge_settings(root.path(), &both, &own).unwrap().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("additional_cargo_args = [\"--package=models\"]\n"), "{text}");
        fs::write(&path, "mine").unwrap();
        assert_eq!(write_judge_settings(root.path(), &both, &own).unwrap(), None);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
