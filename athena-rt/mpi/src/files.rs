//! Checks the files of a job before any is opened: no two are the same, and only regular files are
//! replaced.

use std::path::{Path, PathBuf};

use super::results::partial_path;
use athena_core::error::{Error, Result, file_error};
use athena_protocol::files::{FilePlan, resolve};

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
    environments: &[PathBuf],
    fixtures: &Path,
) -> Result<()> {
    let mut plan = FilePlan::default();
    plan.reads("--messages", messages);
    for file in environments {
        plan.reads("--env-file", file);
    }
    for (option, path) in [("--out", Some(out)), ("--rejects", rejects)] {
        let Some(path) = path else { continue };
        check_output(path).map_err(|error| error.context(option))?;
        plan.writes(option, path);
        // It is written under a temporary name first.
        plan.writes(option, &partial_path(&resolve(path)));
    }
    plan.writes("--journal", journal);
    plan.prints();
    plan.protects(fixtures);
    plan.check().map_err(file_error)?;
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
        Ok(there) if there.permissions().readonly() => wrong("is read-only"),
        _ => match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() || folder.is_dir() => Ok(()),
            _ => wrong("is in a folder that does not exist"),
        },
    }
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
            let (messages, out, rejects) = (at(messages), at(out), at(rejects));
            let checked =
                check_files(&messages, &out, Some(&rejects), &at(journal), &[], &at("fixtures"));
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
        let nowhere = Path::new("/nowhere");
        let check = |messages: &Path, out: &Path| {
            check_files(messages, out, None, Path::new("journal"), &[], nowhere)
        };
        for (path, why) in [
            ("/dev/null", "--out: /dev/null is not a regular file"),
            ("/dev", "--out: /dev is a folder"),
            ("-", "--out: - is not a file"),
            ("/nowhere/out", "--out: /nowhere/out is in a folder that does not exist"),
        ] {
            let error = check(Path::new("in"), Path::new(path));
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
        let piped = check(Path::new("-"), Path::new("out"));
        assert!(piped.unwrap_err().to_string().contains("needs a file"));
    }
}
