//! What holds for every source file of this repository: names, sentences, modules, order.

mod imports;
mod language;
mod layers;
mod names;
mod sources;

use sources::Source;

/// Fails with all findings, so that one run shows them all.
fn check(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn no_file_has_more_than_500_lines() {
    let findings: Vec<String> = sources::all()
        .iter()
        .filter(|source| !source.is_test() && source.text.lines().count() > 500)
        .map(|source| format!("{} has {} lines", source.path, source.text.lines().count()))
        .collect();
    check(&findings, "a file has one job; split it");
}

#[test]
fn a_module_with_children_is_a_mod_rs_in_their_folder() {
    let findings: Vec<String> = sources::all()
        .iter()
        .filter(|source| !source.is_test() && !source.is_root() && source.has_folder_of_its_name())
        .map(|source| format!("{} is beside a folder of its name", source.path))
        .collect();
    check(&findings, "use name/mod.rs");
}

#[test]
fn items_have_names_of_the_field() {
    check(&names::private_words(&sources::all()), "use the field's term (docs/internals.md)");
}

#[test]
fn a_name_of_a_type_is_unique_in_its_crate() {
    check(&names::shared_types(&sources::all()), "one name, one type");
}

#[test]
fn no_two_files_import_each_other() {
    check(&imports::circles(&sources::all()), "move what both need into a file of its own");
}

#[test]
fn crates_depend_downwards_only() {
    check(&layers::upward_dependencies(), "a lower crate knows no higher one");
}

#[test]
fn sentences_are_plain_english() {
    check(&language::findings(), "say it as you would to a colleague");
}
