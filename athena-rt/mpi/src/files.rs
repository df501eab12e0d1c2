//! Checks the files of a job before any is opened: no two are the same, and only regular files are
//! replaced.

use std::path::{Path, PathBuf};

use super::results::partial_path;
use athena_core::error::{Error, Result};

/// Checks the files of a job.
///
/// # Errors
///
/// Two are the same, or an output is a folder or a device.
pub(super) fn check_files(
    messages: &Path,
    out: &Path,
    rejects: Option<&Path>,
    journal: &Path,
) -> Result<()> {
    let mut files = vec![("--messages", canonical_path(messages))];
    for (option, path) in [("--out", Some(out)), ("--rejects", rejects)] {
        let Some(path) = path else { continue };
        check_output(path).map_err(|error| error.context(option))?;
        // It is written under a temporary name first.
        files.extend([
            (option, canonical_path(path)),
            (option, canonical_path(&partial_path(path))),
        ]);
    }
    files.push(("--journal", canonical_path(journal)));
    for (at, (option, path)) in files.iter().enumerate() {
        if let Some((other, _)) = files[..at].iter().find(|(_, other)| other == path) {
            return Err(Error::usage(format!(
                "{other} and {option} would both use {}",
                path.display()
            ))
            .help("use a different file for each"));
        }
    }
    if messages.as_os_str() == "-" {
        return Err(Error::usage(
            "--messages: a job needs a file, since it reads the messages again when it is resumed",
        ));
    }
    Ok(())
}

/// Fails unless a finished file can be renamed to this path.
fn check_output(path: &Path) -> Result<()> {
    let wrong = |why: &str| Err(Error::usage(format!("{} {why}", path.display())));
    if path.as_os_str() == "-" {
        return wrong("is not a file: outcomes are written when the job is done");
    }
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => wrong("is a folder"),
        Ok(there) if !there.is_file() => {
            wrong("is not a regular file, and a regular file would replace it")
        }
        _ => match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() || folder.is_dir() => Ok(()),
            _ => wrong("is in a folder that does not exist"),
        },
    }
}

/// The canonical path of a file, whether it exists or not.
fn canonical_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_a_job_overwrites_another() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("in"), "{}").unwrap();
        std::os::unix::fs::symlink(at("in"), at("link")).unwrap();
        let checked = |messages: &str, out: &str, rejects: &str, journal: &str| {
            let checked = check_files(&at(messages), &at(out), Some(&at(rejects)), &at(journal));
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(checked("in", "out", "rejects", "journal"), Ok(()));
        for (messages, out, rejects, journal, options) in [
            ("in", "in", "rejects", "journal", "--messages and --out"),
            ("in", "link", "rejects", "journal", "--messages and --out"),
            ("in", "out", "in", "journal", "--messages and --rejects"),
            ("in", "out", "out", "journal", "--out and --rejects"),
            ("in", "out", "./out", "journal", "--out and --rejects"),
            ("in", "out", "rejects", "in", "--messages and --journal"),
            ("in", "out", "rejects", "rejects", "--rejects and --journal"),
            ("new.partial", "new", "rejects", "journal", "--messages and --out"),
        ] {
            let error = checked(messages, out, rejects, journal).unwrap_err();
            assert!(error.contains(&format!("{options} would both use ")), "{error}");
        }
    }

    #[test]
    fn only_regular_files_are_replaced() {
        for (path, why) in [
            ("/dev/null", "--out: /dev/null is not a regular file"),
            ("/dev", "--out: /dev is a folder"),
            ("-", "--out: - is not a file"),
            ("/nowhere/out", "--out: /nowhere/out is in a folder that does not exist"),
        ] {
            let error = check_files(Path::new("in"), Path::new(path), None, Path::new("journal"));
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
        let piped = check_files(Path::new("-"), Path::new("out"), None, Path::new("journal"));
        assert!(piped.unwrap_err().to_string().contains("needs a file"));
    }
}
