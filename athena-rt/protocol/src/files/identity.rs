//! The identity of a file: by device and inode where it exists, by its canonical path where not.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

/// The maximum number of symbolic links behind one another.
const MAX_LINKS: usize = 40;

/// Two paths with the same identity are the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileIdentity {
    /// The device and inode of a file that exists.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has them"))]
    Inode(u64, u64),
    /// The canonical path of any other file.
    Path(PathBuf),
}

impl FileIdentity {
    /// The identity of the file at a path. `None` for devices, sockets and folders, which may be
    /// opened twice.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(metadata) => Self::of_metadata(&metadata, path),
            Err(_) => Some(Self::Path(resolve(path))),
        }
    }

    /// The identity of an open file, such as a standard stream. `None` unless it is a regular file.
    pub(super) fn of_file(file: &File) -> Option<Self> {
        let metadata = file.metadata().ok().filter(Metadata::is_file)?;
        Self::of_metadata(&metadata, Path::new(""))
    }

    #[cfg(unix)]
    fn of_metadata(metadata: &Metadata, _: &Path) -> Option<Self> {
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
        let is_stored = metadata.is_file() || metadata.file_type().is_fifo();
        is_stored.then(|| Self::Inode(metadata.dev(), metadata.ino()))
    }

    /// Without inodes an open file has no identity.
    #[cfg(not(unix))]
    fn of_metadata(metadata: &Metadata, path: &Path) -> Option<Self> {
        let is_named = metadata.is_file() && !path.as_os_str().is_empty();
        is_named.then(|| Self::Path(resolve(path)))
    }
}

/// The path that is written when a path is: links are followed, also to a file that does not exist
/// yet. The folder may be missing.
pub fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        if let Ok(canonical) = path.canonicalize() {
            return canonical;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        match fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => break,
        }
    }
    // A folder that does not exist yet is created later: what is above it counts.
    let absolute = std::path::absolute(&path).unwrap_or(path);
    for known in absolute.ancestors().skip(1) {
        if let (Ok(canonical), Ok(rest)) = (known.canonicalize(), absolute.strip_prefix(known)) {
            return canonical.join(rest);
        }
    }
    absolute
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_same_file_has_the_same_identity_however_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "").unwrap();
        fs::hard_link(at("a"), at("hard")).unwrap();
        symlink("a", at("soft")).unwrap();
        symlink("soft", at("softer")).unwrap();
        symlink("new", at("dangling")).unwrap();
        symlink(".", at("here")).unwrap();
        let identity = |name: &str| FileIdentity::of_path(&at(name)).unwrap();
        for same in ["hard", "soft", "softer", "./a", "here/a", "here/here/soft"] {
            assert_eq!(identity(same), identity("a"), "{same}");
        }
        for same in ["dangling", "./new", "here/new", "here/dangling"] {
            assert_eq!(identity(same), identity("new"), "{same}");
        }
        assert_eq!(identity("here/later/x"), identity("later/x"));
        assert_ne!(identity("a"), identity("new"));
        let open = File::open(at("soft")).unwrap();
        assert_eq!(FileIdentity::of_file(&open), Some(identity("a")));
        for shared in ["/dev/null", "/dev", "/dev/tty0"] {
            let known = FileIdentity::of_path(Path::new(shared));
            assert!(known.is_none_or(|_| !Path::new(shared).exists()), "{shared}");
        }
    }
}
