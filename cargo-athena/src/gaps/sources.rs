//! What source files say about models that no program links. They can't prove anything, so they
//! only explain and warn.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::code::code;

/// Whether a source file of the package mentions a model.
pub(crate) fn has_models(package: &Path) -> bool {
    source_files(&package.join("src")).any(|path| mentions_model(&path))
}

/// The source files of a package with models that are not among the files of linked models.
pub(super) fn unlinked_files(package: &Path, linked: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = source_files(&package.join("src"))
        .filter(|path| mentions_model(path))
        .filter(|path| path.canonicalize().is_ok_and(|path| !linked.contains(&path)))
        .collect();
    files.sort_unstable();
    files
}

/// Whether a source file of the package could define a model of this name: as a function, under a
/// name of its own, or by a macro.
pub(super) fn may_define(package: &Path, name: &str) -> bool {
    source_files(package)
        .any(|path| fs::read_to_string(path).is_ok_and(|text| defines(&text, name)))
}

fn defines(text: &str, name: &str) -> bool {
    let code = code(text, true);
    let is_function = code.split("fn").skip(1).any(|rest| {
        let named = rest.trim_start();
        let named_rest = named.strip_prefix("r#").unwrap_or(named).strip_prefix(name);
        named.len() < rest.len() && named_rest.is_some_and(|rest| !rest.starts_with(is_word))
    });
    let is_named = code.contains(&format!("\"{name}\"")) || code.contains(&format!("::{name}\""));
    is_function
        || is_named
        || (code.contains("fn $") && code.split(|c| !is_word(c)).any(|word| word == name))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a file marks a function as a model, outside of comments and of its tests.
fn mentions_model(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| {
        let code = code(&text, false);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        code.contains("#[model") || code.contains("::model]") || code.contains("::model(")
    })
}

/// The source files below a folder, without those of packages in it and of build folders.
pub(crate) fn source_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let is_own = |entry: &DirEntry| {
        let path = entry.path();
        let is_foreign =
            || path.join("Cargo.toml").is_file() || path.join("CACHEDIR.TAG").is_file();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        entry.depth() == 0 || !(is_hidden || (entry.file_type().is_dir() && is_foreign()))
    };
    let entries = WalkDir::new(folder).into_iter().filter_entry(is_own);
    let paths = entries.filter_map(Result::ok).map(DirEntry::into_path);
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_a_function_a_name_or_an_argument_of_a_macro() {
        for text in [
            "#[model] fn price(s: State<A>) -> State<A> { s }",
            "pub fn\n    price(",
            "fn r#price(",
            "#[model(name = \"app::price\")] fn other(",
            "macro_rules! m { ($n:ident) => { #[model] fn $n() {} } }\nm!(price);",
        ] {
            assert!(defines(text, "price"), "{text}");
        }
        for text in ["", "fn prices(", "// fn price(", "let price = 1;", "struct A { price: f64 }"]
        {
            assert!(!defines(text, "price"), "{text}");
        }
    }

    #[test]
    fn models_in_comments_and_tests_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        for (text, expected) in [
            ("#[model]\nfn f() {}", true),
            ("#[athena_rt::model]\nfn f() {}", true),
            ("/// Put `#[model]` above.\nfn f() {}", false),
            ("fn f() { panic!(\"write #[model(name = ..)]\") }", false),
            ("fn f() {}\n#[cfg(test)]\nmod tests { #[model] fn g() {} }", false),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(mentions_model(&path), expected, "{text}");
        }
    }
}
