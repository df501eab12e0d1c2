//! Keeps `Cargo.lock` as it is.
//!
//! Cargo does not tell a subcommand of `--locked`: `cargo --locked athena test` looks like
//! `cargo athena test`. So no build changes an existing lock file; that is left to cargo's own
//! commands.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A lock file as it was before a build.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
    /// `None` if it did not exist.
    before: Option<Content>,
}

#[derive(Debug)]
struct Content {
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl LockFile {
    /// Reads the lock file of a workspace.
    ///
    /// # Errors
    ///
    /// It exists and can't be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = root.join("Cargo.lock");
        let before = match fs::read(&path) {
            Ok(bytes) => {
                let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
                Some(Content { bytes, modified })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::unreadable(&path, error)),
        };
        Ok(Self { path, before })
    }

    /// Restores the lock file if the build changed it. Returns a warning if the build used packages
    /// that are not in it. A lock file that did not exist stays as the build made it.
    ///
    /// # Errors
    ///
    /// It can't be restored.
    pub(crate) fn restore(self) -> Result<Option<Error>> {
        let Some(before) = self.before else { return Ok(None) };
        let now = match fs::read(&self.path) {
            Ok(now) if now == before.bytes => return Ok(None),
            // Somebody removed it: that is not what cargo does.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            now => now.unwrap_or_default(),
        };
        replace(&self.path, &before).map_err(|error| {
            Error::unwritable(&self.path, error)
                .help("the build changed it: compare it with the committed one")
        })?;
        let (locked, used) = (packages(&before.bytes), packages(&now));
        let more: Vec<&str> = used.difference(&locked).map(String::as_str).collect();
        if more.is_empty() {
            return Ok(None);
        }
        let shown = more[..more.len().min(3)].join(", ");
        let others =
            if more.len() > 3 { format!(" and {} others", more.len() - 3) } else { String::new() };
        let warning = format!(
            "{} does not match the manifests: the build used {shown}{others}, which it does not have; \
             it was left as it was",
            self.path.display()
        );
        Ok(Some(Error::build(warning).help("update it: cargo update --workspace")))
    }
}

/// The packages of registries and repositories in a lock file, with their versions. Packages of the
/// workspace, and unused ones, change nothing of what is built.
fn packages(lock: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(lock);
    let Ok(document) = text.parse::<toml_edit::DocumentMut>() else { return BTreeSet::new() };
    let Some(packages) = document.get("package").and_then(toml_edit::Item::as_array_of_tables)
    else {
        return BTreeSet::new();
    };
    let text = |table: &toml_edit::Table, key: &str| Some(table.get(key)?.as_str()?.to_owned());
    packages
        .iter()
        .filter(|package| package.contains_key("source"))
        .filter_map(|package| {
            Some(format!("{} {}", text(package, "name")?, text(package, "version")?))
        })
        .collect()
}

/// Replaces a file at once. A link stays a link, and a mode stays as it is.
fn replace(path: &Path, content: &Content) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(&path);
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(&content.bytes)?;
    new.as_file().sync_all()?;
    fs::set_permissions(new.path(), fs::metadata(&path)?.permissions())?;
    let file: File = new.persist(&path).map_err(|error| error.error)?;
    if let Some(modified) = content.modified {
        // A watch must not take this for a change.
        file.set_modified(modified)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "[[package]]\nname = 'a'\nversion = '1.0.0'\nsource = 'registry'\n";
    const MORE: &str = "[[package]]\nname = 'b'\nversion = '2.0.0'\nsource = 'registry'\n";

    #[test]
    fn a_changed_lock_file_is_restored_with_its_time_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Cargo.lock");
        fs::write(&path, OLD).unwrap();
        let modified = SystemTime::now() - std::time::Duration::from_secs(100);
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let lock = LockFile::read(folder.path()).unwrap();
        fs::write(&path, format!("{OLD}{MORE}")).unwrap();
        let warning = lock.restore().unwrap().unwrap();
        assert!(warning.to_line().contains("used b 2.0.0,"), "{warning}");
        assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(LockFile::read(folder.path()).unwrap().restore().unwrap().is_none());
    }

    #[test]
    fn a_package_of_the_workspace_is_not_worth_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Cargo.lock");
        fs::write(&path, OLD).unwrap();
        let lock = LockFile::read(folder.path()).unwrap();
        fs::write(&path, format!("{OLD}[[package]]\nname = 'own'\nversion = '1.0.0'\n")).unwrap();
        assert!(lock.restore().unwrap().is_none());
        assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
    }

    #[test]
    fn a_new_lock_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let lock = LockFile::read(folder.path()).unwrap();
        fs::write(folder.path().join("Cargo.lock"), "new").unwrap();
        assert!(lock.restore().unwrap().is_none());
        assert!(folder.path().join("Cargo.lock").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_lock_file_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, real) = (folder.path().join("Cargo.lock"), folder.path().join("real"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &path).unwrap();
        let lock = LockFile::read(folder.path()).unwrap();
        fs::write(&path, MORE).unwrap();
        assert!(lock.restore().unwrap().is_some());
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "old");
    }
}
