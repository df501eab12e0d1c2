//! What a command reads and writes. Checked before the first file is opened for writing.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::identity::FileIdentity;
use super::protected::{case_file, is_source};

/// The files of a command.
#[derive(Debug, Default)]
pub struct FilePlan {
    files: Vec<PlannedFile>,
    fixtures: Option<PathBuf>,
}

/// A file that a command reads or writes.
#[derive(Debug)]
struct PlannedFile {
    /// The flag, or the stream.
    name: String,
    path: PathBuf,
    identity: Option<FileIdentity>,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Input,
    Output,
    /// Standard output or standard error: the shell opened it.
    Print,
}

impl FilePlan {
    /// Adds a file that is read. `name` is the flag that names it.
    pub fn reads(&mut self, name: &str, path: &Path) {
        self.add(name, path, Role::Input);
    }

    /// Adds standard input, as what is read.
    pub fn reads_stdin(&mut self) {
        let identity = standard_stream(&std::io::stdin());
        self.push("standard input", Path::new("standard input"), identity, Role::Input);
    }

    /// Adds a file that is written or appended to.
    pub fn writes(&mut self, name: &str, path: &Path) {
        self.add(name, path, Role::Output);
    }

    /// Adds standard output and standard error, as what is printed to.
    pub fn prints(&mut self) {
        for (name, identity) in [
            ("standard output", standard_stream(&std::io::stdout())),
            ("standard error", standard_stream(&std::io::stderr())),
        ] {
            self.push(name, Path::new(name), identity, Role::Print);
        }
    }

    /// Keeps outputs out of the folder of recorded cases.
    pub fn protects(&mut self, fixtures: &Path) {
        self.fixtures = Some(fixtures.to_path_buf());
    }

    fn add(&mut self, name: &str, path: &Path, role: Role) {
        self.push(name, path, FileIdentity::of_path(path), role);
    }

    fn push(&mut self, name: &str, path: &Path, identity: Option<FileIdentity>, role: Role) {
        let (name, path) = (name.to_owned(), path.to_path_buf());
        self.files.push(PlannedFile { name, path, identity, role });
    }

    /// Checks that no output is an input, another output, a recorded case or a source file.
    ///
    /// # Errors
    ///
    /// It is; the two flags and the file are named.
    pub fn check(&self) -> Result<(), FileError> {
        for (at, file) in self.files.iter().enumerate() {
            for other in &self.files[..at] {
                let roles = (other.role, file.role);
                if matches!(roles, (Role::Input, Role::Input) | (Role::Print, Role::Print)) {
                    continue;
                }
                if file.identity.is_some() && file.identity == other.identity {
                    return Err(conflict(other, file));
                }
            }
        }
        self.files.iter().try_for_each(|file| match file.role {
            Role::Input => Ok(()),
            Role::Output => self.check_output(&file.name, &file.path),
            Role::Print if file.identity.is_none() => Ok(()),
            Role::Print => match opened_path(&file.name) {
                Some(path) => self.check_case(&file.name, &path),
                None => Ok(()),
            },
        })
    }

    fn check_output(&self, name: &str, path: &Path) -> Result<(), FileError> {
        if is_source(path) {
            return Err(FileError {
                message: format!("{name}: {} is a source file of a project", path.display()),
                help: "choose another file: sources are not overwritten".to_owned(),
            });
        }
        self.check_case(name, path)
    }

    fn check_case(&self, name: &str, path: &Path) -> Result<(), FileError> {
        let fixtures = self.fixtures.as_deref();
        let Some(case) = fixtures.and_then(|fixtures| case_file(fixtures, path)) else {
            return Ok(());
        };
        let case = shown(&case);
        let message = if case == shown(path) {
            format!("{name}: {case} is in the folder of recorded cases")
        } else {
            format!("{name}: {} leads to {case}, in the folder of recorded cases", shown(path))
        };
        Err(FileError {
            message,
            help: "choose a file elsewhere: only record, accept, mv and migrate write there"
                .to_owned(),
        })
    }
}

fn conflict(first: &PlannedFile, second: &PlannedFile) -> FileError {
    let (file, other) = match (first.path.as_os_str(), second.path.as_os_str()) {
        // The name of a file says more than the name of a stream.
        (one, _) if one == first.name.as_str() => (second, first),
        _ => (first, second),
    };
    let mut message =
        format!("{} and {} would both use {}", first.name, second.name, file.path.display());
    if other.path != file.path && other.path.as_os_str() != other.name.as_str() {
        message.push_str(&format!(" ({} is the same file)", other.path.display()));
    }
    let help = if first.role == Role::Input || second.role == Role::Input {
        "write to another file: an output must not overwrite an input"
    } else {
        "use a different file for each"
    };
    FileError { message, help: help.to_owned() }
}

/// A path relative to the working directory, if it is in there.
fn shown(path: &Path) -> String {
    let base = std::env::current_dir().unwrap_or_default();
    let canonical = base.canonicalize().unwrap_or_else(|_| base.clone());
    let near = path.strip_prefix(&base).or_else(|_| path.strip_prefix(&canonical));
    near.unwrap_or(path).display().to_string()
}

/// The path of an open standard stream, where the system tells it.
fn opened_path(stream: &str) -> Option<PathBuf> {
    let device = if stream == "standard output" { "/dev/stdout" } else { "/dev/stderr" };
    Path::new(device).canonicalize().ok().filter(|path| path.is_file())
}

#[cfg(unix)]
fn standard_stream(stream: &impl std::os::fd::AsFd) -> Option<FileIdentity> {
    let handle = stream.as_fd().try_clone_to_owned().ok()?;
    FileIdentity::of_file(&File::from(handle))
}

#[cfg(windows)]
fn standard_stream(stream: &impl std::os::windows::io::AsHandle) -> Option<FileIdentity> {
    let handle = stream.as_handle().try_clone_to_owned().ok()?;
    FileIdentity::of_file(&File::from(handle))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    fn plan(inputs: &[(&str, &Path)], outputs: &[(&str, &Path)]) -> Result<(), String> {
        let mut plan = FilePlan::default();
        for (name, path) in inputs {
            plan.reads(name, path);
        }
        for (name, path) in outputs {
            plan.writes(name, path);
        }
        plan.check().map_err(|conflict| conflict.to_string())
    }

    #[test]
    fn an_output_is_neither_an_input_nor_another_output() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let link = folder.path().join("link");
        fs::write(&a, "").unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        assert_eq!(plan(&[("--in", &a), ("--also", &a)], &[("--out", &b)]), Ok(()));
        let error = plan(&[("--in", &a)], &[("--out", &a)]).unwrap_err();
        assert!(error.contains("--in and --out would both use"), "{error}");
        assert!(error.contains("help: write to another file"), "{error}");
        let error = plan(&[("--in", &a)], &[("--out", &link)]).unwrap_err();
        assert!(error.contains("link is the same file)"), "{error}");
        let error = plan(&[], &[("--one", &b), ("--two", &b)]).unwrap_err();
        assert!(error.contains("--one and --two would both use"), "{error}");
        let null = Path::new("/dev/null");
        assert_eq!(plan(&[("--in", null)], &[("--out", null), ("--two", null)]), Ok(()));
    }
}
