//! Finds the commit that a revision names, or says how to get it.

use super::git::{Git, error_of};
use crate::error::{Error, Result};

impl Git {
    /// The hash of the commit that a revision names.
    ///
    /// # Errors
    ///
    /// The revision does not exist, or a shallow clone lacks it.
    pub(crate) fn commit(&self, rev: &str) -> Result<String> {
        let missing =
            || Error::usage(format!("--base: `{rev}` is not a commit of this repository"));
        // Git would read it as an option.
        if rev.starts_with('-') {
            return Err(missing().help("name a branch, a tag or a commit"));
        }
        if let Some(commit) = self.resolve(rev)? {
            return Ok(commit);
        }
        let refusal = self.call(&["rev-parse", "--verify", &format!("{rev}^{{commit}}")])?;
        let error = error_of(&refusal);
        // Git's sentence if a revision does not exist. Any other, such as one about a damaged file or
        // an ambiguous hash, tells more than ours.
        if !error.to_string().contains("Needed a single revision") {
            return Err(error.within(format!("--base {rev}")));
        }
        // A name that exists and leads to no commit: a damaged repository, or a tag of a file.
        let is_named =
            !is_hash(rev) && !self.line(&["rev-parse", "--verify", "--quiet", rev])?.is_empty();
        if is_named {
            let log = self.call(&["log", "-1", rev, "--"])?;
            return Err(if log.status.success() {
                missing().help("name a branch, a tag or a commit")
            } else {
                error_of(&log).within(format!("--base {rev}")).help("see what is broken: git fsck")
            });
        }
        let is_unborn = self.resolve("HEAD")?.is_none();
        if is_unborn && self.line(&["rev-list", "--all", "-n1"])?.is_empty() {
            return Err(missing()
                .cause("the repository has no commit yet")
                .help("commit what the change is to be compared with: git add . && git commit"));
        }
        let is_shallow = self.line(&["rev-parse", "--is-shallow-repository"])? == "true";
        let error = if is_shallow {
            missing().cause("the clone is shallow: it has only the newest commits")
        } else {
            missing()
        };
        for known in self.remotes()? {
            let there = format!("{known}/{rev}");
            if self.resolve(&there)?.is_some() {
                return Err(error.help(format!("did you mean `--base {there}`?")));
            }
        }
        let state = CloneState {
            remotes: self.remotes()?,
            preferred: self.preferred_remote()?,
            is_shallow,
            has_start: self.resolve(start_of(rev))?.is_some(),
        };
        let mut error = state.advice(rev).into_iter().fold(error, Error::help);
        if is_shallow {
            error = error.help("in actions/checkout, set fetch-depth: 0");
        }
        Err(error)
    }

    fn remotes(&self) -> Result<Vec<String>> {
        Ok(self.line(&["remote"])?.lines().map(str::to_owned).collect())
    }

    /// The remote of the current branch, otherwise `origin`, otherwise the first one.
    fn preferred_remote(&self) -> Result<Option<String>> {
        let remotes = self.remotes()?;
        let branch = self.line(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let own = self.line(&["config", "--get", &format!("branch.{branch}.remote")])?;
        let wanted = [own.as_str(), "origin"];
        let known = wanted.iter().find_map(|name| remotes.iter().find(|known| known == name));
        Ok(known.or(remotes.first()).cloned())
    }
}

/// What is known of a repository that lacks a revision.
struct CloneState {
    remotes: Vec<String>,
    preferred: Option<String>,
    is_shallow: bool,
    /// Whether the revision's first part exists: `main` of `main~3`.
    has_start: bool,
}

impl CloneState {
    /// The lines of help. The first command makes the revision resolvable if the server has it.
    fn advice(&self, rev: &str) -> Vec<String> {
        let Some(preferred) = &self.preferred else {
            let mut lines =
                vec!["the branches and tags that exist: `git branch -a`, `git tag`".to_owned()];
            if self.is_shallow {
                lines.push(
                    "it has no remote to fetch from: add one with `git remote add origin URL`"
                        .to_owned(),
                );
            }
            return lines;
        };
        let depth = if self.is_shallow { "--depth 1 " } else { "" };
        let start = start_of(rev);
        let suffix = &rev[start.len()..];
        if suffix.is_empty() && is_hash(start) {
            return if start.len() == 40 || start.len() == 64 {
                vec![format!("fetch it: `git fetch {depth}{preferred} {start}`")]
            } else {
                // A server takes whole hashes only.
                vec![format!("fetch all commits: `{}`", self.everything(preferred))]
            };
        }
        if self.has_start {
            // Older commits of something that exists.
            return vec![format!("fetch all commits: `{}`", self.everything(preferred))];
        }
        // Without a suffix the tip is enough.
        let depth = match (suffix.is_empty(), self.is_shallow) {
            (false, true) => "--unshallow ",
            _ => depth,
        };
        let name = ["refs/heads/", "heads/"].iter().find_map(|head| start.strip_prefix(head));
        if name.is_none() && start.starts_with("refs/") && !start.starts_with("refs/remotes/") {
            let refspec = quoted(&format!("{start}:{start}"));
            return vec![format!("fetch it: `git fetch {depth}{preferred} {refspec}`")];
        }
        let name = name.unwrap_or(start);
        let name = ["refs/remotes/", "remotes/"]
            .iter()
            .find_map(|head| name.strip_prefix(head))
            .unwrap_or(name);
        let (remote, name) = match name.split_once('/') {
            Some((remote, branch)) if self.remotes.iter().any(|known| known == remote) => {
                (remote, branch)
            }
            _ => (preferred.as_str(), name),
        };
        let (tag, is_tag) = match name.strip_prefix("tags/") {
            Some(tag) => (tag, true),
            None => (name, looks_like_version(name)),
        };
        let refspec = quoted(&format!("{name}:refs/remotes/{remote}/{name}"));
        let branch = format!(
            "`git fetch {depth}{remote} {refspec}`, then compare with `--base {remote}/{name}{suffix}`"
        );
        let tag = format!("`git fetch {depth}{remote} tag {}`", quoted(tag));
        let mut lines = if is_tag {
            vec![format!("fetch the tag: {tag}"), format!("if it is a branch: {branch}")]
        } else {
            vec![format!("fetch the branch: {branch}"), format!("if it is a tag: {tag}")]
        };
        if self.remotes.len() > 1 {
            lines.push(format!("the remotes of this repository: {}", self.remotes.join(", ")));
        }
        lines
    }

