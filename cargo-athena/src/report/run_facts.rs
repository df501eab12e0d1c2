//! When, where and of what a run was.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use athena_protocol::calendar::civil;
use serde::{Deserialize, Serialize};

/// The facts of a run that its cases do not depend on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RunFacts {
    /// When it began, in UTC: `2026-11-29T17:20:00Z`.
    pub(crate) began: String,
    /// How long it took, in seconds, builds not included.
    pub(crate) seconds: f64,
    /// The commit that was checked out; absent outside of a Git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// Whether the working tree had changes that are not in the commit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) changes: bool,
    /// The machine: `build-3 (linux x86_64)`.
    pub(crate) host: String,
}

impl RunFacts {
    /// The facts of a run in a workspace, whose working tree may have changes.
    pub(crate) fn new(root: &Path, began: SystemTime, duration: Duration, changes: bool) -> Self {
        let commit = head_commit(root);
        Self {
            began: utc(began),
            seconds: (duration.as_secs_f64() * 1000.0).round() / 1000.0,
            changes: changes && commit.is_some(),
            commit,
            host: host(),
        }
    }

    /// The facts in a few words each.
    pub(crate) fn parts(&self) -> Vec<String> {
        let commit = self.commit.as_deref().map(|commit| {
            let short = commit.get(..9).unwrap_or(commit);
            let changes = if self.changes { " + changes" } else { "" };
            format!("commit {short}{changes}")
        });
        let began = self.began.replace('T', " ").replace('Z', " UTC");
        let rest = [began, format!("{:.1} s", self.seconds), self.host.clone()];
        commit.into_iter().chain(rest).collect()
    }
}

/// The commit of `HEAD`, read from files: starting Git would take longer than a small replay.
fn head_commit(root: &Path) -> Option<String> {
    let at = root.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    let git = match fs::read_to_string(&at) {
        // The `.git` of another work tree is a file that names its folder.
        Ok(text) => at.parent()?.join(text.strip_prefix("gitdir: ")?.trim()),
        Err(_) => at,
    };
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return hash(&head) };
    let common = match fs::read_to_string(git.join("commondir")) {
        Ok(text) => git.join(text.trim()),
        Err(_) => git,
    };
    loose(&common, name).or_else(|| packed(&common, name))
}

fn loose(git: &Path, name: &str) -> Option<String> {
    let path: PathBuf = git.join(name);
    hash(&fs::read_to_string(path).ok()?)
}

fn packed(git: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(git.join("packed-refs")).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(_, known)| *known == name).and_then(|(commit, _)| hash(commit))
}

fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hash = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}

/// The machine's name, if the system says it without a call, and its kind.
fn host() -> String {
    let known = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = known.or_else(|| std::env::var("COMPUTERNAME").ok()).unwrap_or_default();
    let kind = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    if name.trim().is_empty() { kind } else { format!("{} ({kind})", name.trim()) }
}

/// A time in UTC, as RFC 3339 has it.
fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days.cast_signed());
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_795_972_800, "2026-11-29T17:20:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn changes_of_the_working_tree_are_said_beside_the_commit() {
        let commit = Some("1b27ab4c0".repeat(5));
        let facts = RunFacts { commit, changes: true, ..RunFacts::default() };
        assert_eq!(facts.parts()[0], "commit 1b27ab4c0 + changes");
        assert_eq!(RunFacts { changes: false, ..facts }.parts()[0], "commit 1b27ab4c0");
    }

    #[test]
    fn the_commit_is_read_from_a_branch_a_packed_one_and_another_work_tree() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let (one, other) = ("1".repeat(40), "2".repeat(40));
        assert_eq!(head_commit(&folder.path().join("absent")), None);
        write("a/.git/HEAD", "ref: refs/heads/main\n");
        write("a/.git/packed-refs", &format!("# pack-refs\n{one} refs/heads/main\n"));
        write("a/inner/Cargo.toml", "");
        assert_eq!(head_commit(&folder.path().join("a/inner")), Some(one.clone()));
        write("a/.git/refs/heads/main", &format!("{other}\n"));
        assert_eq!(head_commit(&folder.path().join("a")), Some(other));
        write("a/.git/worktrees/b/HEAD", &format!("{one}\n"));
        write("b/.git", "gitdir: ../a/.git/worktrees/b\n");
        assert_eq!(head_commit(&folder.path().join("b")), Some(one));
    }
}
