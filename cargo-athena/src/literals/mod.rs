//! The literals of source files, which generated inputs are made of: without tests, and without anything
//! that looks like a key.
//!
//! | file | its job |
//! |---|---|
//! | `packages.rs` | the packages that a model's code is in |
//! | `tokens.rs` | the literals of one file |

mod packages;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use athena_protocol::Literals;

pub(crate) use self::packages::source_packages;
use self::tokens::LiteralFinder;
use crate::gaps::source_files;

/// The longest text, in characters.
const LONGEST: usize = 40;

/// The most literals of a kind. More are the tables of a large library.
const MOST: usize = 4_000;

/// A run of letters and digits of this length is a key.
const KEY: usize = 16;

/// Reads the literals of packages, by their folders. A file that can't be read has none.
pub(crate) fn literals<'a>(packages: impl IntoIterator<Item = &'a Path>) -> Literals {
    let mut finder = LiteralFinder::default();
    for package in packages {
        let mut files: Vec<_> = source_files(&package.join("src"))
            .chain(source_files(&package.join("examples")))
            .filter(|path| !is_test(path.strip_prefix(package).unwrap_or(path)))
            .collect();
        files.sort_unstable();
        for file in files {
            if let Ok(text) = fs::read_to_string(&file) {
                finder.read(&text);
            }
        }
    }
    let LiteralFinder { texts, integers, floats } = finder;
    let texts = texts
        .into_iter()
        .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST && !is_key(text));
    Literals {
        texts: texts.take(MOST).collect(),
        integers: integers.into_iter().take(MOST).map(|number| number.to_string()).collect(),
        floats: floats.into_iter().take(MOST).collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

/// Whether a file has tests only: their texts are what a developer tries, not what the code knows.
fn is_test(path: &Path) -> bool {
    path.iter().any(|part| {
        let part = part.to_string_lossy();
        matches!(&*part, "tests" | "benches" | "tests.rs" | "test.rs")
    })
}

/// Whether a text looks like a key or a password: no case may have one.
pub(crate) fn is_key(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_mixed = |run: &str| {
        run.len() >= KEY
            && run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    text.starts_with("-----") || runs.into_iter().any(is_mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_left_out_and_dates_and_words_are_not() {
        for key in ["sk_live_4eC39HqLyjWDarjt", "-----BEGIN", "AKIAIOSFODNN7EXAMPLE"] {
            assert!(is_key(key), "{key}");
        }
        for text in [
            "2018-02-14T00:28:07Z",
            "quartz",
            "internationalization",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert!(!is_key(text), "{text}");
        }
    }

    #[test]
    fn sources_without_tests_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "src/lib.rs",
            "const A: &str = \"inside\"; #[cfg(test)] mod tests { const B: &str = \"hidden\"; }",
        );
        write("src/deep/tests.rs", "const C: &str = \"hidden\";");
        write("tests/a.rs", "const D: &str = \"hidden\";");
        write("src/bad.rs", "const E: &str = \"unfinished");
        assert_eq!(literals([folder.path()]).texts, ["inside"]);
    }
}
