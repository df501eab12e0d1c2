//! Calls git. Nothing of the user's is written: neither index nor `HEAD`, branches or stash. A
//! commit is checked out in a separate worktree, which git records under `.git/worktrees`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::{Error, Result};

/// Variables that git sets for hooks. With them git would work on the hook's repository, whatever
/// directory it is started in.
const OF_HOOKS: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

#[derive(Debug)]
pub(crate) struct Git {
    root: PathBuf,
}

impl Git {
    /// The repository that contains this folder.
    ///
    /// # Errors
    ///
    /// The folder is not in a repository, or git is not installed.
    pub(crate) fn find_repository(folder: &Path) -> Result<Self> {
        let output = run(git(folder).args(["rev-parse", "--show-toplevel"]))?;
        if !output.status.success() {
            let error = error_of(&output).cause(format!("{} was looked at", folder.display()));
            return Err(if error.to_string().contains("not a git repository") {
                error.help("a baseline is a commit; create a repository: git init")
            } else {
                error
            });
        }
        let root = text(&output);
        let root = Path::new(&root).canonicalize().map_err(|error| {
            Error::usage(format!("the repository's folder {root} can't be read")).cause(error)
        })?;
        Ok(Self { root })
    }

    /// The repository's folder, with symbolic links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn resolve(&self, rev: &str) -> Result<Option<String>> {
        let commit = format!("{rev}^{{commit}}");
        let output = self.call(&["rev-parse", "--verify", "--quiet", &commit])?;
        Ok(output.status.success().then(|| text(&output)))
    }

    pub(super) fn call(&self, arguments: &[&str]) -> Result<Output> {
        run(git(&self.root).args(arguments))
    }

    /// What a command prints. Empty if it fails.
    pub(super) fn line(&self, arguments: &[&str]) -> Result<String> {
        let output = self.call(arguments)?;
        Ok(if output.status.success() { text(&output) } else { String::new() })
    }

    /// Whether the working tree has a folder exactly as it is in a commit.
    pub(crate) fn is_unchanged(&self, commit: &str, folder: &Path) -> bool {
        let tracked = run(git(&self.root)
            .args(["diff", "--quiet", "--no-ext-diff", commit, "--"])
            .arg(folder));
        let others = run(git(&self.root).args(["ls-files", "--others", "--"]).arg(folder));
        matches!(tracked, Ok(output) if output.status.success())
            && matches!(others, Ok(output) if output.status.success() && output.stdout.is_empty())
    }

    /// Whether this folder differs from HEAD, new files included. `false` without a repository.
    pub(crate) fn has_changes(folder: &Path) -> bool {
        let status = run(git(folder).args(["status", "--porcelain", "--", "."]));
        matches!(status, Ok(output) if output.status.success() && !output.stdout.is_empty())
    }

    /// Whether what a run reads in this folder differs from HEAD: tracked files, new sources and new files of a
    /// folder named as that of the cases. Other new files, such as reports, don't count. `false` without a
    /// repository.
    pub(crate) fn is_modified(folder: &Path, fixtures: &Path) -> bool {
        let Ok(output) = run(git(folder).args(["status", "--porcelain", "-z", "--", "."])) else {
            return false;
        };
        let cases = fixtures.file_name().unwrap_or_default().to_string_lossy();
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success() && text.split('\0').any(|entry| is_read(entry, &cases))
    }

    /// What the last commit has of a file. `None` if it has none, or outside of a repository.
    pub(crate) fn committed(file: &Path) -> Option<String> {
        let name = format!("HEAD:./{}", file.file_name()?.to_str()?);
        let output = run(git(file.parent()?).args(["show", &name])).ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether the worktree's commit contains this file.
    pub(crate) fn is_tracked(tree: &Path, file: &str) -> bool {
        let listed = run(git(tree).args(["ls-files", "--error-unmatch", "--"]).arg(file));
        matches!(listed, Ok(output) if output.status.success())
    }

    /// Those of these files, relative to the repository, that git ignores.
    pub(super) fn ignored(&self, files: &[PathBuf]) -> Result<Vec<PathBuf>> {
        let mut ignored = Vec::new();
        // A command line has a limit.
        for files in files.chunks(100) {
            let list = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--"];
            let output = run(git(&self.root).arg("--literal-pathspecs").args(list).args(files))?;
            if !output.status.success() {
                return Err(error_of(&output));
            }
            let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            ignored.extend(names.map(|name| PathBuf::from(&*String::from_utf8_lossy(name))));
        }
        Ok(ignored)
    }

    /// Checks a commit out in a worktree, which is created if missing.
    pub(crate) fn check_out(&self, commit: &str, tree: &Path) -> Result<()> {
        let failed = |output: &Output| error_of(output).within(format!("checking out {commit}"));
        if self.is_worktree(tree)? {
            let output = run(git(tree).args(["checkout", "--detach", "--force", commit]))?;
            if !output.status.success() {
                return Err(failed(&output));
            }
        } else {
            remove(tree)?;
            self.forget_lost(tree)?;
            let output = run(git(&self.root)
                .args(["worktree", "add", "--detach", "--force"])
                .arg(tree)
                .arg(commit))?;
            if !output.status.success() {
                return Err(failed(&output));
            }
        }
        // What earlier builds and runs left there. Never without the check: git would look for a
        // repository above.
        if self.is_worktree(tree)? {
            let output = run(git(tree).args(["clean", "-ffdxq"]))?;
            if !output.status.success() {
                return Err(failed(&output));
            }
        }
        if tree.join(".gitmodules").exists() {
            Self::check_out_submodules(commit, tree)?;
        }
        Ok(())
    }

    /// Checks out the submodules that are initialised here, recursively. Others stay uninitialised:
    /// initialising them would change the user's settings, and the working tree does not need them
    /// either.
    fn check_out_submodules(commit: &str, tree: &Path) -> Result<()> {
        let within = "git submodule update --init --force";
        let calls: [&[&str]; 2] = [
            &["submodule", "update", "--force"],
            &["submodule", "foreach", "--quiet", "--recursive", within],
        ];
        for arguments in calls {
            let output = run(git(tree).args(arguments))?;
            if !output.status.success() {
                return Err(error_of(&output)
                    .within(format!("the submodules of {commit}"))
                    .help("fetch what a submodule needs: git submodule update --init"));
            }
        }
        Ok(())
    }

    /// Whether this folder is a worktree of this repository. It is not if it belonged to a clone
    /// that was deleted, as can happen in a CI cache.
    fn is_worktree(&self, tree: &Path) -> Result<bool> {
        if !tree.join(".git").exists() {
            return Ok(false);
        }
        let of = |folder: &Path| -> Result<Option<PathBuf>> {
            let output = run(git(folder).args(["rev-parse", "--git-common-dir"]))?;
            let path = folder.join(text(&output));
            Ok(path.canonicalize().ok().filter(|_| output.status.success()))
        };
        let top = run(git(tree).args(["rev-parse", "--show-toplevel"]))?;
        let is_top_level = top.status.success()
            && Path::new(&text(&top)).canonicalize().ok() == tree.canonicalize().ok();
        Ok(is_top_level && of(tree)?.is_some() && of(tree)? == of(&self.root)?)
    }

    /// Removes git's records of worktrees of ours whose folder is gone, for instance after `cargo
    /// clean`.
    fn forget_lost(&self, tree: &Path) -> Result<()> {
        let output = run(git(&self.root).args(["worktree", "list", "--porcelain"]))?;
        for entry in text(&output).split("\n\n") {
            let mut lines = entry.lines();
            let Some(path) = lines.next().and_then(|line| line.strip_prefix("worktree ")) else {
                continue;
            };
            let is_ours = Path::new(path).file_name() == tree.file_name();
            if is_ours && lines.any(|line| line.starts_with("prunable")) {
                // If git refuses, adding the new worktree fails with a message.
                run(git(&self.root).args(["worktree", "remove", "--force"]).arg(path))?;
            }
        }
        Ok(())
    }
}

