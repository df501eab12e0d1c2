//! Finds runners among executables without starting them, by the marker section that `main!` adds.

use std::cmp::Ordering;
use std::fs::File;
use std::path::Path;

use athena_protocol::{Marker, SECTION, VERSION};
use cargo_metadata::semver::Version;
use object::{Object, ObjectSection, ReadCache};

use crate::compile::Executable;
use crate::error::{Error, Result};

/// What to do if the runtime is older than this program, or newer.
const OLDER_RUNTIME: &str = "update athena-rt in Cargo.toml, or install an older cargo-athena";
const NEWER_RUNTIME: &str = "install a newer cargo-athena from the source of athena-rt";

/// Keeps the executables that are runners and speak our protocol.
pub(crate) fn runners(executables: Vec<Executable>) -> Result<Vec<Executable>> {
    let mut runners = Vec::new();
    for executable in executables {
        if let Some(marker) = marker(&executable.path)? {
            check(&marker, &executable)?;
            runners.push(executable);
        }
    }
    Ok(runners)
}

/// The marker in a file. `None` if the file is not an executable or has no marker.
fn marker(path: &Path) -> Result<Option<Marker>> {
    let file = File::open(path)
        .map_err(|error| Error::build(format!("{} can't be read", path.display())).cause(error))?;
    let cache = ReadCache::new(file);
    let Ok(object) = object::File::parse(&cache) else { return Ok(None) };
    let section = object.section_by_name(SECTION);
    Ok(section.and_then(|section| Marker::parse(section.data().ok()?)))
}

fn check(marker: &Marker, executable: &Executable) -> Result<()> {
    if marker.protocol == VERSION {
        return Ok(());
    }
    let ours = env!("CARGO_PKG_VERSION");
    let message = format!(
        "{} was built with athena-rt {}, which speaks protocol {}; this is cargo-athena {ours}, \
         which speaks protocol {VERSION}",
        executable.target.describe(),
        marker.runtime,
        marker.protocol,
    );
    Err(Error::usage(message).help(if marker.protocol < VERSION {
        OLDER_RUNTIME
    } else {
        NEWER_RUNTIME
    }))
}

/// Why a runner does not fit to this program although both speak the same protocol, and what to do.
pub(crate) fn version_advice(runner: &Executable) -> Result<String> {
    let runtime = marker(&runner.path)?.map(|marker| marker.runtime).unwrap_or_default();
    Ok(compare_versions(env!("CARGO_PKG_VERSION"), &runtime))
}

fn compare_versions(ours: &str, runtime: &str) -> String {
    let order = Version::parse(ours).ok().zip(Version::parse(runtime).ok());
    match order.map_or(Ordering::Equal, |(ours, runtime)| ours.cmp(&runtime)) {
        Ordering::Less => {
            format!("cargo-athena {ours} is older than athena-rt {runtime}: {NEWER_RUNTIME}")
        }
        Ordering::Greater => {
            format!("athena-rt {runtime} is older than cargo-athena {ours}: {OLDER_RUNTIME}")
        }
        Ordering::Equal => format!(
            "cargo-athena {ours} and athena-rt {runtime} are of different sources: install cargo-athena from the source of \
             athena-rt"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Launch;
    use crate::target::{Target, TargetKind};

    fn executable(path: &Path) -> Executable {
        let target = Target {
            package: "p".into(),
            package_id: "p".into(),
            root: "/p".into(),
            kind: TargetKind::Bin,
            name: "tool".into(),
            is_tested: true,
            runtime: "athena-rt".into(),
        };
        Executable {
            target,
            path: path.to_owned(),
            features: Vec::new(),
            launch: Launch::default(),
        }
    }

    #[test]
    fn other_programs_and_files_are_no_runners() {
        let this = std::env::current_exe().unwrap();
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "#!/bin/sh\n").unwrap();
        let found = runners(vec![executable(&this), executable(text.path())]).unwrap();
        assert!(found.is_empty());
    }

    #[test]
    fn another_protocol_is_refused_with_both_versions() {
        let marker = Marker { protocol: VERSION + 1, runtime: "7.8.9".into() };
        let error = check(&marker, &executable(Path::new("/x"))).unwrap_err();
        let text = format!("{error:?}");
        assert_eq!(error.exit().code(), 2);
        assert!(text.contains("7.8.9") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
        assert!(text.contains("protocol 3") && text.contains("protocol 2"), "{text}");
    }

    #[test]
    fn versions_that_do_not_fit_have_one_sentence_with_what_to_do() {
        assert_eq!(
            compare_versions("0.9.0", "0.10.0"),
            "cargo-athena 0.9.0 is older than athena-rt 0.10.0: install a newer cargo-athena from the source of athena-rt"
        );
        assert_eq!(
            compare_versions("0.10.0", "0.9.0"),
            "athena-rt 0.9.0 is older than cargo-athena 0.10.0: update athena-rt in Cargo.toml, or install an older \
             cargo-athena"
        );
        assert_eq!(
            compare_versions("0.1.0", "0.1.0"),
            "cargo-athena 0.1.0 and athena-rt 0.1.0 are of different sources: install cargo-athena from the source of \
             athena-rt"
        );
    }
}
