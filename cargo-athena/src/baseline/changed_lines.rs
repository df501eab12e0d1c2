//! Which lines of the working tree are not those of a commit.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::git::{Git, error_of};
use crate::error::Result;

/// The changed lines of Rust files, by the file's absolute path.
#[derive(Debug, Default)]
pub(crate) struct ChangedLines(BTreeMap<PathBuf, Vec<RangeInclusive<u32>>>);

impl ChangedLines {
    /// Asks git what has changed since a commit, new files included.
    ///
    /// # Errors
    ///
    /// Git fails.
    pub(crate) fn since(git: &Git, commit: &str) -> Result<Self> {
        let diff = ["diff", "--unified=0", "--no-ext-diff", "--no-color", "--no-prefix"];
        let arguments: Vec<&str> = diff.iter().copied().chain([commit, "--", "*.rs"]).collect();
        let output = git.call(&[&["-c", "core.quotePath=false"], &arguments[..]].concat())?;
        if !output.status.success() {
            return Err(error_of(&output));
        }
        let mut changed = Self::parse(git.root(), &String::from_utf8_lossy(&output.stdout));
        let list = ["ls-files", "-z", "--others", "--exclude-standard", "--", "*.rs"];
        let output = git.call(&list)?;
        if !output.status.success() {
            return Err(error_of(&output));
        }
        for name in String::from_utf8_lossy(&output.stdout).split('\0').filter(|it| !it.is_empty())
        {
            changed.0.insert(git.root().join(name), vec![0..=u32::MAX]);
        }
        Ok(changed)
    }

    /// Whether a line of a file is changed or new.
    pub(crate) fn contains(&self, file: &Path, line: u32) -> bool {
        self.0.get(file).is_some_and(|ranges| ranges.iter().any(|range| range.contains(&line)))
    }

    fn parse(root: &Path, diff: &str) -> Self {
        let mut changed = Self::default();
        let mut file: Option<PathBuf> = None;
        let mut in_header = true;
        for line in diff.lines() {
            if line.starts_with("diff ") {
                in_header = true;
            } else if let Some(name) = line.strip_prefix("+++ ").filter(|_| in_header) {
                let name = name.trim_end_matches('\t');
                file = (name != "/dev/null").then(|| root.join(name));
            } else if let Some(hunk) = line.strip_prefix("@@ ") {
                in_header = false;
                let new = hunk.split(' ').find_map(|part| part.strip_prefix('+'));
                let range = new.and_then(|new| {
                    let (start, count) = new.split_once(',').unwrap_or((new, "1"));
                    let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
                    (count > 0).then(|| start..=start + count - 1)
                });
                if let (Some(file), Some(range)) = (&file, range) {
                    changed.0.entry(file.clone()).or_default().push(range);
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_lines_of_a_diff_are_found() {
        let diff = "diff --git src/a.rs src/a.rs\n--- src/a.rs\n+++ src/a.rs\n@@ -1 +1,2 @@\n-old\n++++ new\n+new\n@@ -9,2 +10,0 @@ fn f()\n-a\n-b\n@@ -20 +19 @@\n-x\n+y\n";
        let changed = ChangedLines::parse(Path::new("/r"), diff);
        let file = Path::new("/r/src/a.rs");
        let lines: Vec<u32> = (0..30).filter(|&line| changed.contains(file, line)).collect();
        assert_eq!(lines, [1, 2, 19]);
        assert!(!changed.contains(Path::new("/r/src/b.rs"), 1));
    }
}