    /// The command that fetches every commit, also into a clone of a single branch.
    fn everything(&self, remote: &str) -> String {
        let unshallow = if self.is_shallow { "--unshallow " } else { "" };
        let refspec = quoted(&format!("+refs/heads/*:refs/remotes/{remote}/*"));
        format!("git fetch {unshallow}{remote} {refspec}")
    }
}

/// A revision without `~3`, `^2` or `@{1}`.
fn start_of(rev: &str) -> &str {
    let end = rev.find(['~', '^']).or_else(|| rev.find("@{")).unwrap_or(rev.len());
    &rev[..end]
}

fn is_hash(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `v1.2` or `2024.1`
fn looks_like_version(name: &str) -> bool {
    let digits = name.strip_prefix(['v', 'V']).unwrap_or(name);
    digits.starts_with(|first: char| first.is_ascii_digit())
}

/// A text as a word of a shell.
fn quoted(text: &str) -> String {
    match shlex::try_quote(text) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(is_shallow: bool, has_start: bool, remotes: &[&str], rev: &str) -> String {
        let remotes: Vec<String> = remotes.iter().map(|name| (*name).to_owned()).collect();
        let state =
            CloneState { preferred: remotes.first().cloned(), remotes, is_shallow, has_start };
        state.advice(rev).remove(0)
    }

    #[test]
    fn the_advice_fits_the_revision() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let everything = "git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'";
        for (rev, has_start, expected) in [
            (
                "main",
                false,
                "git fetch --depth 1 origin main:refs/remotes/origin/main`, then compare with `--base origin/main",
            ),
            ("origin/main", false, "git fetch --depth 1 origin main:refs/remotes/origin/main`"),
            (
                "remotes/origin/main",
                false,
                "git fetch --depth 1 origin main:refs/remotes/origin/main`",
            ),
            ("heads/main", false, "git fetch --depth 1 origin main:refs/remotes/origin/main`"),
            (
                "feature/x",
                false,
                "git fetch --depth 1 origin feature/x:refs/remotes/origin/feature/x`",
            ),
            (
                "main~2",
                false,
                "git fetch --unshallow origin main:refs/remotes/origin/main`, then compare with `--base origin/main~2",
            ),
            ("HEAD~1", true, everything),
            ("0123456", false, everything),
            (hash, false, "git fetch --depth 1 origin 0123456789abcdef0123456789abcdef01234567`"),
            ("v1.0", false, "git fetch --depth 1 origin tag v1.0`"),
            ("tags/old", false, "git fetch --depth 1 origin tag old`"),
            ("refs/tags/old", false, "git fetch --depth 1 origin refs/tags/old:refs/tags/old`"),
            (
                "refs/pull/7/head",
                false,
                "git fetch --depth 1 origin refs/pull/7/head:refs/pull/7/head`",
            ),
            ("it's", false, "git fetch --depth 1 origin \"it's:refs/remotes/origin/it's\"`"),
        ] {
            let line = first(true, has_start, &["origin"], rev);
            assert!(line.contains(expected), "{rev}: {line}");
        }
    }

    #[test]
    fn a_full_clone_never_becomes_shallow() {
        for rev in ["main", "v1.0", "0123456", "refs/tags/x"] {
            let line = first(false, false, &["upstream"], rev);
            assert!(line.contains("git fetch upstream ") && !line.contains("depth"), "{line}");
        }
    }

    #[test]
    fn a_repository_without_a_remote_is_not_told_to_fetch() {
        assert!(!first(true, false, &[], "main").contains("fetch"));
    }

    #[test]
    fn the_remote_that_is_named_is_asked() {
        let line = first(true, false, &["origin", "fork"], "fork/main");
        assert!(line.contains("git fetch --depth 1 fork main:refs/remotes/fork/main"), "{line}");
    }
}
