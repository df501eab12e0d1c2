//! Builds the runners with every mutant in them, in a target folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use athena_protocol::{Exit, NotExamined, RewrittenCrate};
use cargo_metadata::Metadata;
use sha2::{Digest as _, Sha256};

use super::packages::{common_folder, rewritten_packages, unlinked_packages};
use super::settings::{
    FAILURE_FILE, RewriteFailure, SETTINGS_VARIABLE, WRAPPER_NAME, WrapperSettings,
};
use crate::baseline::share;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::launch::compiler_wrappers;
use crate::marker::version_advice;
use crate::options::{BaseBuild, BuildOptions, CompilerWrapper, ManifestOptions, OutputOptions};
use crate::session::Session;
use crate::target::STRENGTH_FEATURE;
use crate::unit::Unit;
use crate::workspace::metadata;

/// What is rewritten, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct RewriteOptions {
    /// The packages that have mutants; all of the workspace if empty.
    pub(crate) packages: Vec<String>,
    /// Whether functions that work on files, processes and the network are mutated.
    pub(crate) mutate_effects: bool,
    /// The file that names the only mutant to build.
    pub(crate) single: Option<PathBuf>,
}

/// A build with mutants.
#[derive(Debug)]
pub(crate) struct MutantBuild {
    pub(crate) session: Session,
    pub(crate) catalog: Catalog,
    /// What was rewritten, with the files that say so.
    pub(crate) crates: Vec<(PathBuf, RewrittenCrate)>,
    /// The packages of which nothing was rewritten.
    pub(crate) unlinked: Vec<NotExamined>,
    /// The packages of which nothing is switched, because they don't compile with it, with the reason.
    pub(crate) failures: Vec<(String, String)>,
}

impl MutantBuild {
    /// Builds what `head` has built, with mutants.
    ///
    /// # Errors
    ///
    /// The build fails; a package is not in the workspace; a file can't be written.
    pub(crate) fn new(
        head: &Session,
        build: &BuildOptions,
        output: &OutputOptions,
        rewrite: &RewriteOptions,
    ) -> Result<Self> {
        let home = head.workspace.artifacts.join("strength");
        let home = if rewrite.single.is_some() { home.join("verify") } else { home };
        let failed = || Error::failure(format!("{} can't be written to", home.display()));
        fs::create_dir_all(&home)
            // The user may not ignore the target folder.
            .and_then(|()| fs::write(home.join(".gitignore"), "*\n"))
            .map_err(|error| failed().cause(error))?;
        let folder = home.join("build");
        let metadata = metadata(&build.manifest)?;
        let settings = settings(head, build, rewrite, &home, &metadata)?;
        let wrapper = wrapper(&settings, &home).map_err(|error| failed().cause(error))?;
        // Sharing only saves time.
        let roots = head.workspace.build_directories();
        let _ = share(&head.units(), &head.workspace.root, &roots, &folder);
        let build = BuildOptions {
            target_dir: Some(folder.clone()),
            fixtures: Some(head.fixtures().to_owned()),
            runtime_feature: build.runtime_feature.or(Some(STRENGTH_FEATURE)),
            manifest: ManifestOptions {
                base: Some(BaseBuild { folder, toolchain: None }),
                wrapper: Some(wrapper),
                ..build.manifest.clone()
            },
            ..build.clone()
        };
        let session = Session::open(build, output.clone())?;
        let catalog = session.catalog(false).map_err(with_advice)?;
        let crates = crates(&session.units(), &settings)?;
        let mut failures = Vec::new();
        for (file, one) in &crates {
            let failure = failure(file)?.filter(|_| settings.single.is_none());
            failures.extend(failure.map(|failure| (one.package.clone(), failure.reason)));
        }
        if !failures.is_empty() {
            refuse_unlinked(&catalog, &settings)?;
        }
        let unlinked = unlinked_packages(&metadata, &settings, &crates);
        Ok(Self { session, catalog, crates, unlinked, failures })
    }
}

/// Cargo has built the same without mutants before.
fn with_advice(error: Error) -> Error {
    if error.exit() != Exit::Build {
        return error;
    }
    error.help(
        "the code is built without mutants as well, which works: select other packages with -p, or leave functions out with \
         #[mutants::skip]",
    )
}

/// A runner that is not linked with the switch would run every case without a mutant.
fn refuse_unlinked(catalog: &Catalog, settings: &WrapperSettings) -> Result<()> {
    for (at, runner) in catalog.runners.iter().enumerate() {
        if catalog.owned(at).is_empty() {
            continue;
        }
        let Some(file) = description(settings, &runner.path) else { continue };
        if let Some(failure) = failure(&file)? {
            let what = runner.target.describe();
            return Err(Error::build(format!(
                "{what} can't be linked with the switch of its mutants"
            ))
            .cause(failure.reason)
            .help(version_advice(runner)?));
        }
    }
    Ok(())
}

/// Why nothing of a crate is switched, from the file beside its description.
fn failure(description: &Path) -> Result<Option<RewriteFailure>> {
    let file = description.with_file_name(FAILURE_FILE);
    if !file.is_file() {
        return Ok(None);
    }
    let text = fs::read(&file).map_err(|error| Error::unreadable(&file, error))?;
    serde_json::from_slice(&text).map(Some).map_err(|error| Error::unreadable(&file, error))
}

