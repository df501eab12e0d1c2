//! The folder of the checkouts.
//!
//! Cargo reads its configuration upwards from its working directory, and rustup does the same for
//! toolchain files. A checkout inside the repository would be built with the settings of the working
//! tree, so checkouts lie outside of it. What applies to the repository from above, such as a
//! configuration in the folder that contains it, is linked above the checkout.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::links;

/// The files by which a folder changes builds in all folders below it.
pub(super) const SETTINGS: [&str; 4] =
    [".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"];

/// The most entries of a folder above the repository that are linked. Paths in a configuration there
/// are relative to its folder.
const MOST: usize = 1000;

/// The file with the path of the repository that a folder belongs to.
const OWNER: &str = "repository";

/// Entries that are never linked: cargo would search them for a workspace, git for a repository.
const NEVER: [&str; 6] = ["Cargo.toml", "Cargo.lock", "target", ".git", "_", super::WORKTREE];

/// The folder of checkouts: the target folder if it lies outside of the repository, otherwise a
/// folder of the user's cache. `None` if neither can be used.
pub(super) fn find(root: &Path, target: &Path) -> Option<PathBuf> {
    let candidates = [Some(target.to_owned()), cache()];
    candidates.into_iter().flatten().map(|folder| folder.join("athena/base")).find(|folder| {
        fs::create_dir_all(folder).is_ok()
            && folder.canonicalize().is_ok_and(|folder| {
                !folder.starts_with(root) && is_neutral(&folder, root) && is_writable(&folder)
            })
    })
}

/// The folder for files of the user's that can be made again.
fn cache() -> Option<PathBuf> {
    let from = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return from("LOCALAPPDATA");
    }
    from("XDG_CACHE_HOME").or_else(|| {
        let folder = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        Some(from("HOME")?.join(folder))
    })
}

/// Whether no folder above has settings that don't apply to the repository too.
fn is_neutral(folder: &Path, root: &Path) -> bool {
    let others = folder.ancestors().filter(|above| !root.starts_with(above) || *above == root);
    others.flat_map(settings).all(|file| is_of_home(&file))
}

fn is_writable(folder: &Path) -> bool {
    tempfile::tempdir_in(folder).is_ok()
}

/// The files of settings in a folder.
fn settings(folder: &Path) -> Vec<PathBuf> {
    SETTINGS.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect()
}

/// Whether cargo reads this file wherever it works.
fn is_of_home(file: &Path) -> bool {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let home = home.and_then(|home| home.canonicalize().ok());
    home.is_some() && file.parent().and_then(|folder| folder.canonicalize().ok()) == home
}

/// Links what applies to the repository from above into the folders above the checkout.
pub(super) fn link_surroundings(root: &Path, tree: &Path, nest: &Path) -> io::Result<()> {
    let places = tree.ancestors().skip(1).take_while(|place| *place != nest);
    for (above, place) in root.ancestors().skip(1).zip(places) {
        // What applied before may be gone.
        for name in [".cargo", "rust-toolchain", "rust-toolchain.toml"] {
            links::remove_link(&place.join(name))?;
        }
        // If the folder of the checkouts is below this one too, its settings apply already.
        if nest.starts_with(above) || settings(above).iter().all(|file| is_of_home(file)) {
            continue;
        }
        let entries = fs::read_dir(above)?.flatten().map(|entry| entry.file_name());
        let mut names: Vec<_> = entries.filter(|name| may_be_linked(name)).collect();
        if names.len() > MOST {
            names.retain(|name| {
                SETTINGS.iter().any(|known| known.starts_with(&*name.to_string_lossy()))
            });
        }
        for name in names {
            // On the way to the repository.
            if !root.starts_with(above.join(&name)) {
                links::point(&place.join(&name), &above.join(&name))?;
            }
        }
    }
    Ok(())
}

/// Notes which repository a folder of checkouts belongs to, and removes those beside it whose
/// repository is gone.
pub(super) fn remove_lost(place: &Path, root: &Path) -> io::Result<()> {
    fs::write(place.join(OWNER), root.as_os_str().as_encoded_bytes())?;
    let Some(all) = place.parent() else { return Ok(()) };
    for folder in fs::read_dir(all)?.flatten().map(|entry| entry.path()) {
        let Ok(owner) = fs::read_to_string(folder.join(OWNER)) else { continue };
        if Path::new(&owner).is_absolute() && !Path::new(&owner).exists() {
            // Another process may be doing the same.
            let _ = fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}

fn may_be_linked(name: &OsStr) -> bool {
    !NEVER.iter().any(|never| name == *never)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn settings_above_the_repository_apply_to_the_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (root, nest) = (folder.join("a/b/app"), folder.join("cache/nest"));
        let tree = nest.join("_/_/tree");
        for path in [&root, &tree, &folder.join("a/.cargo"), &folder.join("a/vendor")] {
            fs::create_dir_all(path).unwrap();
        }
        fs::write(folder.join("a/.cargo/config.toml"), "x").unwrap();
        link_surroundings(&root, &tree, &nest).unwrap();
        // `a` is two folders above the repository.
        assert_eq!(fs::read_to_string(nest.join("_/.cargo/config.toml")).unwrap(), "x");
        assert!(nest.join("_/vendor").is_dir() && !nest.join("_/b").exists());
        assert!(!nest.join("_/_/.cargo").exists());

        fs::remove_file(folder.join("a/.cargo/config.toml")).unwrap();
        link_surroundings(&root, &tree, &nest).unwrap();
        assert!(!nest.join("_/.cargo").exists(), "what no longer applies is gone");
    }

    #[test]
    fn a_checkout_goes_when_its_repository_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for place in [&one, &other] {
            fs::create_dir_all(place).unwrap();
        }
        let root = folder.path().join("repository");
        fs::create_dir(&root).unwrap();
        remove_lost(&one, &root).unwrap();
        remove_lost(&other, folder.path()).unwrap();
        assert!(one.exists());
        fs::remove_dir(root).unwrap();
        remove_lost(&other, folder.path()).unwrap();
        assert!(!one.exists() && other.exists());
    }

    #[test]
    fn a_target_folder_outside_of_the_repository_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let (root, target) = (folder.join("app"), folder.join("target"));
        fs::create_dir_all(&root).unwrap();
        assert_eq!(find(&root, &target), Some(target.join("athena/base")));
        assert!(find(&root, &root.join("target")).is_none_or(|place| !place.starts_with(&root)));
        // Settings of another project would apply there.
        fs::create_dir_all(target.join(".cargo")).unwrap();
        fs::write(target.join(".cargo/config.toml"), "").unwrap();
        assert_ne!(find(&root, &target), Some(target.join("athena/base")));
    }
}
