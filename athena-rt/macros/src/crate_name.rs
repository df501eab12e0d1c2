//! The name that `athena-rt` has in the crate that is compiled: `rt = { package = "athena-rt", .. }`.
//!
//! A macro is loaded by the compiler, whose arguments name the file of each dependency:
//! `--extern rt=/target/debug/deps/libathena_rt-0f7c.rmeta`. They are right wherever the name comes from: the
//! package's manifest, its workspace, or a table for one target. An editor gives no such arguments; there
//! and where `athena-rt` comes through another crate, `crate = path` names it.

use std::path::Path;
use std::sync::OnceLock;

const NAME: &str = "athena_rt";

/// The name under which the crate that is compiled knows `athena-rt`.
pub(crate) fn crate_name() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        find(arguments.flat_map(expand)).unwrap_or_else(|| NAME.to_owned())
    })
}

/// The lines of a file that an argument `@file` stands for: cargo's way to pass many arguments.
fn expand(argument: String) -> Vec<String> {
    let read = argument.strip_prefix('@').and_then(|path| std::fs::read_to_string(path).ok());
    read.map_or_else(|| vec![argument], |text| text.lines().map(str::to_owned).collect())
}

/// The name in the compiler's arguments. Of several, the usual one.
fn find(arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut found = None;
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let spec = match argument.strip_prefix("--extern") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        let Some(name) = spec.as_deref().and_then(name_of_runtime) else { continue };
        if name == NAME {
            return Some(name.to_owned());
        }
        found.get_or_insert_with(|| name.to_owned());
    }
    found
}

/// The name in `options:name=path` if the file is that of `athena-rt`.
fn name_of_runtime(spec: &str) -> Option<&str> {
    let (name, path) = spec.split_once('=')?;
    let name = name.rsplit(':').next()?;
    let stem = Path::new(path).file_stem()?.to_str()?;
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    let library = stem.rsplit_once('-').map_or(stem, |(library, _)| library);
    (library == NAME).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(arguments: &[&str]) -> Option<String> {
        find(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn the_name_is_that_of_the_file() {
        let serde = ["--extern", "serde=/t/deps/libserde-1.rmeta"];
        let renamed = ["--extern", "rt=/t/deps/libathena_rt-0f7c4e.rmeta"];
        assert_eq!(found(&[&serde[..], &renamed].concat()).as_deref(), Some("rt"));
        assert_eq!(found(&["--extern=priv:rt=/a=b/libathena_rt.rlib"]).as_deref(), Some("rt"));
        let usual = ["--extern", "athena_rt=/t/deps/libathena_rt-77.rlib"];
        assert_eq!(found(&[&renamed[..], &usual].concat()).as_deref(), Some("athena_rt"));
        let macros = ["--extern", "athena_rt_macros=/t/libathena_rt_macros-1.so", "--extern"];
        assert_eq!(found(&macros), None);
        assert_eq!(found(&["--externs", "rt=/t/libathena_rt-1.rlib"]), None);
    }

    #[test]
    fn arguments_may_be_in_a_file() {
        let folder = std::env::temp_dir().join(format!("athena-macros-{}", std::process::id()));
        assert!(std::fs::write(&folder, "--extern\nrt=/t/libathena_rt-1.rlib\n").is_ok());
        let expanded = expand(format!("@{}", folder.display()));
        assert_eq!(find(expanded.into_iter()).as_deref(), Some("rt"));
        let _ = std::fs::remove_file(&folder);
        assert_eq!(expand("@nowhere".to_owned()), ["@nowhere"]);
    }
}
