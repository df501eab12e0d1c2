//! The settings of cargo-mutants, which judges the same cases by building each mutant.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The first line of a file that is written here.
const COMMENT: &str = "# By itself cargo-mutants runs the tests of the mutated package only. The cases of these packages run its code.";

/// Before the name of a package.
const FLAG: &str = "--package=";

/// Has cargo-mutants replay the cases of some packages for the mutants of others: by itself it runs the tests of the
/// mutated package only. Settings of the user's own are left alone. Returns the file, below `root`, if it was written.
///
/// # Errors
///
/// The file can't be read or written.
pub(crate) fn write_judge_settings(
    root: &Path,
    mutated: &BTreeSet<&str>,
    replaying: &BTreeSet<&str>,
) -> io::Result<Option<&'static str>> {
    const FILE: &str = ".cargo/mutants.toml";
    if mutated.is_subset(replaying) {
        return Ok(None);
    }
    let old = match fs::read_to_string(root.join(FILE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => COMMENT.to_owned(),
        read => read?,
    };
    let known: BTreeSet<&str> = old.split('"').filter_map(|part| part.strip_prefix(FLAG)).collect();
    if !old.starts_with(COMMENT) || replaying.is_subset(&known) {
        return Ok(None);
    }
    let packages: Vec<String> =
        known.union(replaying).map(|name| format!("\"{FLAG}{name}\"")).collect();
    let text = format!("{COMMENT}\nadditional_cargo_args = [{}]\n", packages.join(", "));
    fs::create_dir_all(root.join(".cargo"))?;
    fs::write(root.join(FILE), text)?;
    Ok(Some(FILE))
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
        let path =
            root.path().join(write_judge_settings(root.path(), &both, &own).unwrap().unwrap());
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("additional_cargo_args = [\"--package=models\"]\n"), "{text}");
        // More models are added.
        assert_eq!(write_judge_settings(root.path(), &both, &own).unwrap(), None);
        let more = BTreeSet::from(["more"]);
        assert!(write_judge_settings(root.path(), &both, &more).unwrap().is_some());
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("[\"--package=models\", \"--package=more\"]\n"), "{text}");
        fs::write(&path, "mine").unwrap();
        assert_eq!(write_judge_settings(root.path(), &both, &own).unwrap(), None);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