fn settings(
    head: &Session,
    build: &BuildOptions,
    rewrite: &RewriteOptions,
    home: &Path,
    metadata: &Metadata,
) -> Result<WrapperSettings> {
    let directory = match &build.manifest.directory {
        Some(directory) => directory.clone(),
        None => std::env::current_dir()
            .map_err(|error| Error::usage("the working directory is gone").cause(error))?,
    };
    let (outer, inner) = compiler_wrappers(&directory, &build.manifest.config)?;
    Ok(WrapperSettings {
        home: home.to_owned(),
        root: metadata.workspace_root.clone().into(),
        base: common_folder(metadata),
        hidden: head.workspace.build_directories(),
        packages: rewritten_packages(metadata, &rewrite.packages)?,
        mutate_effects: rewrite.mutate_effects,
        outer,
        inner,
        single: rewrite.single.clone(),
    })
}

/// Links this program under a name of its own: cargo takes another wrapper for another compiler, by
/// its path.
fn wrapper(settings: &WrapperSettings, home: &Path) -> std::io::Result<CompilerWrapper> {
    let this = std::env::current_exe()?;
    let metadata = fs::metadata(&this)?;
    let changed = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let text = serde_json::to_vec(settings)?;
    let mut hasher = Sha256::new();
    hasher.update(&text);
    hasher.update(format!("{} {changed:?} {}", env!("CARGO_PKG_VERSION"), metadata.len()));
    let hash: Vec<_> = hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = hash.concat();
    let folder = home.join("wrapper");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{hash}.json"));
    fs::write(&file, text)?;
    let program = folder.join(format!("{WRAPPER_NAME}{hash}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let _ = fs::remove_file(&program);
        #[cfg(unix)]
        std::os::unix::fs::symlink(&this, &program)?;
        #[cfg(not(unix))]
        fs::hard_link(&this, &program).or_else(|_| fs::copy(&this, &program).map(|_| ()))?;
    }
    let variable = (SETTINGS_VARIABLE.to_owned(), file);
    Ok(CompilerWrapper { program, variable, calls_users: settings.outer.is_some() })
}

/// The descriptions of what was rewritten of these units.
fn crates(units: &[Unit], settings: &WrapperSettings) -> Result<Vec<(PathBuf, RewrittenCrate)>> {
    let mut found = BTreeMap::new();
    for path in units.iter().flat_map(|unit| &unit.files) {
        let Some(file) = description(settings, path) else { continue };
        let text = fs::read(&file).map_err(|error| Error::unreadable(&file, error))?;
        let rewritten =
            serde_json::from_slice(&text).map_err(|error| Error::unreadable(&file, error))?;
        found.insert(file, rewritten);
    }
    Ok(found.into_iter().collect())
}

/// The file that describes what was rewritten of a library or program.
fn description(settings: &WrapperSettings, built: &Path) -> Option<PathBuf> {
    let stem = built.file_stem().and_then(|stem| stem.to_str())?;
    let is_library = built.extension().is_some_and(|it| it == "rlib" || it == "rmeta");
    let name = if is_library { stem.strip_prefix("lib").unwrap_or(stem) } else { stem };
    let own = settings.sites_file(name);
    if own.is_file() { Some(own) } else { of_program(settings, built, name) }
}

/// The description of a program, whose file has no hash in its name: that of the unit from which cargo has
/// copied it. Another toolchain, profile or feature has another unit.
fn of_program(settings: &WrapperSettings, program: &Path, name: &str) -> Option<PathBuf> {
    let prefix = format!("{}-", name.replace('-', "_"));
    let entries = fs::read_dir(settings.unit("")).ok()?.filter_map(std::result::Result::ok);
    let files = entries.filter_map(|entry| {
        let unit = entry.file_name().into_string().ok()?;
        let hash = unit.strip_prefix(&prefix)?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let file = settings.sites_file(&unit);
        let time = fs::metadata(&file).and_then(|it| it.modified()).ok().filter(|_| is_hash)?;
        let built = fs::read_to_string(settings.program_file(&unit)).unwrap_or_default();
        Some((is_same_program(program, Path::new(&built)), time, file))
    });
    files.max().map(|(_, _, file)| file)
}

/// Whether one of the programs is a link to the other, or a copy.
fn is_same_program(one: &Path, other: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::metadata(one), fs::metadata(other)) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (first.dev(), first.ino()) == (second.dev(), second.ino()) {
            return true;
        }
    }
    first.len() == second.len() && fs::read(one).ok() == fs::read(other).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_the_description_of_its_own_unit() {
        let home = tempfile::tempdir().unwrap();
        let settings =
            WrapperSettings { home: home.path().to_owned(), ..WrapperSettings::default() };
        let unit = |hash: &str, code: &str| {
            let name = format!("my_app-{hash}");
            fs::create_dir_all(settings.unit(&name)).unwrap();
            let program = home.path().join(&name);
            fs::write(&program, code).unwrap();
            fs::write(settings.program_file(&name), program.to_str().unwrap()).unwrap();
            fs::write(settings.sites_file(&name), "").unwrap();
            settings.sites_file(&name)
        };
        let of_copy = |code: &str| {
            let copy = home.path().join("my-app");
            fs::write(&copy, code).unwrap();
            of_program(&settings, &copy, "my-app")
        };
        let first = unit("0123456789abcdef", "stable");
        let second = unit("fedcba9876543210", "nightly");
        // Whichever was written last.
        assert_eq!(of_copy("stable"), Some(first));
        assert_eq!(of_copy("nightly"), Some(second));
        assert_eq!(of_program(&settings, Path::new("other"), "other"), None);
    }
}