/// A git command in a folder, and in no repository above it.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        // The user's hooks must not run here.
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"])
        .args(["-c", "submodule.recurse=false"])
        // Git must not even refresh the index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        // In git's own English, so that its sentences can be told apart.
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    for variable in OF_HOOKS {
        command.env_remove(variable);
    }
    command
}

fn run(command: &mut Command) -> Result<Output> {
    command.output().map_err(|error| {
        Error::usage("git can't be started").cause(error).help("install git; diff needs it")
    })
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Git's own sentence. What it advises follows as help.
pub(super) fn error_of(output: &Output) -> Error {
    let text = String::from_utf8_lossy(&output.stderr);
    let (sentence, rest) = sentence(&text);
    let sentence = match sentence {
        "" => format!("git ended with {}", output.status),
        sentence => sentence.to_owned(),
    };
    let error = Error::usage(sentence);
    if rest.is_empty() { error } else { error.help(rest) }
}

/// The first sentence of an error message of git's, and the lines after it as one. What git reports
/// before it, such as progress, is left out.
fn sentence(text: &str) -> (&str, String) {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let at = lines.iter().position(|line| unmarked(line).is_some()).unwrap_or_default();
    let first = lines.get(at).map(|line| unmarked(line).unwrap_or(line)).unwrap_or_default();
    let rest = lines.iter().skip(at + 1).filter(|line| unmarked(line).is_none());
    let rest: Vec<&str> =
        rest.map(|line| line.strip_prefix("hint: ").unwrap_or(line).trim()).collect();
    (first, rest.join(" "))
}

/// A line without git's mark of an error. `None` if it has none.
fn unmarked(line: &str) -> Option<&str> {
    ["fatal: ", "error: "].iter().find_map(|mark| line.strip_prefix(mark))
}

/// Whether a run reads the file of an entry of `git status`: `?? src/new.rs`. A new folder is one entry.
fn is_read(entry: &str, cases: &str) -> bool {
    match entry.strip_prefix("?? ") {
        Some(new) => {
            let is_source = Path::new(new).extension().is_some_and(|end| end == "rs");
            is_source || new.ends_with('/') || new.split('/').any(|name| name == cases)
        }
        None => !entry.is_empty(),
    }
}

/// Removes a folder, if it exists.
fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::failure(format!("{} can't be removed", folder.display())).cause(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_source_or_case_is_a_change_and_a_new_report_is_none() {
        for (entry, expected) in [
            (" M README.md", true),
            ("R  b.rs", true),
            ("?? src/new.rs", true),
            ("?? fixtures/m/f/a.json", true),
            ("?? new/", true),
            ("?? report.html", false),
            ("", false),
        ] {
            assert_eq!(is_read(entry, "fixtures"), expected, "{entry}");
        }
    }

    #[test]
    fn the_sentence_of_git_comes_first_and_its_advice_after_it() {
        let dubious = "fatal: detected dubious ownership in repository at '/r'\nTo add an exception \
                       for this directory, call:\n\n\tgit config --global --add safe.directory /r\n";
        assert_eq!(
            sentence(dubious),
            (
                "detected dubious ownership in repository at '/r'",
                "To add an exception for this directory, call: git config --global --add \
                 safe.directory /r"
                    .to_owned()
            )
        );
        let progress = "Preparing worktree (detached HEAD 1)\nfatal: no space\n";
        assert_eq!(sentence(progress), ("no space", String::new()));
        let hints =
            "error: short object ID 1a is ambiguous\nhint: The candidates are:\nhint:   1ab\n";
        assert_eq!(sentence(hints).1, "The candidates are: 1ab");
        assert_eq!(sentence(""), ("", String::new()));
    }
}
