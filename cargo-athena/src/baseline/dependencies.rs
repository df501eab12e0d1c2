//! Takes what the working tree has built of packages that both sides depend on, so that the first
//! comparison builds the repository's own packages only.
//!
//! One target folder for both sides would be wrong: cargo leaves the folder of a workspace out of the
//! hash of its packages, so one side's program would pass for the other's. Packages of a registry or
//! of another repository have the same hash on both sides. Their files are put into the base's own
//! target folder, with their times, and cargo judges by itself whether they are up to date: another
//! profile, compiler or flag is another hash or another fingerprint, and is built.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::local_files::copy_file;
use crate::unit::Unit;

/// The length of cargo's hash in a file name.
const HASH: usize = 16;

/// Puts what the working tree has built of packages outside of the repository into the base's target
/// folder. Returns how many units were taken.
///
/// # Errors
///
/// A file can't be read or written. What was taken before can stay: a unit's fingerprint comes last.
pub(crate) fn share(
    units: &[Unit],
    root: &Path,
    roots: &[PathBuf],
    target: &Path,
) -> io::Result<usize> {
    let mut taken = 0;
    for (folder, hashes) in hashes_by_folder(units, root) {
        // What cargo holds while it builds: nothing changes meanwhile.
        let Ok(lock) = File::open(folder.join(".cargo-lock")) else { continue };
        if lock.try_lock_shared().is_err() {
            continue;
        }
        let Some(inside) = roots.iter().find_map(|root| folder.strip_prefix(root).ok()) else {
            continue;
        };
        taken += take(&folder, &target.join(inside), &hashes)?;
    }
    Ok(taken)
}

/// The hashes of the units to share, by the folder of their profile: `target/debug`.
fn hashes_by_folder(units: &[Unit], root: &Path) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let folders: HashMap<&str, &Path> = units
        .iter()
        .filter(|unit| !unit.folder.as_os_str().is_empty())
        .map(|unit| (unit.package_id.as_str(), unit.folder.as_path()))
        .collect();
    let mut found: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for unit in units {
        // A vendored package is the commit's own, whatever its name says.
        let is_outside = folders.get(unit.package_id.as_str()).is_some_and(|folder| {
            folder.canonicalize().is_ok_and(|folder| !folder.starts_with(root))
        });
        if !is_outside {
            continue;
        }
        for path in unit.files.iter().chain(&unit.out_folder) {
            if let Some((profile, hash)) = place(path) {
                found.entry(profile).or_default().insert(hash);
            }
        }
    }
    found
}

/// The folder of a profile and the hash: of `target/debug/deps/libserde-HASH.rlib`,
/// `target/debug/build/serde-HASH/build-script-build` or `target/debug/build/serde-HASH/out`.
fn place(path: &Path) -> Option<(PathBuf, String)> {
    let parts = [path, path.parent()?];
    parts.iter().find_map(|part| {
        let hash = hash(part.file_name()?.to_str()?)?;
        let kind = part.parent()?;
        let is_known =
            ["deps", "build"].iter().any(|name| kind.file_name().is_some_and(|it| it == *name));
        is_known.then_some((kind.parent()?.to_owned(), hash.to_owned()))
    })
}

/// The hash in a name: `libserde-HASH.rlib`, `serde-HASH`.
fn hash(name: &str) -> Option<&str> {
    let stem = name.split('.').next()?;
    let (_, hash) = stem.rsplit_once('-')?;
    let is_hash = hash.len() == HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(hash)
}

fn take(from: &Path, to: &Path, hashes: &BTreeSet<String>) -> io::Result<usize> {
    let fingerprints = entries(&from.join(".fingerprint"))?;
    let known: BTreeSet<String> = match entries(&to.join(".fingerprint")) {
        Ok(entries) => entries.into_keys().collect(),
        Err(_) => BTreeSet::new(),
    };
    let wanted: Vec<&String> = hashes
        .iter()
        .filter(|hash| fingerprints.contains_key(*hash) && !known.contains(*hash))
        .collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let (artifacts, builds) = (entries(&from.join("deps"))?, entries(&from.join("build"))?);
    for hash in &wanted {
        for path in artifacts.get(*hash).into_iter().flatten() {
            link_or_copy(path, &to.join("deps"))?;
        }
        for path in builds.get(*hash).into_iter().flatten() {
            copy_tree(path, &to.join("build"))?;
        }
        // Cargo takes a unit as built if its fingerprint is there, so it appears last and at once.
        for path in fingerprints.get(*hash).into_iter().flatten() {
            let part = to.join(".fingerprint/.part");
            let _ = fs::remove_dir_all(&part);
            copy_tree(path, &part)?;
            let name = path.file_name().unwrap_or_default();
            fs::rename(part.join(name), to.join(".fingerprint").join(name))?;
            fs::remove_dir_all(&part)?;
        }
    }
    Ok(wanted.len())
}

