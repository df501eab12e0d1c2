//! The files of a job, looked at before any is touched: none is written over another, and what is no
//! file is not replaced by one.

use std::path::{Path, PathBuf};

use super::results::partial;
use athena_core::error::{Error, Result};

/// Fails where the files of a job can't be those.
///
/// # Errors
///
/// Two are the same, or one that is to be written is a folder or a device.
pub(super) fn check(
    messages: &Path,
    out: &Path,
    rejects: Option<&Path>,
    journal: &Path,
) -> Result<()> {
    let mut files = vec![("--messages", real(messages))];
    for (option, path) in [("--out", Some(out)), ("--rejects", rejects)] {
        let Some(path) = path else { continue };
        writable(path).map_err(|error| error.context(option))?;
        // It is written beside its name first.
        files.extend([(option, real(path)), (option, real(&partial(path)))]);
    }
    files.push(("--journal", real(journal)));
    for (at, (option, path)) in files.iter().enumerate() {
        if let Some((other, _)) = files[..at].iter().find(|(_, other)| other == path) {
            return Err(Error::usage(format!(
                "{other} and {option} would both have {}",
                path.display()
            ))
            .help("give each a file of its own"));
        }
    }
    if messages.as_os_str() == "-" {
        return Err(Error::usage(
            "--messages: a job reads a file, since it reads it again where it goes on",
        ));
    }
    Ok(())
}

/// Whether a file can take this name once it is whole.
fn writable(path: &Path) -> Result<()> {
    let wrong = |why: &str| Err(Error::usage(format!("{} {why}", path.display())));
    if path.as_os_str() == "-" {
        return wrong("is no file: outcomes are there when the job is done");
    }
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => wrong("is a folder"),
        Ok(there) if !there.is_file() => wrong("is no regular file, and one would take its place"),
        _ => match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() || folder.is_dir() => Ok(()),
            _ => wrong("is in a folder that is not there"),
        },
    }
}

/// A path by which a file is known, whether it is there or not.
fn real(path: &Path) -> PathBuf {
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
    fn no_file_of_a_job_is_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("in"), "{}").unwrap();
        std::os::unix::fs::symlink(at("in"), at("link")).unwrap();
        let checked = |messages: &str, out: &str, rejects: &str, journal: &str| {
            let checked = check(&at(messages), &at(out), Some(&at(rejects)), &at(journal));
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
            assert!(error.contains(&format!("{options} would both have ")), "{error}");
        }
    }

    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        for (path, why) in [
            ("/dev/null", "--out: /dev/null is no regular file"),
            ("/dev", "--out: /dev is a folder"),
            ("-", "--out: - is no file"),
            ("/nowhere/out", "--out: /nowhere/out is in a folder that is not there"),
        ] {
            let error = check(Path::new("in"), Path::new(path), None, Path::new("journal"));
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
        let piped = check(Path::new("-"), Path::new("out"), None, Path::new("journal"));
        assert!(piped.unwrap_err().to_string().contains("reads a file"));
    }
}