/// The entries of a folder that have a hash in their name, by hash.
fn entries(folder: &Path) -> io::Result<HashMap<String, Vec<PathBuf>>> {
    let mut found: HashMap<String, Vec<PathBuf>> = HashMap::new();
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        listed => listed?,
    };
    for entry in listed {
        let path = entry?.path();
        if let Some(hash) = path.file_name().and_then(|name| hash(name.to_str()?)) {
            found.entry(hash.to_owned()).or_default().push(path.clone());
        }
    }
    Ok(found)
}

/// Links a library, which is never written in place: the compiler writes another file and renames it.
/// Copies anything else.
fn link_or_copy(path: &Path, folder: &Path) -> io::Result<()> {
    let to = folder.join(path.file_name().unwrap_or_default());
    let is_library = path.extension().is_some_and(|it| it == "rlib" || it == "rmeta");
    fs::create_dir_all(folder)?;
    match fs::remove_file(&to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if is_library && fs::hard_link(path, &to).is_ok() {
        return Ok(());
    }
    copy_file(path, &to)
}

/// Copies a file or a folder into `folder`.
fn copy_tree(path: &Path, folder: &Path) -> io::Result<()> {
    let to = folder.join(path.file_name().unwrap_or_default());
    let kind = fs::symlink_metadata(path)?.file_type();
    if kind.is_dir() {
        fs::create_dir_all(&to)?;
        return fs::read_dir(path)?.try_for_each(|entry| copy_tree(&entry?.path(), &to));
    }
    #[cfg(unix)]
    if kind.is_symlink() {
        fs::create_dir_all(folder)?;
        let _ = fs::remove_file(&to);
        return std::os::unix::fs::symlink(fs::read_link(path)?, &to);
    }
    copy_file(path, &to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef";
    const OWN: &str = "fedcba9876543210";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn unit(id: &str, folder: &Path, file: &Path) -> Unit {
        Unit {
            package_id: id.to_owned(),
            folder: folder.to_owned(),
            files: vec![file.to_owned()],
            ..Unit::default()
        }
    }

    #[test]
    fn packages_outside_of_the_repository_are_taken_with_their_times() {
        let temporary = tempfile::tempdir().unwrap();
        let all = temporary.path().canonicalize().unwrap();
        let (repository, registry) = (all.join("app"), all.join("registry/one"));
        let (target, base) = (all.join("app/target"), all.join("base"));
        fs::create_dir_all(&registry).unwrap();
        let library = target.join(format!("debug/deps/libone-{ONE}.rlib"));
        let own = target.join(format!("debug/deps/libapp-{OWN}.rlib"));
        write(&library, "one");
        write(&own, "own");
        write(&target.join("debug/.cargo-lock"), "");
        write(&target.join(format!("debug/.fingerprint/one-{ONE}/lib-one")), "f");
        write(&target.join(format!("debug/.fingerprint/app-{OWN}/lib-app")), "f");
        write(&target.join(format!("debug/build/one-{ONE}/out/x")), "x");
        let past = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000);
        let fingerprint = target.join(format!("debug/.fingerprint/one-{ONE}/lib-one"));
        File::options().write(true).open(fingerprint).unwrap().set_modified(past).unwrap();

        let units = [unit("r+one", &registry, &library), unit("p+app", &repository, &own)];
        let share = || share(&units, &repository, std::slice::from_ref(&target), &base).unwrap();
        assert_eq!(share(), 1);
        assert_eq!(share(), 0, "it is there");
        let taken = |path: String| base.join("debug").join(path);
        assert!(taken(format!("deps/libone-{ONE}.rlib")).is_file());
        assert!(taken(format!("build/one-{ONE}/out/x")).is_file());
        let fingerprint = taken(format!(".fingerprint/one-{ONE}/lib-one"));
        assert_eq!(fs::metadata(fingerprint).unwrap().modified().unwrap(), past);
        assert!(!taken(format!("deps/libapp-{OWN}.rlib")).exists());
        assert!(!taken(format!(".fingerprint/app-{OWN}")).exists());
    }

    #[test]
    fn a_vendored_package_is_the_commits_own() {
        let temporary = tempfile::tempdir().unwrap();
        let repository = temporary.path().canonicalize().unwrap();
        let vendored = repository.join("vendor/one");
        fs::create_dir_all(&vendored).unwrap();
        let library = repository.join(format!("target/debug/deps/libone-{ONE}.rlib"));
        assert!(
            hashes_by_folder(&[unit("registry+one", &vendored, &library)], &repository).is_empty()
        );
    }

    #[test]
    fn the_hash_of_every_kind_of_unit_is_found() {
        for path in [
            "deps/libone-H.rlib",
            "build/one-H/build-script-build",
            "build/one-H/out",
            "deps/one-H",
        ] {
            let path = Path::new("/t/debug").join(path.replace('H', ONE));
            assert_eq!(place(&path), Some(("/t/debug".into(), ONE.to_owned())), "{path:?}");
        }
        assert_eq!(place(Path::new("/t/debug/compute")), None);
        assert_eq!(place(Path::new("/t/debug/examples/a-b")), None);
    }
}
